package audit_test

import (
	"bytes"
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/audit"
	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// A trail is whole, or Verify names the first line that is not what was written.
func ExampleVerify() {
	at := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	operation := ledger.Operation{
		ID: "download-worker-1", Component: "download-worker", Number: 1, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Events: []ledger.Event{
			{State: ledger.Proposed, At: at, By: scale.Person{ID: "U0ANA", Name: "Ana"}},
			{State: ledger.Approved, At: at.Add(time.Minute), By: scale.Person{ID: "U0BEN", Name: "Ben"}},
		},
	}
	var trail bytes.Buffer
	if _, err := audit.Write(&trail, audit.Records([]ledger.Operation{operation}, audit.Filter{})); err != nil {
		fmt.Println(err)
	}
	seal, err := audit.Verify(bytes.NewReader(trail.Bytes()))
	fmt.Println(seal.Count, "records,", err)

	forged := bytes.Replace(trail.Bytes(), []byte("Ben"), []byte("Eve"), 1)
	_, err = audit.Verify(bytes.NewReader(forged))
	fmt.Println(err)
	// Output:
	// 2 records, <nil>
	// line 2: record 2 does not match its hash: it was changed
}

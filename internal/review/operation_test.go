package review

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestOperationSurvivesJSON(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	st.report(0, nil)
	op, err := st.op.Operation.To(ledger.Event{State: ledger.Proposed, At: scaletest.Start, By: scale.Person{ID: "U0ANA", Name: "Ana"}, Note: "why"})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(op)
	if err != nil {
		t.Fatal(err)
	}
	var back ledger.Operation
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(op, back) {
		again, _ := json.Marshal(back)
		t.Errorf("got %s, want %s", again, raw)
	}
	if len(raw) > 100_000 {
		t.Errorf("got %d bytes for one operation", len(raw))
	}
}

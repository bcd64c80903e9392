package engine

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Each transition is exactly one structured line with both states, and with who did it,
// where and by which delivery (issue 3, audit).
func TestTransitionsAreOneLineEach(t *testing.T) {
	var diary bytes.Buffer
	r := &records{log: slog.New(slog.NewJSONHandler(&diary, nil)), meter: unmetered{}}
	at := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	before := ledger.Operation{ID: "dw-1", Component: "dw", Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}), Events: []ledger.Event{{State: ledger.Proposed, At: at}}}
	after := before.Noted(ledger.Event{
		At: at, Code: scale.RefusedNotOnCall, By: scale.Person{ID: "U0CARL", Name: "Carl", Team: "T1"}, Channel: "C1", TS: "1.0", Key: "click-1",
	})
	after, err := after.To(ledger.Event{State: ledger.Approved, At: at, By: scale.Person{ID: "U0BEN"}, Note: "go"})
	if err != nil {
		t.Fatal(err)
	}
	r.logChange(t.Context(), before, after)
	lines := strings.Split(strings.TrimSpace(diary.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %d lines, want one for each event: %s", len(lines), diary.String())
	}
	for i, want := range []string{
		`"operation":"dw-1","component":"dw","from":"proposed","to":"proposed","kind":"refusal","by":"U0CARL","name":"Carl","team":"T1","code":"not_on_call","note":"","channel":"C1","ts":"1.0","trigger":"click-1"`,
		`"operation":"dw-1","component":"dw","from":"proposed","to":"approved","kind":"transition","by":"U0BEN"`,
	} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d: got %s, want %s", i+1, lines[i], want)
		}
	}
}

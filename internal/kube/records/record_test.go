package records

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// What kubectl describe tells of an event that changed no state is what happened: an
// approval is not a refusal.
func TestTheStoryNamesRemarks(t *testing.T) {
	op := ledger.Operation{Events: []ledger.Event{
		{At: time.Unix(0, 0), Code: ledger.CodeApproval, By: scale.Person{ID: "U0ANA"}},
		{At: time.Unix(0, 0), Code: "not_on_call", By: scale.Person{ID: "U0CARL"}},
		{At: time.Unix(0, 0), Code: ledger.CodeCardLost, By: scale.Person{ID: "scalebot"}, Note: "archived"},
		{At: time.Unix(0, 0), By: scale.Person{ID: "scalebot"}, Note: "by the way"},
	}}
	lines := story(op)
	for i, want := range []string{"one approval by", "refused (not_on_call) by", "card lost by scalebot: archived", "note by scalebot: by the way"} {
		if got, _ := lines[i].(string); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}

// kubectl get names everybody whose approval counted, and nobody before it was complete.
func TestAllApproversAreNamed(t *testing.T) {
	op := ledger.Operation{Approvals: 2, Events: []ledger.Event{{State: ledger.Proposed}, {Code: ledger.CodeApproval, By: scale.Person{ID: "U0ANA", Name: "Ana"}}}}
	if got := approvers(op); got != "" {
		t.Errorf("with one of two: got %q, want nobody", got)
	}
	op.Events = append(op.Events, ledger.Event{State: ledger.Approved, By: scale.Person{ID: "U0BEN", Name: "Ben"}})
	if got := approvers(op); got != "Ana, Ben" {
		t.Errorf("got %q, want Ana and Ben", got)
	}
}

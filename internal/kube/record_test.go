package kube

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// What kubectl describe tells of an event that changed no state is what happened: an
// approval is not a refusal.
func TestTheStoryNamesRemarks(t *testing.T) {
	op := scale.Operation{Events: []scale.Event{
		{At: time.Unix(0, 0), Code: scale.CodeApproval, By: scale.Person{ID: "U0ANA"}},
		{At: time.Unix(0, 0), Code: "not_on_call", By: scale.Person{ID: "U0CARL"}},
	}}
	lines := story(op)
	for i, want := range []string{"one approval by", "refused (not_on_call) by"} {
		if got, _ := lines[i].(string); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}

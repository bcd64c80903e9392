package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// people are not asked for a change that was not recommended.
func TestWhatIsOverdue(t *testing.T) {
	e := ledger.Episode{ActBy: time.Date(2026, 11, 24, 21, 42, 0, 0, time.UTC)}
	for action, want := range map[scale.Action]string{
		scale.ScaleUp:   "Nobody has acted in time: the runbook asked for it by 21:42 UTC.",
		scale.ScaleDown: "Nobody has acted in time",
		scale.Hold:      "the runbook asked to act by 21:42 UTC. No other count is recommended",
	} {
		e.Advice.Action = action
		if got := overdue(e); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", action, got, want)
		}
	}
}

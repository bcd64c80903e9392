package lever

import (
	"testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
)

// The way back is offered while a scale-up hangs: not before the write or after the rollout,
// not for a scale-down, and not as long as pods only take their time.
func TestOnlyAScaleUpThatStandsStillHangs(t *testing.T) {
	for name, tt := range map[string]struct {
		state     ledger.State
		from, to  int
		unstarted int
		want      bool
	}{
		"pods never start":         {ledger.Settling, 6, 12, 6, true},
		"one of them":              {ledger.Settling, 6, 12, 1, true},
		"all do":                   {ledger.Settling, 6, 12, 0, false},
		"not written yet":          {ledger.Proposed, 6, 12, 6, false},
		"over, and watched":        {ledger.Watching, 6, 12, 6, false},
		"fewer, and old pods hang": {ledger.Settling, 12, 9, 3, false},
	} {
		op := ledger.Operation{Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: tt.from, To: tt.to}}), Events: []ledger.Event{{State: tt.state}}}
		op.Steps[0].Rollout.Now.Unstarted = tt.unstarted
		if got := Of(op).Hangs(); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

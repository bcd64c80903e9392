package ledger

import (
	"testing"
)

// The way back is offered while a scale-up hangs: not before the write or after the rollout,
// not for a scale-down, and not as long as pods only take their time.
func TestOnlyAScaleUpThatStandsStillHangs(t *testing.T) {
	for name, tt := range map[string]struct {
		state     State
		from, to  int
		unstarted int
		want      bool
	}{
		"pods never start":         {Settling, 6, 12, 6, true},
		"one of them":              {Settling, 6, 12, 1, true},
		"all do":                   {Settling, 6, 12, 0, false},
		"not written yet":          {Proposed, 6, 12, 6, false},
		"over, and watched":        {Watching, 6, 12, 6, false},
		"fewer, and old pods hang": {Settling, 12, 9, 3, false},
	} {
		op := Operation{Change: Replicas{From: tt.from, To: tt.to}, Events: []Event{{State: tt.state}}}
		op.Rollout.Now.Unstarted = tt.unstarted
		if got := op.Hangs(); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

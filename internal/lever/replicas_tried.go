package lever

import (
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// LastTried finds the last scale-up among the operations of one component, newest first, that was
// judged or will be; nil when there is none.
func LastTried(newestFirst []ledger.Operation) *scale.Tried {
	for _, op := range newestFirst {
		do, ok := op.Change().(change.Replicas)
		if !ok || do.Down() || !op.Written() {
			continue
		}
		t := scale.Tried{Operation: op.ID, From: do.From, To: do.To, Wrote: op.Rollout().WrittenAt}
		for _, r := range op.Reports {
			switch {
			case !r.MadeAt.IsZero():
				t.Verdict, t.Judged, t.Due = r.Verdict, r.MadeAt, time.Time{}
			case r.Pending() && t.Verdict == "" && t.Due.IsZero():
				t.Due = r.Due
			}
		}
		if t.Verdict != "" || op.State() == ledger.Watching && !t.Due.IsZero() {
			return &t
		}
	}
	return nil
}

package ledger

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// LastTried finds among the operations of one component, newest first, the last one that
// added workers and was judged or still will be; nil when there is none.
func LastTried(newestFirst []Operation) *scale.Tried {
	for _, op := range newestFirst {
		if op.Rollout.WrittenAt.IsZero() || op.Change.Down() {
			continue
		}
		t := scale.Tried{Operation: op.ID, From: op.Change.From, To: op.Change.To, Wrote: op.Rollout.WrittenAt}
		for _, r := range op.Reports {
			switch {
			case !r.MadeAt.IsZero():
				t.Verdict, t.Judged, t.Due = r.Verdict, r.MadeAt, time.Time{}
			case r.Pending() && t.Verdict == "" && t.Due.IsZero():
				t.Due = r.Due
			}
		}
		if t.Verdict != "" || op.State() == Watching && !t.Due.IsZero() {
			return &t
		}
	}
	return nil
}

package scale

import (
	"fmt"
	"time"
)

// Tried is the newest scale-up of a component that the past still speaks of: what was
// added, and what came of it so far (decisions B.10, B.11).
type Tried struct {
	Operation string    `json:"operation"`
	From      int       `json:"from"`
	To        int       `json:"to"`
	Wrote     time.Time `json:"wrote"`
	// Verdict is that of the newest report made, at Judged; both are zero while there is
	// none, and Due is when the first one comes.
	Verdict Verdict   `json:"verdict,omitempty"`
	Judged  time.Time `json:"judged,omitzero"`
	Due     time.Time `json:"due,omitzero"`
}

// LastTried finds among the operations of one component, newest first, the last one that
// added workers and was judged or still will be; nil when there is none.
func LastTried(newestFirst []Operation) *Tried {
	for _, op := range newestFirst {
		if op.Rollout.WrittenAt.IsZero() || op.Change.Down() {
			continue
		}
		t := Tried{Operation: op.ID, From: op.Change.From, To: op.Change.To, Wrote: op.Rollout.WrittenAt}
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

// triedVeto: the last workers that were added did not help, or nobody can tell yet. A
// second dose before the verdict on the first is how a useless scale-up becomes two.
func (v view) triedVeto() veto {
	t := v.s.Tried
	if t == nil {
		return veto{}
	}
	what := fmt.Sprintf("%s went from %d to %d", t.Operation, t.From, t.To)
	switch t.Verdict {
	case VerdictIneffective, VerdictHarmful:
		ago := v.s.At.Sub(t.Judged)
		if ago < 0 || ago >= v.p.After.Hold {
			return veto{}
		}
		return veto{
			why: fmt.Sprintf("%s and did not help (%s, judged %s ago): more workers are not advised for another %s",
				what, t.Verdict, Span(ago), Span(v.p.After.Hold-ago)),
			remedies: []string{
				"find what holds the workers up first (R-129): /scale diagnose " + v.c.Name,
				fmt.Sprintf("going back to %d loses nothing", t.From),
			},
		}
	case "":
		if wait := t.Due.Sub(v.s.At); wait > 0 {
			return veto{
				why: fmt.Sprintf("%s %s ago, and whether that helps is judged in %s",
					what, Span(max(0, v.s.At.Sub(t.Wrote))), Span(wait)),
				remedies: []string{"wait for that report before adding more"},
			}
		}
	case VerdictWorked, VerdictGrew, VerdictPartial, VerdictNotApplied, VerdictUndecided, VerdictRegressed, VerdictHolds, VerdictNoBacklog:
	}
	return veto{}
}

// triedRisk is the same as a class of risk: more workers after some that did not help.
func (v view) triedRisk(to int) string {
	t := v.s.Tried
	if to <= v.replicas || t == nil || t.Verdict == "" {
		return ""
	}
	return v.triedVeto().why
}

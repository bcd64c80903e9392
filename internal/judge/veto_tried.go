package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// triedVeto: the last workers that were added did not help, or their effect is not known yet. A
// second scale-up before the verdict on the first may only repeat a useless one.
func (v View) triedVeto() (why string, remedies []string) {
	t := v.Now.Tried
	if t == nil {
		return "", nil
	}
	what := fmt.Sprintf("%s went from %d to %d", t.Operation, t.From, t.To)
	switch t.Verdict {
	case scale.VerdictIneffective, scale.VerdictHarmful:
		ago := v.Now.At.Sub(t.Judged)
		if ago < 0 || ago >= v.Policy.After.Hold {
			return "", nil
		}
		remedies = []string{"find what holds the workers up first (R-129): /scale diagnose " + v.Component.Name}
		if v.Replicas > t.From {
			remedies = append(remedies, fmt.Sprintf("going back to %d loses nothing", t.From))
		}
		return fmt.Sprintf("%s and did not help (%s, judged %s ago): more workers are not advised for another %s",
			what, t.Verdict, scale.Span(ago), scale.Span(v.Policy.After.Hold-ago)), remedies
	case "":
		if wait := t.Due.Sub(v.Now.At); wait > 0 {
			return fmt.Sprintf("%s %s ago, and whether that helps is judged in %s",
				what, scale.Span(max(0, v.Now.At.Sub(t.Wrote))), scale.Span(wait)), []string{"wait for that report before adding more"}
		}
	case scale.VerdictWorked, scale.VerdictGrew, scale.VerdictPartial, scale.VerdictNotApplied, scale.VerdictUndecided, scale.VerdictRegressed, scale.VerdictHolds, scale.VerdictNoBacklog:
	}
	return "", nil
}

func (v View) triedWhy() string {
	why, _ := v.triedVeto()
	return why
}

// triedRisk is the same as a risk class: more workers after some that did not help.
func (v View) triedRisk(to int) string {
	t := v.Now.Tried
	if to <= v.Replicas || t == nil || t.Verdict == "" {
		return ""
	}
	return v.triedWhy()
}

package judge

import (
	"fmt"
	"math"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// Resolve turns a named target into a count for the present state, or refuses. Whether the count
// itself may be proposed is decided by [Refuse].
func Resolve(c scale.Component, p scale.Policy, s scale.Snapshot, advice ledger.Recommendation, t Target) (int, *scale.Refusal) {
	switch t.Kind {
	case TargetExact:
		return t.N, nil
	case TargetMin:
		return c.Lowest(), nil
	case TargetMax:
		return resolveMax(c, s.Current(p.Times.Stale))
	case TargetRecommended:
		return resolveAdvice(c, advice)
	case TargetBy, TargetTimes:
		return resolveRelative(c, s.Current(p.Times.Stale), t)
	}
	return 0, &scale.Refusal{Code: scale.RefusedNotFound, Why: fmt.Sprintf("%q is not a replica count.", t)}
}

// resolveMax is the upper end of the recommended range, or the hard ceiling
// when the runbook recommends none.
func resolveMax(c scale.Component, s scale.Snapshot) (int, *scale.Refusal) {
	share, known := measure.SharingOf(c, s), s.Partitions.Known()
	switch {
	case c.Single != "":
		return 1, nil
	case share.Open && c.High > 0:
		return min(c.High, measure.Highest(c, share)), nil
	case share.Open && c.Max > 0:
		return c.Max, nil
	case share.Open:
		return 0, &scale.Refusal{
			Code: scale.RefusedUnknown, Understood: "scale " + c.Name + " to its maximum",
			Why:  fmt.Sprintf("%s reads with a share group, which partitions do not bound, and the team has set no maximum.", c.Name),
			Next: "Name the count.", Try: "/scale status " + c.Name,
		}
	case c.High > 0 && known:
		return min(c.High, measure.Highest(c, share)), nil
	case c.High > 0:
		return c.High, nil
	case known:
		return measure.Highest(c, share), nil
	}
	return 0, unknownRefusal(c, "the number of partitions is unknown: "+s.Partitions.Why())
}

func resolveAdvice(c scale.Component, advice ledger.Recommendation) (int, *scale.Refusal) {
	if advice.Changes() {
		return advice.To, nil
	}
	r := &scale.Refusal{
		Code:       scale.RefusedUseless,
		Understood: "scale " + c.Name + " to what the runbook recommends",
		Why:        "The runbook recommends no change now.",
		Try:        "/scale why " + c.Name,
	}
	switch {
	case advice.Action == scale.Undecided:
		r.Code = scale.RefusedUnknown
		r.Why = "Too little is known to recommend a number"
		r.Why += because(advice.Reasons)
	case len(advice.Vetoes) > 0:
		r.Why = scale.Sentence("Scaling is not recommended: " + advice.Vetoes[0])
		if len(advice.Remedies) > 0 {
			r.Next = scale.Sentence(advice.Remedies[0])
		}
	case len(advice.Reasons) > 0:
		r.Why = "The runbook recommends no change now" + because(advice.Reasons)
	}
	return 0, r
}

func because(reasons []string) string {
	if len(reasons) == 0 {
		return "."
	}
	return scale.Sentence(": " + reasons[len(reasons)-1])
}

func resolveRelative(c scale.Component, s scale.Snapshot, t Target) (int, *scale.Refusal) {
	w, known := s.Workload.Get()
	if !known {
		return 0, unknownRefusal(c, "how many replicas run now is unknown: "+s.Workload.Why())
	}
	if t.Kind == TargetBy {
		return w.Desired + min(max(t.N, -measure.MaxCount), measure.MaxCount), nil
	}
	if math.IsNaN(t.Factor) || t.Factor <= 0 || t.Factor > measure.MaxCount {
		return 0, &scale.Refusal{
			Code: scale.RefusedNotFound, Understood: "scale " + c.Name + " " + t.String(),
			Why: "The factor has to be a number above 0.", Try: "/scale " + c.Name + " x1.5",
		}
	}
	// The small subtraction keeps floating-point noise from rounding 10 × 1.1 up to 12.
	return int(min(math.Ceil(float64(w.Desired)*t.Factor-1e-9), measure.MaxCount)), nil
}

package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// downFindings are the scale-down triggers.
func (v View) downFindings() []scale.Finding {
	return v.findings(scale.ScaleDown)
}

// quietFinding is R-011: lag under the limit for its whole window. A lag that is only partly
// known is not low. What only waits for the next commit does not count: a busy group that keeps
// up always shows some of that (decision B.1).
func (v View) quietFinding(t Trigger) scale.Finding {
	l := t.limitIn(v.Policy)
	bound := "< " + scale.Whole(l.Value)
	if !v.LagComplete() {
		return t.unclear(bound, v.LagGap(), l)
	}
	floor := v.CommitFloor()
	value := beyondCommits(v.Lag.Total, floor, l.Value)
	if float64(v.Lag.Total)-floor >= l.Value {
		return t.silent(value, bound, l)
	}
	return v.held(t, t.firing(value, bound, l), l, measure.LagOf,
		func(x float64) bool { return x-floor < l.Value })
}

// beyondCommits prints a lag for comparison with a limit. Where the part between commits decides,
// the compared number comes last, next to the limit: "1,206, of which 1,152 are between commits:
// 54".
func beyondCommits(total int64, floor, limit float64) string {
	value := scale.Count(total)
	switch {
	case floor < 1 || float64(total) < limit-floor:
		return value
	case floor >= float64(total):
		return value + ", all of it between commits: 0"
	}
	return value + ", of which " + scale.Whole(floor) + " are between commits: " + scale.BesideWhole(float64(total)-floor, limit)
}

// surplusFinding is R-014: workers beyond the partitions are idle and may be removed at once
// (T-12). The partition count has to come from the broker, so the lag must have been read too.
func (v View) surplusFinding(t Trigger) scale.Finding {
	bound := "> partitions"
	if !v.ReplicasKnown {
		return t.unclear(bound, v.Now.Workload.Why(), scale.Limit{})
	}
	if v.Open {
		return t.silent(fmt.Sprint(v.Replicas), "none: a share group's workers read the same partitions", scale.Limit{})
	}
	if v.Partitions <= 0 || !v.LagKnown || len(v.Lag.Partitions) == 0 {
		return t.unclear(bound, "the live number of partitions is unknown", scale.Limit{})
	}
	value, limit := fmt.Sprint(v.Replicas), "> "+v.Parts(v.Dealt())
	if v.ConsumersEach() > 1 {
		limit = fmt.Sprintf("> %d for %s", v.Ceiling(), v.Parts(v.Dealt()))
	}
	if v.Component.Single != "" || v.Replicas <= v.Ceiling() {
		return t.silent(value, limit, scale.Limit{})
	}
	f := t.firing(value, limit, scale.Limit{Urgency: scale.UrgencyInfo})
	f.Sentence = fmt.Sprintf("%s for %s: %s sit idle → scale down now", v.Named(v.Replicas),
		v.Parts(v.Dealt()), v.IdleText(v.Replicas))
	return f
}

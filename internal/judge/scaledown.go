package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// downFindings are the scale-down triggers.
func (v View) downFindings() []scale.Finding {
	return []scale.Finding{v.quietFinding(), v.idleCPUFinding(), v.idleMemoryFinding(), v.surplusFinding()}
}

// quietFinding is R-011: lag under the limit for its whole window. A lag that is only
// partly known is no low lag. What only waits for the next commit does not count: a busy
// group that keeps up always shows some of that (decision B.1).
func (v View) quietFinding() scale.Finding {
	l := v.Policy.Down.Lag
	bound := "< " + scale.Whole(l.Value)
	if !v.LagComplete() {
		return unclear("R-011", "lag", bound, v.LagGap(), l)
	}
	floor := v.CommitFloor()
	value := beyondCommits(v.Lag.Total, floor, l.Value)
	if float64(v.Lag.Total)-floor >= l.Value {
		return silent("R-011", "lag", value, bound, l)
	}
	return v.held(firing("R-011", "lag", value, bound, l, scale.ScaleDown), l, measure.LagOf,
		func(x float64) bool { return x-floor < l.Value })
}

// beyondCommits prints a lag as it is held against a limit: where what waits for the next
// commit decides, the number that is compared comes last, so that it stands beside the
// limit: "1,206, of which 1,152 are between commits: 54".
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

// idleCPUFinding is R-012 and idleMemoryFinding R-013.
func (v View) idleCPUFinding() scale.Finding {
	return v.usageFinding("R-012", "CPU", v.Policy.Down.CPU, scale.ScaleDown, scale.Usage.CPU, measure.CPUOf)
}

func (v View) idleMemoryFinding() scale.Finding {
	return v.usageFinding("R-013", "memory", v.Policy.Down.Memory, scale.ScaleDown, scale.Usage.Memory, measure.MemoryOf)
}

// surplusFinding is R-014: workers beyond the partitions are idle and may go at once
// (T-12). The count has to come from the broker, so the lag must have been read too.
func (v View) surplusFinding() scale.Finding {
	bound := "> partitions"
	if !v.ReplicasKnown {
		return unclear("R-014", "workers", bound, v.Now.Workload.Why(), scale.Limit{})
	}
	if v.Open {
		return silent("R-014", "workers", fmt.Sprint(v.Replicas), "none: a share group's workers read the same partitions", scale.Limit{})
	}
	if v.Partitions <= 0 || !v.LagKnown || len(v.Lag.Partitions) == 0 {
		return unclear("R-014", "workers", bound, "the live number of partitions is unknown", scale.Limit{})
	}
	value, limit := fmt.Sprint(v.Replicas), "> "+v.Parts(v.Dealt())
	if v.ConsumersEach() > 1 {
		limit = fmt.Sprintf("> %d for %s", v.Ceiling(), v.Parts(v.Dealt()))
	}
	if v.Component.Single != "" || v.Replicas <= v.Ceiling() {
		return silent("R-014", "workers", value, limit, scale.Limit{})
	}
	f := firing("R-014", "workers", value, limit, scale.Limit{Urgency: scale.UrgencyInfo}, scale.ScaleDown)
	f.Sentence = fmt.Sprintf("%s for %s: %s sit idle → scale down now", v.Named(v.Replicas),
		v.Parts(v.Dealt()), v.IdleText(v.Replicas))
	return f
}

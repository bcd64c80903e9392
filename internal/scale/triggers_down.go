package scale

import (
	"fmt"
)

// downFindings are the scale-down triggers.
func (v view) downFindings() []Finding {
	return []Finding{v.quietFinding(), v.idleCPUFinding(), v.idleMemoryFinding(), v.surplusFinding()}
}

// quietFinding is R-011: lag under the limit for its whole window. A lag that is only
// partly known is no low lag. What only waits for the next commit does not count: a busy
// group that keeps up always shows some of that (decision B.1).
func (v view) quietFinding() Finding {
	l := v.p.Down.Lag
	bound := "< " + whole(l.Value)
	if !v.lagComplete() {
		return unclear("R-011", "lag", bound, v.lagGap(), l)
	}
	floor := v.commitFloor()
	value := beyondCommits(v.lag.Total, floor, l.Value)
	if float64(v.lag.Total)-floor >= l.Value {
		return silent("R-011", "lag", value, bound, l)
	}
	return v.held(firing("R-011", "lag", value, bound, l, ScaleDown), l, lagOf,
		func(x float64) bool { return x-floor < l.Value })
}

// beyondCommits prints a lag as it is held against a limit: where what waits for the next
// commit decides, the number that is compared comes last, so that it stands beside the
// limit: "1,206, of which 1,152 are between commits: 54".
func beyondCommits(total int64, floor, limit float64) string {
	value := Count(total)
	switch {
	case floor < 1 || float64(total) < limit-floor:
		return value
	case floor >= float64(total):
		return value + ", all of it between commits: 0"
	}
	return value + ", of which " + whole(floor) + " are between commits: " + besideWhole(float64(total)-floor, limit)
}

// idleCPUFinding is R-012 and idleMemoryFinding R-013.
func (v view) idleCPUFinding() Finding {
	return v.usageFinding("R-012", "CPU", v.p.Down.CPU, ScaleDown, Usage.CPU, cpuOf)
}

func (v view) idleMemoryFinding() Finding {
	return v.usageFinding("R-013", "memory", v.p.Down.Memory, ScaleDown, Usage.Memory, memoryOf)
}

// surplusFinding is R-014: workers beyond the partitions are idle and may go at once
// (T-12). The count has to come from the broker, so the lag must have been read too.
func (v view) surplusFinding() Finding {
	bound := "> partitions"
	if !v.replicasKnown {
		return unclear("R-014", "workers", bound, v.s.Workload.Why(), Limit{})
	}
	if v.open {
		return silent("R-014", "workers", fmt.Sprint(v.replicas), "none: a share group's workers read the same partitions", Limit{})
	}
	if v.partitions <= 0 || !v.lagKnown || len(v.lag.Partitions) == 0 {
		return unclear("R-014", "workers", bound, "the live number of partitions is unknown", Limit{})
	}
	value, limit := fmt.Sprint(v.replicas), "> "+v.parts(v.dealt())
	if v.consumersEach() > 1 {
		limit = fmt.Sprintf("> %d for %s", v.ceiling(), v.parts(v.dealt()))
	}
	if v.c.Single != "" || v.replicas <= v.ceiling() {
		return silent("R-014", "workers", value, limit, Limit{})
	}
	f := firing("R-014", "workers", value, limit, Limit{Urgency: UrgencyInfo}, ScaleDown)
	f.Sentence = fmt.Sprintf("%s for %s: %s sit idle → scale down now", v.named(v.replicas),
		v.parts(v.dealt()), v.idleText(v.replicas))
	return f
}

package judge

import (
	"fmt"
	"math"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// risks are all risk classes of the change to the given count, whatever the policy.
func (v View) risks(advice ledger.Recommendation, to int) []scale.Risk {
	var out []scale.Risk
	add := func(class scale.RiskClass, why string) {
		if why != "" {
			out = append(out, scale.Risk{Class: class, Why: why})
		}
	}
	switch {
	case v.underMinimum(to) != "":
		add(scale.RiskBelowMinimum, v.underMinimum(to))
	case v.outside(to) && to < v.Replicas:
		add(scale.RiskBelowRecommended, fmt.Sprintf("%d is below the recommended %s", to, scale.Range(v.Component.Low, v.Component.High)))
	case v.outside(to):
		add(scale.RiskAboveRecommended, fmt.Sprintf("%d is above the recommended %s", to, scale.Range(v.Component.Low, v.Component.High)))
	}
	add(scale.RiskLarge, v.largeStep(advice, to))
	add(scale.RiskDownUnderLoad, v.downUnderLoad(to))
	add(scale.RiskPartitions, v.unverifiedPartitions(to))
	add(scale.RiskAgain, v.triedRisk(to))
	add(scale.RiskRoom, v.RoomVeto(to))
	return out
}

func (v View) underMinimum(to int) string {
	if to >= v.Component.Lowest() || to >= v.Replicas {
		// A scale-up from below the minimum does not override it again.
		return ""
	}
	return fmt.Sprintf("%d is below the hard minimum of %d (R-055)", to, v.Component.Lowest())
}

// largeStep reports a change beyond the usual size, unless the runbook itself recommends it: its
// recommendation at 3 a.m. must not wait for a second person.
func (v View) largeStep(advice ledger.Recommendation, to int) string {
	if v.asked(advice, to) || v.TakesUnstarted(to) {
		return ""
	}
	if v.Replicas <= 0 {
		return fmt.Sprintf("it starts from %d, so that any change is a large one", v.Replicas)
	}
	share := math.Abs(float64(to-v.Replicas)) / float64(v.Replicas)
	if share <= v.Policy.Sizing.LargeChange {
		return ""
	}
	return fmt.Sprintf("it changes the count by %s, more than %s, and the runbook does not ask for that",
		scale.Percent(share), scale.Percent(v.Policy.Sizing.LargeChange))
}

// asked reports whether the runbook recommends going at least as far as the count; for more
// workers, up to the upper end of its rule of thumb.
func (v View) asked(advice ledger.Recommendation, to int) bool {
	switch {
	case !advice.Changes():
		return false
	case advice.Action == scale.ScaleUp:
		return to > v.Replicas && to <= max(advice.To, advice.RunbookHigh)
	default:
		return to < v.Replicas && to >= advice.To
	}
}

// downUnderLoad reports that workers are removed while they may be needed: unknown lag is not low
// lag.
func (v View) downUnderLoad(to int) string {
	switch {
	case to >= v.Replicas || v.TakesUnstarted(to):
		return ""
	case !v.LagComplete():
		return "workers are taken away while the lag is not known"
	case v.busyNow():
		trend, change := v.Trend()
		return fmt.Sprintf("workers are taken away while lag is %s and %s", scale.Count(v.Lag.Total), measure.TrendSentence(trend, change))
	}
	return ""
}

func (v View) unverifiedPartitions(to int) string {
	if to <= v.Replicas || v.Open || v.Now.Partitions.Known() && v.Now.Partitions.Source == scale.Broker {
		return ""
	}
	return "the number of partitions, which bounds the count, does not come from the broker"
}

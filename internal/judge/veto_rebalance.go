package judge

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// rebalanceExcuse explains lag that a rebalance of the last minutes accounts for; empty
// when it does not. Only lag on top of a quiet state is excused.
func (v View) rebalanceExcuse() string {
	group, known := v.Now.Group.Get()
	if !known || !v.RatesKnown {
		return ""
	}
	pause, began := v.pause(group)
	if pause <= 0 || v.Now.At.Sub(began) > afterMembership {
		return ""
	}
	before := v.LagBefore(began)
	allowance := allowedRebalance * v.Rates.Arrival * pause.Seconds()
	if scale.IsMissing(before) || before > v.Policy.Up.Lag.Value || float64(v.Lag.Total) > before+allowance {
		return ""
	}
	return fmt.Sprintf("lag %s > %s, but the rebalance of %s that began %s ago accounts for up to %s at %s",
		scale.Count(v.Lag.Total), scale.Whole(v.Policy.Up.Lag.Value), scale.Span(pause), scale.Span(v.Now.At.Sub(began)),
		scale.Whole(before+allowance), scale.PerSecond(v.Rates.Arrival))
}

// pause is how long consumption stopped in the newest rebalance, and when it began. It is never
// longer than the time from which a rebalance counts as too long.
func (v View) pause(g scale.Group) (time.Duration, time.Time) {
	longest := v.Policy.Rollout.RebalanceLate
	if g.State.Rebalancing() && !g.RebalancingSince.IsZero() {
		return min(v.Now.At.Sub(g.RebalancingSince), longest), g.RebalancingSince
	}
	if g.LastRebalanceAt.IsZero() {
		return 0, time.Time{}
	}
	pause := g.LastRebalance
	if pause <= 0 {
		pause = v.Policy.Sizing.Rebalance
	}
	return min(pause, longest), g.LastRebalanceAt.Add(-g.LastRebalance)
}

// LagBefore is the last known lag before a moment.
func (v View) LagBefore(t time.Time) float64 {
	earlier := measure.Until(v.Past, t)
	for i := len(earlier) - 1; i >= 0; i-- {
		if !scale.IsMissing(earlier[i].Lag) {
			return earlier[i].Lag
		}
	}
	return scale.Missing
}

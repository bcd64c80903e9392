package scale

import (
	"fmt"
	"time"
)

// rebalanceExcuse explains lag that a rebalance of the last minutes accounts for; empty
// when it does not. Only lag on top of a quiet state is excused.
func (v view) rebalanceExcuse() string {
	group, known := v.s.Group.Get()
	if !known || !v.ratesKnown {
		return ""
	}
	pause, began := v.pause(group)
	if pause <= 0 || v.s.At.Sub(began) > afterMembership {
		return ""
	}
	before := v.lagBefore(began)
	allowance := allowedRebalance * v.rates.Arrival * pause.Seconds()
	if IsMissing(before) || before > v.p.Up.Lag.Value || float64(v.lag.Total) > before+allowance {
		return ""
	}
	return fmt.Sprintf("lag %s > %s, but the rebalance of %s that began %s ago accounts for up to %s at %s",
		Count(v.lag.Total), whole(v.p.Up.Lag.Value), Span(pause), Span(v.s.At.Sub(began)),
		whole(before+allowance), PerSecond(v.rates.Arrival))
}

// pause is how long consumption stood still in the newest rebalance, and when it
// began; at most the time from which a rebalance counts as too long.
func (v view) pause(g Group) (time.Duration, time.Time) {
	longest := v.p.Rollout.RebalanceLate
	if g.State.Rebalancing() && !g.RebalancingSince.IsZero() {
		return min(v.s.At.Sub(g.RebalancingSince), longest), g.RebalancingSince
	}
	if g.LastRebalanceAt.IsZero() {
		return 0, time.Time{}
	}
	pause := g.LastRebalance
	if pause <= 0 {
		pause = v.p.Sizing.Rebalance
	}
	return min(pause, longest), g.LastRebalanceAt.Add(-g.LastRebalance)
}

// lagBefore is the last known lag before a moment.
func (v view) lagBefore(t time.Time) float64 {
	earlier := until(v.past, t)
	for i := len(earlier) - 1; i >= 0; i-- {
		if !IsMissing(earlier[i].Lag) {
			return earlier[i].Lag
		}
	}
	return Missing
}

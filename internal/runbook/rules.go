package runbook

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// checkPolicy reports settings that contradict each other or would keep a rule from
// ever firing.
func checkPolicy(l *layer, p scale.Policy) {
	checkRules(l, p)
	checkSizing(l, p)
	checkTimes(l, p)
}

func checkRules(l *layer, p scale.Policy) {
	up, down := p.Up, p.Down
	l.require(down.Lag.Value < up.Lag.Value,
		"lag low enough to scale down must be under the lag that scales up, or both rules hold at once",
		"scaleDown.lag.below", "scaleUp.lag.above")
	l.require(down.CPU.Value < up.CPU.Value,
		"CPU low enough to scale down must be under the CPU that scales up, or both rules hold at once",
		"scaleDown.cpu.below", "scaleUp.cpu.above")
	l.require(down.Memory.Value < up.Memory.Value,
		"memory low enough to scale down must be under the memory that scales up, or both rules hold at once",
		"scaleDown.memory.below", "scaleUp.memory.above")
	l.require(up.CPU.Value < 1, "CPU never passes its limit, so this rule would never fire", "scaleUp.cpu.above")
	l.require(up.Memory.Value < 1, "memory never passes its limit, so this rule would never fire", "scaleUp.memory.above")
	l.require(up.Errors.Value < 1, "an error share is never above 100%, so this rule would never fire", "scaleUp.timeoutErrors.above")
	l.require(p.After.LagGood <= p.After.LagLow, "good lag must not be above low lag", "after.goodLag", "after.lowLag")
	l.require(p.Alert.CloseShare < 1,
		"an alert that closes at the limit that opens it would flap; want less than 100%", "alert.closeShare")
}

func checkSizing(l *layer, p scale.Policy) {
	z := p.Sizing
	l.require(z.MinPerWorker <= z.MaxPerWorker,
		"the least partitions per worker must not be above the most", "sizing.minPerWorker", "sizing.maxPerWorker")
	l.require(z.HighLagPerWorker >= z.MinPerWorker && z.HighLagPerWorker <= z.MaxPerWorker,
		"want it between minPerWorker and maxPerWorker", "sizing.highLagPerWorker", "sizing.minPerWorker", "sizing.maxPerWorker")
	l.require(p.Rollout.Deadline >= z.PodStart+z.Rebalance,
		"the deadline must leave time for pods to start and the group to rebalance",
		"rollout.deadline", "sizing.podStart", "sizing.rebalance")
	l.require(len(p.Rollout.RevertChecks) > 0, "want at least one time", "rollout.revertChecks")
	l.require(len(p.Alert.Snoozes) > 0 && len(p.Alert.Snoozes) <= mostSnoozes, "want one to four lengths", "alert.snoozes")
}

// mostSnoozes is what fits into the menu of an alert card.
const mostSnoozes = 4

// reports is the number of parts the runbook's checklist after a change has.
const reports = 3

func checkTimes(l *layer, p scale.Policy) {
	t := p.Times
	l.require(t.Live <= t.Sample, "the interval during a change must not be longer than the ordinary one", "times.live", "times.sample")
	l.require(t.Gap >= t.Sample, "a gap shorter than the sampling interval would leave every window unfilled, and no sustained rule would ever fire",
		"times.gap", "times.sample")
	l.require(t.Stale >= t.Sample, "readings would be stale before the next one comes, and no rule would ever fire", "times.stale", "times.sample")
	l.require(t.RateWindow >= 2*t.Sample, "a rate needs at least two samples; want twice the sampling interval or more",
		"times.rateWindow", "times.sample")
	l.require(t.CriticalExpiry <= t.Expiry, "a critical proposal must not wait longer than an ordinary one (T-34)", "times.criticalExpiry", "times.expiry")
	l.require(len(t.Horizons) == reports, "want three times, one for each part of the checklist", "times.reports")
	l.require(p.LongestWindow() <= mostSamples*t.Sample, "the longest window of the rules would not fit into the history of "+scale.Count(mostSamples)+" samples",
		"times.sample", "scaleDown.cpu.for", "scaleDown.memory.for", "scaleDown.lag.for", "scaleUp.cpu.for", "scaleUp.memory.for",
		"scaleUp.lag.for", "scaleUp.latency.for", "scaleUp.timeoutErrors.for", "scaleUp.throughput.for")
}

// mostSamples bounds the history of one component.
const mostSamples = 6_000

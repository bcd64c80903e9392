package runbook

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scalebot/scalebot/internal/judge"
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
	for _, t := range judge.Triggers() {
		if t.Limit != nil {
			checkTrigger(l, p, t)
		}
	}
	l.require(p.After.LagGood <= p.After.LagLow, "good lag must not be above low lag", "after.goodLag", "after.lowLag")
	l.require(p.Alert.CloseShare < 1,
		"an alert that closes at the limit that opens it would flap; want less than 100%", "alert.closeShare")
}

// checkTrigger reports a row that would never fire, and a row that could hold together with the
// row for the opposite advice.
func checkTrigger(l *layer, p scale.Policy, t judge.Trigger) {
	limit, bound := t.Limit(&p).Value, t.Setting.Path(t.Setting.Bound)
	if t.Setting.Whole != "" {
		l.require(limit < 1, t.Setting.Whole+", so this rule would never fire", bound)
	}
	up, there := opposite(t)
	if t.Advises != scale.ScaleDown || !there {
		return
	}
	l.require(limit < up.Limit(&p).Value,
		fmt.Sprintf("%[1]s low enough to scale down must be under the %[1]s that scales up, or both rules hold at once", t.Metric),
		bound, up.Setting.Path(up.Setting.Bound))
}

// opposite is the trigger that judges the same value and advises the opposite.
func opposite(t judge.Trigger) (judge.Trigger, bool) {
	for _, other := range judge.Triggers() {
		if other.Limit != nil && other.Metric == t.Metric && other.Advises != t.Advises {
			return other, true
		}
	}
	return judge.Trigger{}, false
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

func checkTimes(l *layer, p scale.Policy) {
	t := p.Times
	l.require(t.Live <= t.Sample, "the interval during a change must not be longer than the ordinary one", "times.live", "times.sample")
	l.require(t.Gap >= t.Sample, "a gap shorter than the sampling interval would leave every window unfilled, and no sustained rule would ever fire",
		"times.gap", "times.sample")
	l.require(t.Stale >= t.Sample, "readings would be stale before the next one comes, and no rule would ever fire", "times.stale", "times.sample")
	l.require(t.RateWindow >= 2*t.Sample, "a rate needs at least two samples; want twice the sampling interval or more",
		"times.rateWindow", "times.sample")
	l.require(t.CriticalExpiry <= t.Expiry, "a critical proposal must not wait longer than an ordinary one (T-34)", "times.criticalExpiry", "times.expiry")
	l.require(len(t.Horizons) > 0 && len(t.Horizons) <= mostReports, fmt.Sprintf("want one to %d times", mostReports), "times.reports")
	l.require(judge.LongestWindow(p) <= mostSamples*t.Sample, "the longest window of the rules would not fit into the history of "+scale.Count(mostSamples)+" samples",
		append([]string{"times.sample"}, windows(p)...)...)
}

// windows are the settings of how long a trigger must hold, the longest first.
func windows(p scale.Policy) []string {
	rows := slices.DeleteFunc(judge.Triggers(), func(t judge.Trigger) bool { return t.Limit == nil })
	slices.SortStableFunc(rows, func(a, b judge.Trigger) int { return cmp.Compare(b.Limit(&p).For, a.Limit(&p).For) })
	var settings []string
	for _, t := range rows {
		settings = append(settings, t.Setting.Path("for"))
	}
	return settings
}

// mostReports bounds the reports of a change: each is a message in the thread.
const mostReports = 12

// mostSamples bounds the history of one component.
const mostSamples = 6_000

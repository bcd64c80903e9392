package review

import (
	"fmt"
	"math"
	"strings"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// podsCheck is R-114 with R-036: all pods run and are ready; it names those that are not.
func (f followup) podsCheck(check scale.Check) scale.Check {
	source := scale.From(f.Now.Workload, f.Now.At)
	w, known := f.Now.Workload.Get()
	if !known {
		return judge.Lacking(check, f.Now.Workload.Why(), source)
	}
	check.Source, check.After = source, fmt.Sprintf("%d/%d ready", w.ReadyPods(), w.Desired)
	if before, ok := f.prior.Workload.Get(); ok {
		check.Before = fmt.Sprintf("%d/%d ready", before.ReadyPods(), before.Desired)
	}
	waiting := waitingPods(w)
	switch {
	case w.Desired != f.op.To:
		check.Result = scale.Fail
		check.Note = fmt.Sprintf("%d are wanted now, not %d%s", w.Desired, f.op.To, ByWhom(w))
	case waiting != "" || w.ReadyPods() < f.op.To:
		check.Result, check.Note = scale.Fail, waiting
	case w.Rolling:
		check.Result, check.Note = scale.Warn, "a rollout is in progress, counted are the new pods (T-37)"
	}
	return check
}

// rebalanceCheck is R-115 with R-037: the group is stable, every pod consumes, every
// partition has an owner and the spread is even.
func (f followup) rebalanceCheck(check scale.Check) scale.Check {
	check = f.SpreadCheck(check, f.Policy.After.Spread)
	if before, ok := measure.ConsumersOf(f.Component, f.prior).Get(); ok {
		s := before.Spread()
		check.Before = fmt.Sprintf("%s, %s each", scale.Several(s.Readers, "member"), scale.Range(s.Least, s.Most))
	}
	consumers, known := f.ConsumersNow.Get()
	if known && consumers.State.Rebalancing() {
		check.Result, check.Note = scale.Fail, "the group still hands out partitions"
	}
	if known && check.Result == scale.Pass {
		check.Result, check.Note = f.judgePresence(consumers)
	}
	if took := f.op.Rollout().StableAt.Sub(f.op.Rollout().RebalanceAt); known && check.Result == scale.Pass && !f.op.Rollout().RebalanceAt.IsZero() && took > 0 {
		check.Note = "took " + scale.Span(took)
	}
	return check
}

// judgePresence compares the members with the pods. A pod without a consumer does no work (T-36),
// and other members that read the same topics take a share of the partitions.
func (f followup) judgePresence(c measure.Consumers) (scale.Result, string) {
	to := f.op.To
	without, short := c.Lacking(1), c.Lacking(f.ConsumersEach())
	gone := c.ForTheGone(f.op.From, f.op.To, f.ConsumersEach())
	switch {
	case gone != "":
		return scale.Fail, gone
	case len(without) > 0:
		return scale.Fail, fmt.Sprintf("without a consumer in the group (T-36): %s%s", scale.List(measure.PodNames(without), 3), c.OthersClause())
	case !c.Matched && len(c.Own) < to:
		return scale.Fail, fmt.Sprintf("%s for %s (T-36)", scale.Several(len(c.Own), "member"), scale.Several(to, "pod"))
	case !c.Matched && !c.Present(to, f.ConsumersEach()):
		return scale.Warn, fmt.Sprintf("%s for %s: somebody else consumes in the group", scale.Several(len(c.Own), "member"), scale.Several(to, "pod"))
	case len(short) > 0:
		return scale.Warn, fmt.Sprintf("fewer than %s in %s", scale.Several(f.ConsumersEach(), "consumer"), scale.List(measure.PodNames(short), 3))
	case len(c.Elsewhere) > 0 || len(c.Leaving) > 0:
		return scale.Warn, strings.TrimPrefix(c.OthersClause()+c.LeavingClause(), "; ")
	}
	return scale.Pass, ""
}

// errorSpikeCheck is R-116: a spike is more than twice the rate before, and more than a
// floor (T-27).
func (f followup) errorSpikeCheck(check scale.Check) scale.Check {
	source := scale.From(f.Now.Signals.Errors, f.Now.At)
	rate, known := f.Now.Signals.Errors.Get()
	if !known {
		return judge.Lacking(check, f.Now.Signals.Errors.Why(), source)
	}
	check.Source, check.After = source, scale.Percent(rate.Share)
	before, had := f.errorsBefore()
	if had {
		check.Before = scale.Percent(before)
	}
	switch {
	case rate.Share <= f.Policy.After.ErrorFloor:
	case !had:
		check.Result, check.Note = scale.ResultUnsure, "the error rate before the change is unknown"
	case rate.Share > f.Policy.After.ErrorSpike*before:
		check.Result, check.Note = scale.Fail, judge.KindsOf(rate)
	default:
		check.Result, check.Note = scale.Warn, fmt.Sprintf("high, but not more than %g times the rate before", f.Policy.After.ErrorSpike)
		if rate.Share <= before {
			check.Note = "high, but not higher than before"
		}
	}
	return check
}

// errorsBefore is the mean error share of the 15 minutes before the write, else the one
// on the card.
func (f followup) errorsBefore() (float64, bool) {
	sum, n := 0.0, 0
	for _, p := range f.before() {
		if share := float64(p.Errors); !scale.IsMissing(share) {
			sum, n = sum+share, n+1
		}
	}
	if n > 0 {
		return sum / float64(n), true
	}
	rate, ok := f.prior.Signals.Errors.Get()
	return rate.Share, ok
}

// trendCheck is: the trend since the rebalance ended, not compared with the lag
// at the write, because the rebalance itself may raise that (T-25). After a scale-down it is
// lag has to stay low.
func (f followup) trendCheck(check scale.Check) scale.Check {
	check.Source = scale.From(f.Now.Lag, f.Now.At)
	if !f.LagKnown {
		return judge.Lacking(check, f.Now.Lag.Why(), check.Source)
	}
	trend, change := measure.TrendOf(f.after(), f.Policy)
	check.After = f.LagRead() + ", " + measure.TrendSentence(trend, change)
	if then := f.lagThen(); !scale.IsMissing(then) {
		check.Before = scale.Whole(then)
		if f.op.Plan.Trend != "" {
			check.Before += ", " + measure.TrendSentence(f.op.Plan.Trend, f.op.Plan.Slope)
		}
	}
	check.Result, check.Note = f.judgeTrend(trend)
	if check.Note == "" && float64(f.Lag.Total) > f.lagThen() {
		check.Note = "more than at the write, and falls since the rebalance"
	}
	return check
}

func (f followup) judgeTrend(trend scale.Trend) (scale.Result, string) {
	switch {
	case !f.LagComplete():
		return scale.ResultUnsure, f.LagGap()
	case f.low():
		return scale.Pass, "lag is low"
	case f.idle():
		return scale.Pass, "lag is low: " + f.betweenWords()
	case trend == scale.TrendUnknown:
		return scale.ResultUnsure, "too little has been seen since the rebalance"
	case trend == scale.Falling && !f.op.Down():
		return scale.Pass, ""
	case trend == scale.Steady:
		return scale.Warn, "neither better nor worse"
	case trend == scale.Falling:
		return scale.Warn, "lag is not low, but falls"
	}
	return scale.Fail, "lag rises"
}

// consumptionCheck is R-044: consumption went up, or keeps up with what arrives.
func (f followup) consumptionCheck(check scale.Check) scale.Check {
	source := scale.From(f.Now.Rates, f.Now.At)
	if !f.RatesKnown {
		return judge.Lacking(check, f.Now.Rates.Why(), source)
	}
	check.Source, check.After = source, scale.PerSecond(f.Rates.Consumption)
	before, had := f.prior.Rates.Get()
	if had {
		check.Before = scale.PerSecond(before.Consumption)
	}
	arrives := scale.PerSecond(f.MovingArrival()) + f.Beside(" without ")
	switch {
	case f.handlesArrivals():
		check.Note = "keeps up with arrivals of " + arrives
	case !had:
		check.Result, check.Note = scale.ResultUnsure, "the rate before the change is unknown"
	case f.Rates.Consumption <= before.Consumption && !f.op.Down():
		check.Result, check.Note = scale.Fail, "not higher than before, while "+arrives+" arrive"
	default:
		check.Result, check.Note = scale.Warn, "less than the "+arrives+" that arrive"
	}
	return check
}

// writesCheck is R-047, for components that name a metric of writes.
func (f followup) writesCheck(check scale.Check) scale.Check {
	source := scale.From(f.Now.Signals.Writes, f.Now.At)
	now, known := f.Now.Signals.Writes.Get()
	if !known {
		return judge.Lacking(check, f.Now.Signals.Writes.Why(), source)
	}
	check.Source, check.After = source, f.Now.Signals.Writes.Words(perSecond(now))
	before, had := f.prior.Signals.Writes.Get()
	switch {
	case !had:
		check.Result, check.Note = scale.ResultUnsure, "the rate before the change is unknown"
	case now < before*f.Policy.After.KeptUp && f.Now.Signals.Writes.AtLeast:
		check.Result, check.Before, check.Note = scale.ResultUnsure, perSecond(before), f.Now.Signals.Writes.Note
	case now < before*f.Policy.After.KeptUp && !f.op.Down():
		check.Result, check.Before = scale.Warn, perSecond(before)
	default:
		check.Before = perSecond(before)
	}
	return check
}

func perSecond(rate float64) string {
	if rate >= 10 || rate == math.Trunc(rate) {
		return scale.Whole(rate) + "/s"
	}
	return fmt.Sprintf("%.1f/s", rate)
}

// downstreamChecks is T-35: the backlog must not have moved to the downstream components.
func (f followup) downstreamChecks(row scale.Check) []scale.Check {
	var checks []scale.Check
	for _, name := range f.Component.Downstream {
		reading := f.Now.Downstream[name].CurrentAt(f.Now.At, f.Stale())
		check := row
		check.Name, check.Source = "lag of "+name+" behind it", scale.From(reading, f.Now.At)
		lag, known := reading.Get()
		if !known {
			checks = append(checks, judge.Lacking(check, reading.Why(), check.Source))
			continue
		}
		check.After = scale.Count(lag)
		before, had := f.prior.Downstream[name].Get()
		if had {
			check.Before = scale.Count(before)
		}
		if float64(lag) > f.Policy.Up.Lag.Value && (!had || lag > before) {
			check.Result, check.Note = scale.Warn, "the backlog moves there"
		}
		checks = append(checks, check)
	}
	return checks
}

package scale

import (
	"fmt"
	"math"
	"strings"
)

// checks are the runbook's lists: 5 min, 15 min and 1 h after the write.
func (f followup) checks(at stage) []Check {
	switch at {
	case atOnce:
		checks := []Check{f.podsCheck(), f.rebalanceCheck(), f.errorSpikeCheck(), f.trendCheck(), f.consumptionCheck()}
		return append(append(checks, f.writesCheck()...), f.downstreamChecks()...)
	case soonAfter:
		checks := []Check{f.lag15Check(), f.limitsCheck(), f.latencyCheck(), f.breakerCheck()}
		return append(checks, f.downstreamChecks()...)
	case inTheEnd:
	}
	return []Check{f.lowLagCheck(), f.errorsCheck(), f.restartsCheck(), f.throughputCheck()}
}

// podsCheck is R-114 with R-036: all pods run and are ready, or which are not.
func (f followup) podsCheck() Check {
	const rule, name = "R-114", "all pods running"
	source := from(f.s.Workload, f.s.At)
	w, known := f.s.Workload.Get()
	if !known {
		return lacking(rule, name, f.s.Workload.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source,
		After: fmt.Sprintf("%d/%d ready", w.readyPods(), w.Desired)}
	if before, ok := f.prior.Workload.Get(); ok {
		check.Before = fmt.Sprintf("%d/%d ready", before.readyPods(), before.Desired)
	}
	waiting := waitingPods(w)
	switch {
	case w.Desired != f.op.Change.To:
		check.Result = Fail
		check.Note = fmt.Sprintf("%d are wanted now, not %d%s", w.Desired, f.op.Change.To, byWhom(w))
	case waiting != "" || w.readyPods() < f.op.Change.To:
		check.Result, check.Note = Fail, waiting
	case w.Rolling:
		check.Result, check.Note = Warn, "a rollout is in progress, counted are the new pods (T-37)"
	}
	return check
}

// rebalanceCheck is R-115 with R-037: the group is stable, every pod consumes, every
// partition has an owner and the spread is even.
func (f followup) rebalanceCheck() Check {
	check := f.spreadCheck("R-115", f.p.After.Spread)
	check.Name = "rebalance finished, partitions spread"
	if before, ok := ConsumersOf(f.c, f.prior).Get(); ok {
		s := before.Spread()
		check.Before = fmt.Sprintf("%s, %s each", several(s.Readers, "member"), span(s.Least, s.Most))
	}
	consumers, known := f.consumersNow.Get()
	if known && consumers.State.Rebalancing() {
		check.Result, check.Note = Fail, "the group still hands out partitions"
	}
	if known && check.Result == Pass {
		check.Result, check.Note = f.judgePresence(consumers)
	}
	if took := f.op.Rollout.StableAt.Sub(f.op.Rollout.RebalanceAt); known && check.Result == Pass && !f.op.Rollout.RebalanceAt.IsZero() && took > 0 {
		check.Note = "took " + Span(took)
	}
	return check
}

// judgePresence compares the members with the pods: a pod without a consumer is no worker
// (T-36), and others that read the same topics take their share of them.
func (f followup) judgePresence(c Consumers) (Result, string) {
	to := f.op.Change.To
	without, short := c.lacking(1), c.lacking(f.consumersEach())
	gone := c.forTheGone(f.op.Change, f.consumersEach())
	switch {
	case gone != "":
		return Fail, gone
	case len(without) > 0:
		return Fail, fmt.Sprintf("without a consumer in the group (T-36): %s%s", list(podNames(without), 3), c.others())
	case !c.Matched && len(c.Own) < to:
		return Fail, fmt.Sprintf("%s for %s (T-36)", several(len(c.Own), "member"), several(to, "pod"))
	case !c.Matched && !c.present(to, f.consumersEach()):
		return Warn, fmt.Sprintf("%s for %s: somebody else consumes in the group", several(len(c.Own), "member"), several(to, "pod"))
	case len(short) > 0:
		return Warn, fmt.Sprintf("fewer than %s in %s", several(f.consumersEach(), "consumer"), list(podNames(short), 3))
	case len(c.Elsewhere) > 0 || len(c.Leaving) > 0:
		return Warn, strings.TrimPrefix(c.others()+c.leaving(), "; ")
	}
	return Pass, ""
}

// errorSpikeCheck is R-116: a spike is more than twice the rate before, and more than a
// floor (T-27).
func (f followup) errorSpikeCheck() Check {
	const rule, name = "R-116", "no error spike"
	source := from(f.s.Signals.Errors, f.s.At)
	rate, known := f.s.Signals.Errors.Get()
	if !known {
		return lacking(rule, name, f.s.Signals.Errors.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source, After: Percent(rate.Share)}
	before, had := f.errorsBefore()
	if had {
		check.Before = Percent(before)
	}
	switch {
	case rate.Share <= f.p.After.ErrorFloor:
	case !had:
		check.Result, check.Note = ResultUnsure, "the error rate before the change is unknown"
	case rate.Share > f.p.After.ErrorSpike*before:
		check.Result, check.Note = Fail, kindsOf(rate)
	default:
		check.Result, check.Note = Warn, fmt.Sprintf("high, but not more than %g times the rate before", f.p.After.ErrorSpike)
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
		if share := float64(p.Errors); !IsMissing(share) {
			sum, n = sum+share, n+1
		}
	}
	if n > 0 {
		return sum / float64(n), true
	}
	rate, ok := f.prior.Signals.Errors.Get()
	return rate.Share, ok
}

// trendCheck is: the trend since the rebalance ended, not against the
// start value, which the rebalance itself may exceed (T-25). After a scale-down it is
// lag has to stay low.
func (f followup) trendCheck() Check {
	check := Check{Rule: "R-117", Name: "lag trend", Result: Pass, Source: from(f.s.Lag, f.s.At)}
	if f.op.Change.Down() {
		check.Rule, check.Name = "R-053", "lag stays low"
	}
	if !f.lagKnown {
		return lacking(check.Rule, check.Name, f.s.Lag.Why(), check.Source)
	}
	trend, change := trendOf(f.after(), f.p)
	check.After = f.lagRead() + ", " + trendSentence(trend, change)
	if then := f.lagThen(); !IsMissing(then) {
		check.Before = whole(then)
		if f.op.Plan.Trend != "" {
			check.Before += ", " + trendSentence(f.op.Plan.Trend, f.op.Plan.Slope)
		}
	}
	check.Result, check.Note = f.judgeTrend(trend)
	if check.Note == "" && float64(f.lag.Total) > f.lagThen() {
		check.Note = "more than at the write, and falls since the rebalance"
	}
	return check
}

func (f followup) judgeTrend(trend Trend) (Result, string) {
	switch {
	case !f.lagComplete():
		return ResultUnsure, f.lagGap()
	case f.low():
		return Pass, "lag is low"
	case f.idle():
		return Pass, "lag is low: " + f.betweenWords()
	case trend == TrendUnknown:
		return ResultUnsure, "too little has been seen since the rebalance"
	case trend == Falling && !f.op.Change.Down():
		return Pass, ""
	case trend == Steady:
		return Warn, "neither better nor worse"
	case trend == Falling:
		return Warn, "lag is not low, but falls"
	}
	return Fail, "lag rises"
}

// consumptionCheck is R-044: consumption went up, or keeps up with what arrives.
func (f followup) consumptionCheck() Check {
	const rule, name = "R-044", "consumption rate"
	source := from(f.s.Rates, f.s.At)
	if !f.ratesKnown {
		return lacking(rule, name, f.s.Rates.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source, After: PerSecond(f.rates.Consumption)}
	before, had := f.prior.Rates.Get()
	if had {
		check.Before = PerSecond(before.Consumption)
	}
	arrives := PerSecond(f.movingArrival()) + f.beside(" without ")
	switch {
	case f.handlesArrivals():
		check.Note = "keeps up with arrivals of " + arrives
	case !had:
		check.Result, check.Note = ResultUnsure, "the rate before the change is unknown"
	case f.rates.Consumption <= before.Consumption && !f.op.Change.Down():
		check.Result, check.Note = Fail, "not higher than before, while "+arrives+" arrive"
	default:
		check.Result, check.Note = Warn, "less than the "+arrives+" that arrive"
	}
	return check
}

// writesCheck is R-047, for components that name a metric of writes.
func (f followup) writesCheck() []Check {
	if !f.c.Metrics.Writes.Configured() {
		return nil
	}
	const rule, name = "R-047", "write rate"
	source := from(f.s.Signals.Writes, f.s.At)
	now, known := f.s.Signals.Writes.Get()
	if !known {
		return []Check{lacking(rule, name, f.s.Signals.Writes.Why(), source)}
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source, After: f.s.Signals.Writes.Words(perSecond(now))}
	before, had := f.prior.Signals.Writes.Get()
	switch {
	case !had:
		check.Result, check.Note = ResultUnsure, "the rate before the change is unknown"
	case now < before*f.p.After.KeptUp && f.s.Signals.Writes.AtLeast:
		check.Result, check.Before, check.Note = ResultUnsure, perSecond(before), f.s.Signals.Writes.Note
	case now < before*f.p.After.KeptUp && !f.op.Change.Down():
		check.Result, check.Before = Warn, perSecond(before)
	default:
		check.Before = perSecond(before)
	}
	return []Check{check}
}

func perSecond(rate float64) string {
	if rate >= 10 || rate == math.Trunc(rate) {
		return whole(rate) + "/s"
	}
	return fmt.Sprintf("%.1f/s", rate)
}

// downstreamChecks is T-35: the backlog must not just have moved on.
func (f followup) downstreamChecks() []Check {
	if f.op.Change.Down() {
		return nil
	}
	var checks []Check
	for _, name := range f.c.Downstream {
		reading := f.s.Downstream[name].FreshAt(f.s.At, f.stale())
		title, source := "lag of "+name+" behind it", from(reading, f.s.At)
		lag, known := reading.Get()
		if !known {
			checks = append(checks, lacking("T-35", title, reading.Why(), source))
			continue
		}
		check := Check{Rule: "T-35", Name: title, Result: Pass, Source: source, After: Count(lag)}
		before, had := f.prior.Downstream[name].Get()
		if had {
			check.Before = Count(before)
		}
		if float64(lag) > f.p.Up.Lag.Value && (!had || lag > before) {
			check.Result, check.Note = Warn, "the backlog moves there"
		}
		checks = append(checks, check)
	}
	return checks
}

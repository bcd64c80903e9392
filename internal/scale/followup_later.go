package scale

import (
	"fmt"
	"time"
)

// lag15Check is R-118. A backlog that cannot be gone by now is judged against the
// forecast: on track is a warning, not a failure (T-24).
func (f followup) lag15Check() Check {
	rule, name := "R-118", "lag under "+whole(f.p.After.Lag15)
	check := Check{Rule: rule, Name: name, Result: Pass, Source: from(f.s.Lag, f.s.At)}
	if !f.lagKnown {
		return lacking(rule, name, f.s.Lag.Why(), check.Source)
	}
	if then := f.lagThen(); !IsMissing(then) {
		check.Before = whole(then)
	}
	check.After = f.lagAndAge()
	switch {
	case float64(f.lag.Total) >= f.p.After.Lag15:
		check.Result, check.Note = f.onTrack()
	case !f.lagComplete():
		check.Result, check.Note = ResultUnsure, f.lagGap()
	}
	return check
}

// onTrack compares the rest of the backlog and the rate it falls by with the slow end
// of the forecast.
func (f followup) onTrack() (Result, string) {
	trend, change := trendOf(f.after(), f.p)
	if trend == TrendUnknown {
		return ResultUnsure, "where lag is going is unknown"
	}
	if trend != Falling {
		return Fail, "and " + trendSentence(trend, change)
	}
	left := time.Duration(float64(f.lag.Total) / -change * float64(time.Second))
	took := f.s.At.Sub(f.wrote)
	latest := f.drain.High
	if f.drain.MayNot {
		latest = 2 * f.drain.Expected
	}
	if !f.drain.Known || f.drain.Never || latest <= 0 {
		return Warn, "falling, gone in about " + Span(left) + "; there was no forecast to compare with"
	}
	if took+left <= latest || Span(took+left) == Span(latest) {
		if f.void(0, false) != "" {
			return Warn, fmt.Sprintf("on track: gone in about %s; the forecast was for other arrivals", Span(left))
		}
		return Warn, fmt.Sprintf("on track: gone in about %s, within the forecast", Span(left))
	}
	return Fail, fmt.Sprintf("falling too slowly: gone about %s after the write, the forecast said at most %s", Span(took+left), Span(latest))
}

// limitsCheck is: no pod at its CPU or memory bound.
func (f followup) limitsCheck() Check {
	const rule, name = "R-119", "CPU and memory not at limits"
	source := from(f.s.Usage, f.s.At)
	now, known := f.s.Usage.Get()
	if !known {
		return lacking(rule, name, f.s.Usage.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source, After: usageOf(now)}
	if before, ok := f.prior.Usage.Get(); ok {
		check.Before = usageOf(before)
	}
	cpu, _ := now.CPU()
	memory, _ := now.Memory()
	switch {
	case max(now.CPUPeak, cpu) >= f.p.After.AtLimit:
		check.Result, check.Note = Fail, "CPU at its bound; more CPU per pod is the next lever (R-132, R-070)"
	case max(now.MemoryPeak, memory) >= f.p.After.AtLimit:
		check.Result, check.Note = Fail, "memory at its bound; the pods risk being killed (R-132, R-072)"
	case now.unbounded() != "":
		check.Result, check.Note = ResultUnsure, now.unbounded()
	case now.Pods < now.Of:
		check.Result, check.Note = ResultUnsure, fmt.Sprintf("only %d of %s answered", now.Pods, several(now.Of, "pod"))
	}
	return check
}

func usageOf(u Usage) string {
	cpu, base := u.CPU()
	memory, memoryBase := u.Memory()
	text := "CPU " + shareOf(cpu, base) + ", memory " + shareOf(memory, memoryBase)
	if u.CPUPeak > 0 && u.MemoryPeak > 0 {
		text += fmt.Sprintf(" (highest pod %s and %s)", Percent(u.CPUPeak), Percent(u.MemoryPeak))
	}
	return text
}

// latencyCheck is R-120: lower than before, or under the trigger already (T-27).
func (f followup) latencyCheck() Check {
	const rule, name = "R-120", "p95 latency"
	source := from(f.s.Signals.Latency, f.s.At)
	now, known := f.s.Signals.Latency.Get()
	if !known {
		return lacking(rule, name, f.s.Signals.Latency.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source, After: f.s.Signals.Latency.Words(Seconds(now))}
	before, had := f.prior.Signals.Latency.Get()
	if had {
		check.Before = f.prior.Signals.Latency.Words(Seconds(before))
	}
	over, sure := above(f.s.Signals.Latency, f.p.Up.Latency.Value)
	lower, comparable := less(f.s.Signals.Latency, f.prior.Signals.Latency)
	switch {
	case lower && check.Before != check.After:
		check.Note = "lower than before"
	case sure && !over:
		check.Note = "not over " + Seconds(f.p.Up.Latency.Value)
	case !had:
		check.Result, check.Note = ResultUnsure, "the latency before the change is unknown"
	case !sure || !comparable:
		check.Result, check.Note = ResultUnsure, "the largest bucket of the histogram is too small to tell"
	default:
		check.Result, check.Note = Fail, "over "+Seconds(f.p.Up.Latency.Value)+" and not lower than before"
	}
	return check
}

// breakerCheck is R-121.
func (f followup) breakerCheck() Check {
	const rule, name = "R-121", "no circuit breaker open"
	source := from(f.s.Signals.Breaker, f.s.At)
	now, known := f.s.Signals.Breaker.Get()
	if !known {
		return lacking(rule, name, f.s.Signals.Breaker.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source, After: fmt.Sprintf("%d of %d open", now.Open, now.Of)}
	if before, ok := f.prior.Signals.Breaker.Get(); ok {
		check.Before = fmt.Sprintf("%d of %d open", before.Open, before.Of)
	}
	if now.Open > 0 {
		check.Result, check.Note = Fail, "look at the service behind it"
	}
	return check
}

// lowLagCheck is R-122: under the limit at one hour and not rising, told against the
// good value (T-27).
func (f followup) lowLagCheck() Check {
	const rule, name = "R-122", "lag low and stable"
	check := Check{Rule: rule, Name: name, Result: Pass, Source: from(f.s.Lag, f.s.At)}
	if !f.lagKnown {
		return lacking(rule, name, f.s.Lag.Why(), check.Source)
	}
	if then := f.lagThen(); !IsMissing(then) {
		check.Before = whole(then)
	}
	trend, change := f.trend()
	check.After = f.lagAndAge() + ", " + trendSentence(trend, change)
	switch {
	case float64(f.lag.Total) >= f.p.After.LagLow:
		check.Result, check.Note = Fail, "not under "+whole(f.p.After.LagLow)
	case !f.lagComplete():
		check.Result, check.Note = ResultUnsure, f.lagGap()
	case f.low():
		check.Note = "low"
	case f.idle():
		check.Note = "low: " + f.betweenWords()
	case trend == Rising:
		check.Result, check.Note = Warn, "under "+whole(f.p.After.LagLow)+" but rising"
	case trend == TrendUnknown:
		check.Result, check.Note = ResultUnsure, "where lag is going is unknown"
	default:
		check.Note = fmt.Sprintf("under %s, not under %s", whole(f.p.After.LagLow), whole(f.p.After.LagGood))
	}
	return check
}

// errorsCheck is R-123.
func (f followup) errorsCheck() Check {
	rule, name := "R-123", "errors under "+percent(f.p.After.Errors60)
	source := from(f.s.Signals.Errors, f.s.At)
	now, known := f.s.Signals.Errors.Get()
	if !known {
		return lacking(rule, name, f.s.Signals.Errors.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source, After: besidePercent(now.Share, f.p.After.Errors60)}
	if before, had := f.errorsBefore(); had {
		check.Before = Percent(before)
	}
	if now.Share >= f.p.After.Errors60 {
		check.Result, check.Note = Fail, kindsOf(now)
	}
	return check
}

// restartsCheck is R-124: no pod restarted since the change and none fails.
func (f followup) restartsCheck() Check {
	const rule, name = "R-124", "no pod restarts or failures"
	source := from(f.s.Workload, f.s.At)
	w, known := f.s.Workload.Get()
	if !known {
		return lacking(rule, name, f.s.Workload.Why(), source)
	}
	before, had := f.prior.Workload.Get()
	restarts := map[string]int{}
	for _, p := range before.Pods {
		restarts[p.Name] = p.Restarts
	}
	total, bad := 0, []string(nil)
	for _, p := range w.Counted() {
		more := max(0, p.Restarts-restarts[p.Name])
		total += more
		if more > 0 || !p.Ready {
			bad = append(bad, p.Name+restartWords(p, more))
		}
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source,
		After: several(total, "restart") + fmt.Sprintf(", %d/%d ready", w.readyPods(), w.Desired)}
	switch {
	case len(bad) > 0 || w.readyPods() < w.Desired:
		check.Result, check.Note = Fail, list(bad, 3)
	case !had:
		check.Note = "counted since the pods were made"
	}
	return check
}

func restartWords(p Pod, more int) string {
	switch {
	case !p.Ready:
		return " not ready (" + named(p.reason(), "no reason given") + ")"
	case p.LastExit != "":
		return fmt.Sprintf(" restarted %d× (%s)", more, p.LastExit)
	}
	return fmt.Sprintf(" restarted %d×", more)
}

// throughputCheck is R-125: what arrives is kept up with (T-27).
func (f followup) throughputCheck() Check {
	const rule, name = "R-125", "throughput as expected"
	source := from(f.s.Rates, f.s.At)
	if !f.ratesKnown {
		return lacking(rule, name, f.s.Rates.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source,
		After: fmt.Sprintf("%s of %s", PerSecond(f.rates.Consumption), PerSecond(f.rates.Arrival))}
	if before, had := f.prior.Rates.Get(); had {
		check.Before = fmt.Sprintf("%s of %s", PerSecond(before.Consumption), PerSecond(before.Arrival))
	}
	if f.rates.Consumption < f.p.After.KeptUp*f.rates.Arrival {
		check.Result = Fail
		check.Note = "less than " + Percent(f.p.After.KeptUp) + " of what arrives"
	}
	return check
}

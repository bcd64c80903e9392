package review

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// lag15Check is R-118. A backlog that cannot be gone yet is compared with the forecast: on track
// is a warning, not a failure (T-24).
func (f followup) lag15Check(check scale.Check) scale.Check {
	check.Name += " " + scale.Whole(f.Policy.After.Lag15)
	check.Source = scale.From(f.Now.Lag, f.Now.At)
	if !f.LagKnown {
		return judge.Lacking(check, f.Now.Lag.Why(), check.Source)
	}
	if then := f.lagThen(); !scale.IsMissing(then) {
		check.Before = scale.Whole(then)
	}
	check.After = f.LagAndAge()
	switch {
	case float64(f.Lag.Total) >= f.Policy.After.Lag15:
		check.Result, check.Note = f.onTrack()
	case !f.LagComplete():
		check.Result, check.Note = scale.ResultUnsure, f.LagGap()
	}
	return check
}

// onTrack compares the remaining backlog and its rate of decrease with the slow end of the
// forecast.
func (f followup) onTrack() (scale.Result, string) {
	trend, change := measure.TrendOf(f.after(), f.Policy)
	if trend == scale.TrendUnknown {
		return scale.ResultUnsure, "where lag is going is unknown"
	}
	if trend != scale.Falling {
		return scale.Fail, "and " + measure.TrendSentence(trend, change)
	}
	left := time.Duration(float64(f.Lag.Total) / -change * float64(time.Second))
	took := f.Now.At.Sub(f.wrote)
	latest := f.drain.High
	if f.drain.MayNot {
		latest = 2 * f.drain.Expected
	}
	if !f.drain.Known || f.drain.Never || latest <= 0 {
		return scale.Warn, "falling, gone in about " + scale.Span(left) + "; there was no forecast to compare with"
	}
	if took+left <= latest || scale.Span(took+left) == scale.Span(latest) {
		if f.void(0, false) != "" {
			return scale.Warn, fmt.Sprintf("on track: gone in about %s; the forecast was for other arrivals", scale.Span(left))
		}
		return scale.Warn, fmt.Sprintf("on track: gone in about %s, within the forecast", scale.Span(left))
	}
	return scale.Fail, fmt.Sprintf("falling too slowly: gone about %s after the write, the forecast said at most %s", scale.Span(took+left), scale.Span(latest))
}

// limitsCheck is: no pod at its CPU or memory bound.
func (f followup) limitsCheck(check scale.Check) scale.Check {
	source := scale.From(f.Now.Usage, f.Now.At)
	now, known := f.Now.Usage.Get()
	if !known {
		return judge.Lacking(check, f.Now.Usage.Why(), source)
	}
	check.Source, check.After = source, usageOf(now)
	if before, ok := f.prior.Usage.Get(); ok {
		check.Before = usageOf(before)
	}
	cpu, _ := now.CPU()
	memory, _ := now.Memory()
	switch {
	case max(now.CPUPeak, cpu) >= f.Policy.After.AtLimit:
		check.Result, check.Note = scale.Fail, "CPU at its bound; more CPU per pod is the next lever (R-132, R-070)"
	case max(now.MemoryPeak, memory) >= f.Policy.After.AtLimit:
		check.Result, check.Note = scale.Fail, "memory at its bound; the pods risk being killed (R-132, R-072)"
	case now.Unbounded() != "":
		check.Result, check.Note = scale.ResultUnsure, now.Unbounded()
	case now.Pods < now.Of:
		check.Result, check.Note = scale.ResultUnsure, fmt.Sprintf("only %d of %s answered", now.Pods, scale.Several(now.Of, "pod"))
	}
	return check
}

func usageOf(u scale.Usage) string {
	cpu, base := u.CPU()
	memory, memoryBase := u.Memory()
	text := "CPU " + judge.ShareOf(cpu, base) + ", memory " + judge.ShareOf(memory, memoryBase)
	if u.CPUPeak > 0 && u.MemoryPeak > 0 {
		text += fmt.Sprintf(" (highest pod %s and %s)", scale.Percent(u.CPUPeak), scale.Percent(u.MemoryPeak))
	}
	return text
}

// latencyCheck is R-120: lower than before, or already under the trigger's limit (T-27).
func (f followup) latencyCheck(check scale.Check) scale.Check {
	source := scale.From(f.Now.Signals.Latency, f.Now.At)
	now, known := f.Now.Signals.Latency.Get()
	if !known {
		return judge.Lacking(check, f.Now.Signals.Latency.Why(), source)
	}
	check.Source, check.After = source, f.Now.Signals.Latency.Words(scale.Seconds(now))
	before, had := f.prior.Signals.Latency.Get()
	if had {
		check.Before = f.prior.Signals.Latency.Words(scale.Seconds(before))
	}
	over, certain := scale.Above(f.Now.Signals.Latency, f.Policy.Up.Latency.Value)
	lower, comparable := scale.Less(f.Now.Signals.Latency, f.prior.Signals.Latency)
	switch {
	case lower && check.Before != check.After:
		check.Note = "lower than before"
	case certain && !over:
		check.Note = "not over " + scale.Seconds(f.Policy.Up.Latency.Value)
	case !had:
		check.Result, check.Note = scale.ResultUnsure, "the latency before the change is unknown"
	case !certain || !comparable:
		check.Result, check.Note = scale.ResultUnsure, "the largest bucket of the histogram is too small to tell"
	default:
		check.Result, check.Note = scale.Fail, "over "+scale.Seconds(f.Policy.Up.Latency.Value)+" and not lower than before"
	}
	return check
}

// breakerCheck is R-121.
func (f followup) breakerCheck(check scale.Check) scale.Check {
	source := scale.From(f.Now.Signals.Breaker, f.Now.At)
	now, known := f.Now.Signals.Breaker.Get()
	if !known {
		return judge.Lacking(check, f.Now.Signals.Breaker.Why(), source)
	}
	check.Source, check.After = source, fmt.Sprintf("%d of %d open", now.Open, now.Of)
	if before, ok := f.prior.Signals.Breaker.Get(); ok {
		check.Before = fmt.Sprintf("%d of %d open", before.Open, before.Of)
	}
	if now.Open > 0 {
		check.Result, check.Note = scale.Fail, "look at the service behind it"
	}
	return check
}

// lowLagCheck is R-122: under the limit at one hour and not rising. It also says whether lag is
// under the good value (T-27).
func (f followup) lowLagCheck(check scale.Check) scale.Check {
	check.Source = scale.From(f.Now.Lag, f.Now.At)
	if !f.LagKnown {
		return judge.Lacking(check, f.Now.Lag.Why(), check.Source)
	}
	if then := f.lagThen(); !scale.IsMissing(then) {
		check.Before = scale.Whole(then)
	}
	trend, change := f.Trend()
	check.After = f.LagAndAge() + ", " + measure.TrendSentence(trend, change)
	switch {
	case float64(f.Lag.Total) >= f.Policy.After.LagLow:
		check.Result, check.Note = scale.Fail, "not under "+scale.Whole(f.Policy.After.LagLow)
	case !f.LagComplete():
		check.Result, check.Note = scale.ResultUnsure, f.LagGap()
	case f.low():
		check.Note = "low"
	case f.idle():
		check.Note = "low: " + f.betweenWords()
	case trend == scale.Rising:
		check.Result, check.Note = scale.Warn, "under "+scale.Whole(f.Policy.After.LagLow)+" but rising"
	case trend == scale.TrendUnknown:
		check.Result, check.Note = scale.ResultUnsure, "where lag is going is unknown"
	default:
		check.Note = fmt.Sprintf("under %s, not under %s", scale.Whole(f.Policy.After.LagLow), scale.Whole(f.Policy.After.LagGood))
	}
	return check
}

// errorsCheck is R-123.
func (f followup) errorsCheck(check scale.Check) scale.Check {
	check.Name += " " + judge.ExactPercent(f.Policy.After.Errors60)
	source := scale.From(f.Now.Signals.Errors, f.Now.At)
	now, known := f.Now.Signals.Errors.Get()
	if !known {
		return judge.Lacking(check, f.Now.Signals.Errors.Why(), source)
	}
	check.Source, check.After = source, scale.BesidePercent(now.Share, f.Policy.After.Errors60)
	if before, had := f.errorsBefore(); had {
		check.Before = scale.Percent(before)
	}
	if now.Share >= f.Policy.After.Errors60 {
		check.Result, check.Note = scale.Fail, judge.KindsOf(now)
	}
	return check
}

// restartsCheck is R-124: no pod restarted since the change and none fails.
func (f followup) restartsCheck(check scale.Check) scale.Check {
	source := scale.From(f.Now.Workload, f.Now.At)
	w, known := f.Now.Workload.Get()
	if !known {
		return judge.Lacking(check, f.Now.Workload.Why(), source)
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
	check.Source, check.After = source, scale.Several(total, "restart")+fmt.Sprintf(", %d/%d ready", w.ReadyPods(), w.Desired)
	switch {
	case len(bad) > 0 || w.ReadyPods() < w.Desired:
		check.Result, check.Note = scale.Fail, scale.List(bad, 3)
	case !had:
		check.Note = "counted since the pods were made"
	}
	return check
}

func restartWords(p scale.Pod, more int) string {
	switch {
	case !p.Ready:
		return " not ready (" + scale.Named(p.Reason(), "no reason given") + ")"
	case p.LastExit != "":
		return fmt.Sprintf(" restarted %d× (%s)", more, p.LastExit)
	}
	return fmt.Sprintf(" restarted %d×", more)
}

// throughputCheck is R-125: consumption keeps up with arrivals (T-27).
func (f followup) throughputCheck(check scale.Check) scale.Check {
	source := scale.From(f.Now.Rates, f.Now.At)
	if !f.RatesKnown {
		return judge.Lacking(check, f.Now.Rates.Why(), source)
	}
	check.Source, check.After = source, fmt.Sprintf("%s of %s", scale.PerSecond(f.Rates.Consumption), scale.PerSecond(f.Rates.Arrival))
	if before, had := f.prior.Rates.Get(); had {
		check.Before = fmt.Sprintf("%s of %s", scale.PerSecond(before.Consumption), scale.PerSecond(before.Arrival))
	}
	if f.Rates.Consumption < f.Policy.After.KeptUp*f.Rates.Arrival {
		check.Result = scale.Fail
		check.Note = "less than " + scale.Percent(f.Policy.After.KeptUp) + " of what arrives"
	}
	return check
}

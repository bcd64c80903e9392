package judge

import (
	"fmt"
	"strconv"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// UpFindings are the scale-up triggers, any one of which is enough.
func (v View) UpFindings() []scale.Finding {
	return v.withMissing(v.findings(scale.ScaleUp))
}

// lagFinding is R-001. A lower bound above the limit is enough to fire; a lower bound below it is
// unclear, because of the partitions that could not be read.
func (v View) lagFinding(t Trigger) scale.Finding {
	l := t.limitIn(v.Policy)
	bound := "> " + scale.Whole(l.Value)
	if !v.LagKnown {
		return t.unclear(bound, v.Now.Lag.Why(), l)
	}
	value := scale.Count(v.Lag.Total)
	if v.Lag.Unknown > 0 {
		value = "at least " + value
	}
	if float64(v.Lag.Total) <= l.Value {
		if !v.LagComplete() {
			return t.unclear(bound, v.LagGap(), l)
		}
		return t.silent(value, bound, l)
	}
	if h := v.lagHeld(l); h.Outcome != scale.Fires {
		if h.Outcome == scale.Unclear {
			return t.unclear(bound, h.Why(l), l)
		}
		return t.silent(value, bound, l)
	}
	f := t.firing(value, bound, l)
	if excuse := v.rebalanceExcuse(); excuse != "" {
		return f.Excused(excuse)
	}
	if v.SoonDrained() {
		// The sentence leaves out how long it lasts: the forecast says that, and two times in one
		// message would confuse.
		_, change := v.Trend()
		f.Urgency, f.ActWithin = min(f.Urgency, scale.UrgencyInfo), v.Policy.Sizing.Recovery
		f.Sentence = fmt.Sprintf("lag %s %s, but it falls by %s → %s", value, bound, scale.PerSecond(-change), f.Urgency)
	}
	return f
}

func (v View) lagHeld(l scale.Limit) measure.Hold {
	if l.For <= 0 {
		return measure.Hold{Outcome: scale.Fires}
	}
	return v.Sustained(l, measure.LagOf, func(x float64) bool { return x > l.Value })
}

// The self-excitation guard (decision B.9): a scale-up makes a rebalance, a rebalance
// makes lag, and that lag must not raise the alarm that asks for a scale-up.
const (
	afterMembership  = 3 * time.Minute
	allowedRebalance = 1.5
)

// latencyFinding is R-002.
func (v View) latencyFinding(t Trigger) scale.Finding {
	l := t.limitIn(v.Policy)
	bound := "> " + scale.Seconds(l.Value)
	p95, known := v.Now.Signals.Latency.Get()
	if !known {
		return t.unclear(bound, v.Now.Signals.Latency.Why(), l)
	}
	reading, value := v.Now.Signals.Latency, scale.BesideSeconds(p95, l.Value)
	switch over, certain := scale.Above(reading, l.Value); {
	case !certain:
		return t.unclear(bound, scale.OpenEnded(reading, value), l)
	case !over:
		return t.silent(value, bound, l)
	}
	return v.held(t, t.firing(reading.Words(value), bound, l), l,
		scale.LatencyAbove(l.Value), func(x float64) bool { return x > l.Value })
}

// held applies the rule's window to a finding that holds now.
func (v View) held(t Trigger, f scale.Finding, l scale.Limit, value func(scale.Point) float64, test func(float64) bool) scale.Finding {
	if l.For <= 0 {
		return f
	}
	h := v.Sustained(l, value, test)
	switch h.Outcome {
	case scale.Unclear:
		f = t.unclear(f.Limit, h.Why(l), l)
	case scale.Silent:
		value := f.Value + " just now"
		if h.Held >= time.Second {
			value = f.Value + " for " + scale.Span(h.Held) + " of " + scale.Span(l.For)
		}
		f = t.silent(value, f.Limit, l)
	case scale.Fires:
	}
	f.Held = h.Held
	return f
}

// cpuFinding is: sustained use as a share of the limit, or of the request
// where there is no limit (T-15).
func (v View) cpuFinding(t Trigger) scale.Finding {
	return v.usageFinding(t, scale.Usage.CPU, measure.CPUOf)
}

// memoryFinding is, by the same measure.
func (v View) memoryFinding(t Trigger) scale.Finding {
	return v.usageFinding(t, scale.Usage.Memory, measure.MemoryOf)
}

// usageFinding judges sustained use against a limit: above it for a rule that advises
// more workers, below it for one that advises fewer.
func (v View) usageFinding(t Trigger, share func(scale.Usage) (float64, string), past func(scale.Point) float64) scale.Finding {
	l := t.limitIn(v.Policy)
	bound, beyond := "> "+ExactPercent(l.Value), func(x float64) bool { return x > l.Value }
	if t.Advises == scale.ScaleDown {
		bound, beyond = "< "+ExactPercent(l.Value), func(x float64) bool { return x < l.Value }
	}
	usage, known := v.Now.Usage.Get()
	if !known {
		return t.unclear(bound, v.Now.Usage.Why(), l)
	}
	used, base := share(usage)
	if used < 0 || scale.IsMissing(used) {
		return t.unclear(bound, "the pods set neither a limit nor a request", l)
	}
	value := scale.BesidePercent(used, l.Value) + " of " + base
	if !beyond(used) {
		return t.silent(value, bound, l)
	}
	return v.held(t, t.firing(value, bound, l), l, past, beyond)
}

// ExactPercent prints a share with all its digits, for limits.
func ExactPercent(share float64) string {
	return strconv.FormatFloat(share*100, 'f', -1, 32) + " %"
}

// timeoutsFinding is R-005: only timeouts ask for more workers, and only when they are
// not the sign of a slow service behind them (T-10).
func (v View) timeoutsFinding(t Trigger) scale.Finding {
	l := t.limitIn(v.Policy)
	bound := "> " + ExactPercent(l.Value)
	rate, known := v.Now.Signals.Errors.Get()
	if !known {
		return t.unclear(bound, v.Now.Signals.Errors.Why(), l)
	}
	value := scale.BesidePercent(rate.Timeouts, l.Value)
	if rate.Timeouts <= l.Value {
		f := t.silent(value, bound, l)
		if rate.Share > l.Value {
			f.Sentence = fmt.Sprintf("errors %s, of which timeouts are %s: more workers do not help against other errors",
				scale.Percent(rate.Share), scale.Percent(rate.Timeouts))
		}
		return f
	}
	f := t.firing(value, bound, l)
	if why := v.bottleneckElsewhere(); why != "" {
		f.Advises = scale.Hold
		f.Sentence += ", but more workers would not help: " + why
	}
	return f
}

// bottleneckElsewhere says why the workers are not what is slow; empty when they are.
// Where the component names a transfer metric that is unknown, it proves nothing.
func (v View) bottleneckElsewhere() string {
	if why := v.SlowDownstream(); why != "" {
		return why
	}
	if why := v.DownloadUnclear(); why != "" && v.Component.Metrics.Download.Configured() {
		return "whether the external service is slow is unknown (" + why + ")"
	}
	return ""
}

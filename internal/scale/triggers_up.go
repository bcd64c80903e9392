package scale

import (
	"fmt"
	"strconv"
	"time"
)

// upFindings are the scale-up triggers, any one of which is enough.
func (v view) upFindings() []Finding {
	return v.withMissing([]Finding{
		v.lagFinding(), v.latencyFinding(), v.cpuFinding(), v.memoryFinding(),
		v.errorFinding(), v.throughputFinding(),
	})
}

// lagFinding is R-001. A lower bound above the limit is enough to be sure; below it,
// unread partitions leave the question open.
func (v view) lagFinding() Finding {
	l := v.p.Up.Lag
	bound := "> " + whole(l.Value)
	if !v.lagKnown {
		return unclear(ruleLag, "lag", bound, v.s.Lag.Why(), l)
	}
	value := Count(v.lag.Total)
	if v.lag.Unknown > 0 {
		value = "at least " + value
	}
	if float64(v.lag.Total) <= l.Value {
		if !v.lagComplete() {
			return unclear(ruleLag, "lag", bound, v.lagGap(), l)
		}
		return silent(ruleLag, "lag", value, bound, l)
	}
	if h := v.lagHeld(l); h.outcome != Fires {
		if h.outcome == Unclear {
			return unclear(ruleLag, "lag", bound, h.why(l), l)
		}
		return silent(ruleLag, "lag", value, bound, l)
	}
	f := firing(ruleLag, "lag", value, bound, l, ScaleUp)
	if excuse := v.rebalanceExcuse(); excuse != "" {
		return f.excused(excuse)
	}
	if left := v.draining(); left > 0 {
		f.Urgency, f.ActWithin = min(f.Urgency, UrgencyInfo), v.p.Sizing.Recovery
		f.Sentence = fmt.Sprintf("lag %s %s, but it falls and is gone in about %s → %s", value, bound, Span(left), f.Urgency)
	}
	return f
}

// draining is how long the lag still takes at the rate at which it was seen to fall; zero
// when it does not fall, or not within the recovery time. Nobody has to get up for that
// (decision B.12).
func (v view) draining() time.Duration {
	trend, change := v.trend()
	if trend != Falling || !v.lagComplete() || len(v.stalled) > 0 {
		return 0
	}
	left := float64(v.lag.Total) / -change
	if left > v.p.Sizing.Recovery.Seconds() {
		return 0
	}
	return max(time.Second, time.Duration(left*float64(time.Second)))
}

func (v view) lagHeld(l Limit) hold {
	if l.For <= 0 {
		return hold{outcome: Fires}
	}
	return v.sustained(l, lagOf, func(x float64) bool { return x > l.Value })
}

// The self-excitation guard (decision B.9): a scale-up makes a rebalance, a rebalance
// makes lag, and that lag must not raise the alarm that asks for a scale-up.
const (
	afterMembership  = 3 * time.Minute
	allowedRebalance = 1.5
)

// latencyFinding is R-002.
func (v view) latencyFinding() Finding {
	l := v.p.Up.Latency
	bound := "> " + Seconds(l.Value)
	p95, known := v.s.Signals.Latency.Get()
	if !known {
		return unclear("R-002", "p95 latency", bound, v.s.Signals.Latency.Why(), l)
	}
	reading, value := v.s.Signals.Latency, besideSeconds(p95, l.Value)
	switch over, sure := above(reading, l.Value); {
	case !sure:
		return unclear("R-002", "p95 latency", bound, openEnded(reading, value), l)
	case !over:
		return silent("R-002", "p95 latency", value, bound, l)
	}
	return v.held(firing("R-002", "p95 latency", reading.Words(value), bound, l, ScaleUp), l,
		latencyAbove(l.Value), func(x float64) bool { return x > l.Value })
}

// held turns a finding that holds now into what its window says.
func (v view) held(f Finding, l Limit, value func(Point) float64, test func(float64) bool) Finding {
	if l.For <= 0 {
		return f
	}
	h := v.sustained(l, value, test)
	switch h.outcome {
	case Unclear:
		f = unclear(f.Rule, f.Metric, f.Limit, h.why(l), l)
	case Silent:
		value := f.Value + " just now"
		if h.held >= time.Second {
			value = f.Value + " for " + Span(h.held) + " of " + Span(l.For)
		}
		f = silent(f.Rule, f.Metric, value, f.Limit, l)
	case Fires:
	}
	f.Held = h.held
	return f
}

// cpuFinding is R-003 and memoryFinding R-004: sustained use as a share of the limit,
// or of the request where there is no limit (T-15).
func (v view) cpuFinding() Finding {
	return v.usageFinding("R-003", "CPU", v.p.Up.CPU, ScaleUp, Usage.CPU, cpuOf)
}

func (v view) memoryFinding() Finding {
	return v.usageFinding("R-004", "memory", v.p.Up.Memory, ScaleUp, Usage.Memory, memoryOf)
}

// usageFinding judges sustained use against a limit: above it for a rule that advises
// more workers, below it for one that advises fewer.
func (v view) usageFinding(rule, metric string, l Limit, advises Action, share func(Usage) (float64, string), past func(Point) float64) Finding {
	bound, beyond := "> "+percent(l.Value), func(x float64) bool { return x > l.Value }
	if advises == ScaleDown {
		bound, beyond = "< "+percent(l.Value), func(x float64) bool { return x < l.Value }
	}
	usage, known := v.s.Usage.Get()
	if !known {
		return unclear(rule, metric, bound, v.s.Usage.Why(), l)
	}
	used, base := share(usage)
	if used < 0 || IsMissing(used) {
		return unclear(rule, metric, bound, "the pods set neither a limit nor a request", l)
	}
	value := besidePercent(used, l.Value) + " of " + base
	if !beyond(used) {
		return silent(rule, metric, value, bound, l)
	}
	return v.held(firing(rule, metric, value, bound, l, advises), l, past, beyond)
}

func percent(share float64) string {
	return strconv.FormatFloat(share*100, 'f', -1, 32) + " %"
}

// errorFinding is R-005: only timeouts ask for more workers, and only when they are
// not the sign of a slow service behind them (T-10).
func (v view) errorFinding() Finding {
	l := v.p.Up.Errors
	bound := "> " + percent(l.Value)
	rate, known := v.s.Signals.Errors.Get()
	if !known {
		return unclear("R-005", "timeouts", bound, v.s.Signals.Errors.Why(), l)
	}
	value := besidePercent(rate.Timeouts, l.Value)
	if rate.Timeouts <= l.Value {
		f := silent("R-005", "timeouts", value, bound, l)
		if rate.Share > l.Value {
			f.Sentence = fmt.Sprintf("errors %s, of which timeouts are %s: more workers do not help against other errors",
				Percent(rate.Share), Percent(rate.Timeouts))
		}
		return f
	}
	f := firing("R-005", "timeouts", value, bound, l, ScaleUp)
	if why := v.bottleneckElsewhere(); why != "" {
		f.Advises = Hold
		f.Sentence += ", but more workers would not help: " + why
	}
	return f
}

// bottleneckElsewhere says why the workers are not what is slow; empty when they are
// . Where the component names a transfer metric, not knowing it is no proof.
func (v view) bottleneckElsewhere() string {
	if why := v.slowDownstream(); why != "" {
		return why
	}
	if why := v.downloadUnclear(); why != "" && v.c.Metrics.Download.Configured() {
		return "whether the external service is slow is unknown (" + why + ")"
	}
	return ""
}

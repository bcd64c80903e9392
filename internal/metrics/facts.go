package metrics

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// The names of the metrics' values, for people.
const (
	aboutConsumed = "consumed messages"
	aboutErrors   = "processing errors"
	aboutLatency  = "processing time"
	aboutDownload = "download time"
	aboutBreaker  = "the circuit breaker"
	aboutWrites   = "writes"
)

// number is a measured number, or the reason why it is unknown.
type number struct {
	value float64
	// atLeast says that the value is a lower bound.
	atLeast bool
	// note qualifies the value, and why is the reason when there is none; idle says that this is
	// no failure.
	note, why string
	idle      bool
}

// silence is an unknown number because nothing happened that could be measured.
func silence(window time.Duration) number {
	return number{why: noMessages(window), idle: true}
}

func noMessages(window time.Duration) string { return "no messages in the last " + scale.Span(window) }

// kinds are errors per second by kind, and the messages per second of the pods that report them,
// or the reason why they are unknown.
type kinds struct {
	rates     map[string]float64
	messages  float64
	note, why string
	idle      bool
}

// count adds errors of a kind. Beyond the maximum of kinds, errors count as otherKind.
func (k *kinds) count(kind string, rate float64) {
	if _, known := k.rates[kind]; !known && len(k.rates) >= maxKinds {
		kind = otherKind
	}
	k.rates[kind] += rate
}

// breakers are the states of the circuit breakers, or the reason why they are unknown.
type breakers struct {
	states    []float64
	note, why string
}

// facts are the numbers that a source has found for one component.
type facts struct {
	at     time.Time
	source string
	note   string
	window time.Duration
	// partial says that some pods did not report, so that sums over the pods are lower bounds.
	partial bool
	// remarks are harmless oddities of the pages.
	remarks []string

	consumed, writes, busy, latency, download number
	errors                                    kinds
	breaker                                   breakers
}

// signals turns the facts into readings.
func (f facts) signals(c scale.Component) scale.Signals {
	f.excuse(c.Metrics)
	return scale.Signals{
		Latency:    f.reading(f.latency),
		Errors:     f.errorRate(c.Metrics.TimeoutKinds),
		Throughput: f.sum(f.consumed),
		Download:   f.reading(f.download),
		Breaker:    f.open(c.Metrics.BreakerOpen),
		Writes:     f.sum(f.writes),
		Busy:       f.sum(f.busy),
		Remarks:    f.remarks,
	}
}

// sum is the reading of a sum over the pods.
func (f facts) sum(n number) scale.Reading[float64] {
	n.atLeast = n.atLeast || f.partial
	return f.reading(n)
}

func (f facts) reading(n number) scale.Reading[float64] {
	switch {
	case n.idle:
		return scale.None[float64](n.why, f.at, f.source)
	case n.why != "":
		return scale.Unknown[float64](n.why, f.at, f.source)
	}
	r := scale.Known(n.value, f.at, f.source)
	r.Note, r.AtLeast = join(f.note, n.note), n.atLeast
	return r
}

// errorRate divides errors by messages. Where no messages were consumed there is no ratio: with
// errors or without, the rate is not 0 %.
func (f facts) errorRate(timeouts []string) scale.Reading[scale.ErrorRate] {
	unknown := func(why string) scale.Reading[scale.ErrorRate] {
		return scale.Unknown[scale.ErrorRate](why, f.at, f.source)
	}
	none := func(why string) scale.Reading[scale.ErrorRate] {
		return scale.None[scale.ErrorRate](why, f.at, f.source)
	}
	all, late := sums(f.errors.rates, timeouts)
	switch {
	case f.errors.why != "" && f.errors.idle:
		return none(f.errors.why)
	case f.errors.why != "":
		return unknown(f.errors.why)
	case f.consumed.idle:
		return none("the rate of messages is unknown: " + f.consumed.why)
	case f.consumed.why != "":
		return unknown("the rate of messages is unknown: " + f.consumed.why)
	case f.errors.messages <= 0 && all > 0:
		return none(fmt.Sprintf("%s errors per second, but no messages consumed in the last %s", short(all), scale.Span(f.window)))
	case f.errors.messages <= 0:
		return none(noMessages(f.window))
	}
	r := scale.Known(scale.ErrorRate{
		Share:    min(1, all/f.errors.messages),
		Timeouts: min(1, late/f.errors.messages),
		Kinds:    f.errors.rates,
	}, f.at, f.source)
	r.Note = join(f.note, f.errors.note)
	return r
}

// sums adds up all errors per second, and those of some kinds. The order is fixed, so
// that equal numbers give equal sums.
func sums(rates map[string]float64, some []string) (all, of float64) {
	for _, kind := range slices.Sorted(maps.Keys(rates)) {
		all += rates[kind]
		if slices.Contains(some, kind) {
			of += rates[kind]
		}
	}
	return all, of
}

// open counts the open breakers. Without a threshold, 1 is open.
func (f facts) open(threshold float64) scale.Reading[scale.Breaker] {
	if f.breaker.why != "" {
		return scale.Unknown[scale.Breaker](f.breaker.why, f.at, f.source)
	}
	if threshold == 0 {
		threshold = 1
	}
	b := scale.Breaker{Of: len(f.breaker.states)}
	for _, state := range f.breaker.states {
		if state >= threshold {
			b.Open++
		}
	}
	r := scale.Known(b, f.at, f.source)
	r.Note = join(f.note, f.breaker.note)
	return r
}

// allUnknown are the facts when nothing could be read. A metric that is not configured keeps that
// as its reason.
func allUnknown(c scale.Component, at time.Time, source, why string) facts {
	m := c.Metrics
	reason := func(metric scale.Metric, what string) string {
		if !metric.Configured() {
			return checkMetric(metric, what)
		}
		return why
	}
	latency := number{why: reason(m.Latency, aboutLatency)}
	return facts{
		at: at, source: source,
		consumed: number{why: reason(m.Consumed, aboutConsumed)},
		writes:   number{why: reason(m.Writes, aboutWrites)},
		busy:     latency,
		latency:  latency,
		download: number{why: reason(m.Download, aboutDownload)},
		errors:   kinds{why: reason(m.Errors, aboutErrors)},
		breaker:  breakers{why: reason(m.Breaker, aboutBreaker)},
	}
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

func quoted(s string) string { return strconv.Quote(s) }

func short(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

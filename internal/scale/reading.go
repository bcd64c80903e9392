package scale

import (
	"time"
)

// Reading is one measured value with its age and origin, or the reason why there is none. The
// zero Reading is unknown: nothing was measured.
type Reading[T any] struct {
	// Value is meaningful only when Known.
	Value T `json:"value,omitzero"`
	// At is when the measurement, or the attempt, began. The value may lack what happened after
	// At, but nothing that happened before it.
	At time.Time `json:"at,omitzero"`
	// Source names where it comes from, fit for people: "Kafka", "metrics.k8s.io",
	// "Prometheus", "9 of 9 pods scraped", "runbook file".
	Source string `json:"source,omitempty"`
	// Err says why the value is unknown; empty when it is known.
	Err string `json:"err,omitempty"`
	// Expected says that the missing value is no failure: nobody configured it, nothing happened
	// that could be measured, or measuring has only just begun.
	Expected bool `json:"expected,omitempty"`
	// AtLeast says that Value is a lower bound: the true value is this or more, by an unknown
	// amount.
	AtLeast bool `json:"atLeast,omitempty"`
	// Note qualifies a known value: "at least; 2 of 24 partitions unknown".
	Note string `json:"note,omitempty"`
}

// Broker is the source name of readings that come from Kafka.
const Broker = "Kafka"

// Known makes a Reading of a value measured at the given time.
func Known[T any](value T, at time.Time, source string) Reading[T] {
	return Reading[T]{Value: value, At: at, Source: source}
}

// Unknown makes a Reading that says why there is no value.
func Unknown[T any](why string, at time.Time, source string) Reading[T] {
	if why == "" {
		why = "not measured"
	}
	return Reading[T]{Err: why, At: at, Source: source}
}

// None makes a Reading whose missing value is no failure, with the reason.
func None[T any](why string, at time.Time, source string) Reading[T] {
	r := Unknown[T](why, at, source)
	r.Expected = true
	return r
}

// Missing reports whether a value should be there and is not.
func (r Reading[T]) Missing() bool { return !r.Known() && !r.Expected }

// Known reports whether there is a value.
func (r Reading[T]) Known() bool { return r.Err == "" && !r.At.IsZero() }

// since returns the newer one of two known readings, and the receiver otherwise.
func (r Reading[T]) since(other Reading[T]) Reading[T] {
	if r.Known() && other.Known() && r.At.Before(other.At) {
		return other
	}
	return r
}

// Get returns the value and whether it is known; an unknown value is the zero
// value and must not be used.
func (r Reading[T]) Get() (T, bool) {
	if !r.Known() {
		var zero T
		return zero, false
	}
	return r.Value, true
}

// Why says why the value is unknown, never empty for an unknown one.
func (r Reading[T]) Why() string {
	switch {
	case r.Known():
		return ""
	case r.Err != "":
		return r.Err
	default:
		return "not measured"
	}
}

// Age is how old the reading is at the given moment; zero if it was never made.
func (r Reading[T]) Age(now time.Time) time.Duration {
	if r.At.IsZero() {
		return 0
	}
	return max(0, now.Sub(r.At))
}

// CurrentAt returns the reading as it counts at the given moment: a value older than
// limit is unknown, because a stale number must not decide anything.
func (r Reading[T]) CurrentAt(now time.Time, limit time.Duration) Reading[T] {
	if !r.Known() || r.Age(now) <= limit {
		return r
	}
	return Unknown[T]("last seen "+Span(r.Age(now))+" ago", r.At, r.Source)
}

// With returns the reading with another value and the same age and origin; an unknown reading
// stays unknown for the same reason. convert must be monotonic, because a lower bound remains a
// lower bound.
func With[T, U any](r Reading[T], convert func(T) U) Reading[U] {
	out := Reading[U]{At: r.At, Source: r.Source, Err: r.Err, Note: r.Note, AtLeast: r.AtLeast, Expected: r.Expected}
	if r.Known() {
		out.Value = convert(r.Value)
	}
	return out
}

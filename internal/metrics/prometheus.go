package metrics

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Prometheus asks a Prometheus server, or anything that speaks its query API.
type Prometheus struct {
	base    *url.URL
	options Options
}

// NewPrometheus returns a source that asks the server at the given URL, such as
// "http://prometheus.monitoring:9090"; a path is kept, and a user name and password in
// it are used and never shown.
func NewPrometheus(base string, o Options) (*Prometheus, error) {
	o, err := o.normal()
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("the URL of Prometheus must look like http://host:9090") // it may hold a password, so it is not repeated
	}
	u.RawQuery, u.Fragment = "", ""
	return &Prometheus{base: u, options: o}, nil
}

// sourcePrometheus is what readings name as their origin.
const sourcePrometheus = "Prometheus"

// Signals asks for the component's metrics, all at once. The pods do not matter: they
// are found by their names.
func (p *Prometheus) Signals(ctx context.Context, c scale.Component, _ []scale.Pod) scale.Signals {
	q, m := queries{c: c, window: p.options.Window}, c.Metrics
	f := facts{at: p.options.Clock.Now(), source: sourcePrometheus, window: p.options.Window}
	var all sync.WaitGroup
	all.Go(func() { f.consumed = p.number(ctx, q.rate(m.Consumed, aboutConsumed)) })
	all.Go(func() { f.writes = p.number(ctx, q.rate(m.Writes, aboutWrites)) })
	all.Go(func() { f.busy = p.number(ctx, q.busy(m.Latency, aboutLatency)) })
	all.Go(func() { f.latency = p.number(ctx, q.p95(m.Latency, aboutLatency)) })
	all.Go(func() { f.download = p.number(ctx, q.p95(m.Download, aboutDownload)) })
	all.Go(func() { f.errors = p.kinds(ctx, q.rateBy(m.Errors, aboutErrors, m.ErrorKind), m.ErrorKind) })
	all.Go(func() { f.breaker = p.breakers(ctx, q.all(m.Breaker, aboutBreaker)) })
	all.Wait()
	return f.signals(c)
}

// query asks for the present. An empty answer is a reason, not a zero: the metric may be
// misspelt or never scraped (T-28).
func (p *Prometheus) query(ctx context.Context, e expr) ([]series, string) {
	if e.why != "" {
		return nil, e.why
	}
	found, err := p.ask(ctx, "query", url.Values{"query": {e.text}})
	switch {
	case err != nil:
		return nil, "Prometheus " + err.Error()
	case len(found) == 0:
		return nil, "Prometheus has no data for " + e.text
	}
	return found, ""
}

// number reads a query whose answer is one number.
func (p *Prometheus) number(ctx context.Context, e expr) number {
	found, why := p.query(ctx, e)
	switch {
	case why != "":
		return number{why: why}
	case len(found) > 1:
		return number{why: fmt.Sprintf("the query answers with %d numbers instead of one: %s", len(found), e.text)}
	}
	v := found[0].samples[0].value
	switch {
	case math.IsNaN(v):
		return number{why: "no messages in the last " + scale.Span(p.options.Window)}
	case math.IsInf(v, 0):
		return number{why: "the query answers with infinity: " + e.text}
	}
	return number{value: v}
}

// kinds reads errors per second by kind.
func (p *Prometheus) kinds(ctx context.Context, e expr, label string) kinds {
	found, why := p.query(ctx, e)
	if why != "" {
		return kinds{why: why}
	}
	rates := make(map[string]float64)
	for _, s := range found {
		v := s.samples[0].value
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return kinds{why: "the query answers with something else than numbers: " + e.text}
		}
		kind := s.labels[label]
		if _, known := rates[kind]; !known && len(rates) >= maxKinds {
			kind = otherKind
		}
		rates[kind] += v
	}
	return kinds{rates: rates}
}

// breakers reads the state of every breaker.
func (p *Prometheus) breakers(ctx context.Context, e expr) breakers {
	found, why := p.query(ctx, e)
	if why != "" {
		return breakers{why: why}
	}
	var states []float64
	for _, s := range found {
		state := s.samples[0].value
		if math.IsNaN(state) {
			return breakers{why: "the state of a breaker is not a number: " + e.text}
		}
		states = append(states, state)
	}
	return breakers{states: states}
}

// maxPoints is how many points of a series Prometheus answers with at most.
const maxPoints = 11_000

// History returns throughput, latency and the share of errors as they were, one point
// per step. What Prometheus does not know of a moment, and everything it never knows,
// is missing in the point. A moment of which nothing is known has no point.
func (p *Prometheus) History(ctx context.Context, c scale.Component, since, until time.Time, step time.Duration) ([]scale.Point, error) {
	if step <= 0 || !until.After(since) {
		return nil, nil
	}
	if until.Sub(since)/step >= maxPoints {
		return nil, fmt.Errorf("reading the past from Prometheus: %s in steps of %s are too many points", scale.Span(until.Sub(since)), scale.Span(step))
	}
	past := &past{since: since, step: step, points: make([]scale.Point, until.Sub(since)/step+1)}
	past.clear()
	q, m := queries{c: c, window: p.options.Window}, c.Metrics
	var consumed, errs, latency []sample
	var failed [3]error
	var all sync.WaitGroup
	all.Go(func() { consumed, failed[0] = p.past(ctx, q.rate(m.Consumed, aboutConsumed), past, until) })
	all.Go(func() { errs, failed[1] = p.past(ctx, q.rateBy(m.Errors, aboutErrors, ""), past, until) })
	all.Go(func() { latency, failed[2] = p.past(ctx, q.p95(m.Latency, aboutLatency), past, until) })
	all.Wait() // a percentile over all pods is one series, so nothing is added up there
	for _, err := range failed {
		if err != nil {
			return nil, fmt.Errorf("reading the past from Prometheus: it %w", err)
		}
	}
	past.fill(consumed, errs, latency)
	return past.known(), nil
}

// past asks for one number over time. Several series are added up, because a query for
// errors may tell them by kind. A metric that is not
// configured has no past, which is no error.
func (p *Prometheus) past(ctx context.Context, e expr, over *past, until time.Time) ([]sample, error) {
	if e.why != "" {
		return nil, nil
	}
	found, err := p.ask(ctx, "query_range", url.Values{
		"query": {e.text},
		"start": {unixSeconds(over.since)},
		"end":   {unixSeconds(until)},
		"step":  {fmt.Sprintf("%g", over.step.Seconds())},
	})
	if err != nil {
		return nil, err
	}
	return over.sum(found), nil
}

func unixSeconds(t time.Time) string { return fmt.Sprintf("%.3f", float64(t.UnixMilli())/1000) }

package metrics

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Prometheus asks a Prometheus server, or anything that speaks its query API.
type Prometheus struct {
	base    *url.URL
	options Options
	batches *batches
	slots   chan struct{}
	targets targets
}

// NewPrometheus returns a source that queries the server at the given URL, such as
// "http://prometheus.monitoring:9090". A path is kept. A user name and password are used and
// never shown.
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
	p := &Prometheus{base: u, options: o, slots: make(chan struct{}, requestsAtOnce)}
	p.batches = newBatches(func(ctx context.Context, text string) ([]row, error) {
		return p.ask(ctx, "query", url.Values{"query": {text}})
	})
	return p, nil
}

// sourcePrometheus is what readings name as their origin.
const sourcePrometheus = "Prometheus"

// Signals queries all of the component's metrics at once. Only ready pods count, and each counts
// once, however many targets scrape it.
func (p *Prometheus) Signals(ctx context.Context, c scale.Component, pods []scale.Pod) scale.Signals {
	q := queries{c: c, window: p.options.Window, pods: readyNames(pods)}
	guess := p.targets.last(c)
	q.apart = guess
	apart, known := guess, false
	var both sync.WaitGroup
	both.Go(func() { apart, known = p.apart(ctx, q) })
	signals := p.signals(ctx, q)
	if both.Wait(); !known || slices.Equal(apart, guess) {
		return signals
	}
	p.targets.note(c, apart)
	q.apart = apart
	return p.signals(ctx, q)
}

// signals asks for the component's metrics.
func (p *Prometheus) signals(ctx context.Context, q queries) scale.Signals {
	m := q.c.Metrics
	var handled, written, spent, failed, long, slow, breaker answers
	var all sync.WaitGroup
	ask := func(into *answers, m scale.Metric, e expr) {
		all.Go(func() { *into = p.answers(ctx, m, e, q) })
	}
	ask(&handled, m.Consumed, q.rate(m.Consumed, aboutConsumed))
	ask(&written, m.Writes, q.rate(m.Writes, aboutWrites))
	ask(&spent, scale.Metric{Name: m.Latency.Name}, q.busy(m.Latency, aboutLatency))
	ask(&failed, m.Errors, q.rateBy(m.Errors, aboutErrors, m.ErrorKind))
	ask(&long, m.Latency, q.buckets(m.Latency, aboutLatency))
	ask(&slow, m.Download, q.buckets(m.Download, aboutDownload))
	ask(&breaker, m.Breaker, q.all(m.Breaker, aboutBreaker))
	f := facts{at: p.options.Clock.Now(), source: sourcePrometheus, window: p.options.Window}
	all.Wait()
	f.consumed, f.writes, f.busy = handled.number(p.options.Window), written.number(p.options.Window), spent.seconds(m.Latency, p.options.Window)
	f.errors = failed.kinds(m.ErrorKind, handled, f.consumed)
	f.latency = long.p95(p.options.Window, p.unbucketed(ctx, q, m.Latency, long))
	f.download = slow.p95(p.options.Window, p.unbucketed(ctx, q, m.Download, slow))
	f.breaker = breaker.breakers()
	return f.signals(q.c)
}

// query asks for the present value. An empty answer is a reason, not a zero: the metric may be
// misspelt or never scraped (T-28).
func (p *Prometheus) query(ctx context.Context, e expr) ([]row, string) {
	if e.why != "" {
		return nil, e.why
	}
	found, err := p.found(ctx, e)
	switch {
	case err != nil:
		return nil, "Prometheus " + err.Error()
	case len(found) == 0:
		return nil, noData + e.text
	}
	return found, ""
}

// found asks for the present value, in a batch where possible.
func (p *Prometheus) found(ctx context.Context, e expr) ([]row, error) {
	if e.about == nil {
		return p.ask(ctx, "query", url.Values{"query": {e.text}})
	}
	return p.batches.query(ctx, e.kind, e.pods, e.about)
}

const noData = "Prometheus has no data for "

func (p *Prometheus) answers(ctx context.Context, m scale.Metric, e expr, q queries) answers {
	rows, why := p.query(ctx, e)
	return answers{metric: m, own: m.Query != "", query: e.text, rows: rows, why: why, pods: len(q.pods), targets: q.targetLabels()}
}

// unbucketed reports whether a histogram without buckets exists, which is then a native one.
func (p *Prometheus) unbucketed(ctx context.Context, q queries, m scale.Metric, a answers) bool {
	if a.own || !strings.HasPrefix(a.why, noData) {
		return false
	}
	_, why := p.query(ctx, q.native(m))
	return why == ""
}

// maxPoints is the highest number of points per series in an answer of Prometheus.
const maxPoints = 11_000

// History returns past throughput, latency and error rates, one point per step. Unknown values
// are missing in their point. A moment without any known value has no point.
func (p *Prometheus) History(ctx context.Context, c scale.Component, since, until time.Time, step time.Duration) ([]scale.Point, error) {
	if step <= 0 || !until.After(since) {
		return nil, nil
	}
	if until.Sub(since)/step >= maxPoints {
		return nil, fmt.Errorf("reading the past from Prometheus: %s in steps of %s are too many points", scale.Span(until.Sub(since)), scale.Span(step))
	}
	past := &past{since: since, step: step, points: make([]scale.Point, until.Sub(since)/step+1)}
	past.clear()
	q, m := queries{c: c, window: p.options.Window, past: true}, c.Metrics
	q.apart, _ = p.apart(ctx, q)
	divisor, unitless := 1., ""
	if m.Latency.Query == "" {
		divisor, unitless = unit(m.Latency, "")
	}
	var consumed, errs, latency, longest []sample
	var failed [4]error
	var all sync.WaitGroup
	ask := func(into *[]sample, failed *error, e expr) {
		all.Go(func() { *into, *failed = p.past(ctx, e, past, until) })
	}
	ask(&consumed, &failed[0], q.summed(m.Consumed, q.rate(m.Consumed, aboutConsumed)))
	ask(&errs, &failed[1], q.summed(m.Errors, q.rate(m.Errors, aboutErrors)))
	if unitless == "" { // a percentile over all pods is a single series, so the sum changes nothing.
		ask(&latency, &failed[2], q.quantile(quantile, m.Latency, aboutLatency))
	}
	if unitless == "" && m.Latency.Query == "" {
		ask(&longest, &failed[3], q.quantile(1, m.Latency, aboutLatency))
	}
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, fmt.Errorf("reading the past from Prometheus: it %w", err)
		}
	}
	past.fill(consumed, errs, over(latency, divisor), over(longest, divisor))
	return past.known(), nil
}

// past queries one number over time. Several series are added up, because an errors query may
// split them by kind. A metric that is not configured has no past, which is no error.
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

// over divides the samples.
func over(samples []sample, divisor float64) []sample {
	for i := range samples {
		samples[i].value /= divisor
	}
	return samples
}

func unixSeconds(t time.Time) string { return fmt.Sprintf("%.3f", float64(t.UnixMilli())/1000) }

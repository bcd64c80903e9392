package metrics

import (
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// The metrics of a component, by their place in everything that is kept of a pod.
const (
	consumed = iota
	writes
	errorCount
	latency
	download
	// busy is the time spent on messages: the sum beside the latencies.
	busy
	metricsOfPod
)

// part is which part of a metric a sample is.
type part int

const (
	partValue part = iota
	partBucket
	partSum
	partCount
	partCreated
)

// want is what a sample's name is wanted for.
type want struct {
	of   *family
	part part
}

// wanted says what is read of a page; everything else on it is passed over.
type wanted struct {
	byName   map[string][]want
	declares map[string][]*family

	counters  [metricsOfPod]*family // consumed, writes, errorCount
	durations [metricsOfPod]*family // latency, download
	breaker   *family
}

// startTime is the metric by which processes tell when they began, in Unix seconds.
const startTime = "process_start_time_seconds"

// want lists what the runbook names of a component.
func newWanted(m scale.Metrics) *wanted {
	w := &wanted{byName: make(map[string][]want), declares: make(map[string][]*family)}
	w.counters[consumed] = w.counter(m.Consumed, aboutConsumed, "")
	w.counters[writes] = w.counter(m.Writes, aboutWrites, "")
	w.counters[errorCount] = w.counter(m.Errors, aboutErrors, m.ErrorKind)
	w.durations[latency] = w.duration(m.Latency, aboutLatency)
	w.durations[download] = w.duration(m.Download, aboutDownload)
	w.breaker = newFamily(m.Breaker, aboutBreaker, "")
	w.add(m.Breaker.Name, w.breaker, partValue)
	w.declare(m.Breaker.Name, w.breaker)
	return w
}

func (w *wanted) add(name string, f *family, p part) {
	if f.why == "" {
		w.byName[name] = append(w.byName[name], want{f, p})
	}
}

func (w *wanted) declare(name string, f *family) {
	if f.why == "" {
		w.declares[name] = append(w.declares[name], f)
	}
}

// counter wants a counter's samples. OpenMetrics declares it without "_total", and so
// does the sample that tells when it began.
func (w *wanted) counter(m scale.Metric, what, label string) *family {
	f := newFamily(m, what, label)
	base, total := strings.CutSuffix(m.Name, "_total")
	w.add(m.Name, f, partValue)
	w.add(base+"_created", f, partCreated)
	w.declare(m.Name, f)
	if total {
		w.declare(base, f)
	}
	return f
}

// duration wants a histogram's samples, or a summary's.
func (w *wanted) duration(m scale.Metric, what string) *family {
	f := newFamily(m, what, "")
	for suffix, p := range map[string]part{"": partValue, "_bucket": partBucket, "_sum": partSum, "_count": partCount, "_created": partCreated} {
		w.add(m.Name+suffix, f, p)
	}
	w.declare(m.Name, f)
	return f
}

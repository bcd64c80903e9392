package metrics

import (
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// The metrics of a component, as indexes into everything that is stored of a pod.
const (
	consumed = iota
	writes
	errorCount
	latency
	download
	// busy is the processing time: the sum of the latency metric.
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

// want is what a sample of this name is used for.
type want struct {
	of   *family
	part part
}

// wanted selects what is read of a page; everything else is skipped.
type wanted struct {
	byName   map[string][]want
	declares map[string][]*family

	counters  [metricsOfPod]*family // consumed, writes, errorCount
	durations [metricsOfPod]*family // latency, download
	breaker   *family
}

// startTime is the metric with the start time of a process, in Unix seconds.
const startTime = "process_start_time_seconds"

// want adds what the runbook names for a component.
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

// counter selects a counter's samples. OpenMetrics declares a counter without "_total", and its
// "_created" sample lacks that too.
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

// duration selects the samples of a histogram or a summary.
func (w *wanted) duration(m scale.Metric, what string) *family {
	f := newFamily(m, what, "")
	for suffix, p := range map[string]part{"": partValue, "_bucket": partBucket, "_sum": partSum, "_count": partCount, "_created": partCreated} {
		w.add(m.Name+suffix, f, p)
	}
	w.declare(m.Name, f)
	return f
}

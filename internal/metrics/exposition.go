package metrics

import (
	"bytes"
	"math"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// maxKinds bounds the error kinds told apart; a label that takes any value would
	// otherwise grow without end. Further kinds count as otherKind.
	maxKinds  = 50
	otherKind = "other"
	// maxBuckets bounds a histogram; one with more is not read.
	maxBuckets = 500
)

// page is what one pod exposes of the metrics that matter.
type page struct {
	consumed, writes  counter
	errors            counters
	latency, download histogram
	breaker           gauges
	// started is when the process began, in seconds of Unix time; zero when not told.
	started float64
}

type counter struct {
	value float64
	why   string
}

type counters struct {
	byKind map[string]float64
	why    string
}

type gauges struct {
	values []float64
	why    string
}

// histogram has cumulative counts by upper bound, the last bound being +Inf.
type histogram struct {
	bounds []float64
	counts []float64
	sum    float64
	why    string
}

// families are the metric families of a page. A family that was declared and has no
// samples is present and empty: a counter by label shows nothing before it first
// counts.
type families map[string]*dto.MetricFamily

// parsePage reads the text format. It never panics, whatever a pod serves.
func parsePage(body []byte, c scale.Component) (page, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	parsed, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		return page{}, err
	}
	f := families(parsed)
	f.declare(body)
	m := c.Metrics
	return page{
		consumed: f.counter(m.Consumed, aboutConsumed),
		writes:   f.counter(m.Writes, aboutWrites),
		errors:   f.counters(m.Errors, m.ErrorKind),
		latency:  f.histogram(m.Latency, aboutLatency),
		download: f.histogram(m.Download, aboutDownload),
		breaker:  f.gauges(m.Breaker),
		started:  f.started(),
	}, nil
}

// declare adds the counters that a page declares without a sample, which the parser
// leaves out.
func (f families) declare(body []byte) {
	for line := range bytes.Lines(body) {
		words := bytes.Fields(line)
		if len(words) != 4 || string(words[0]) != "#" || string(words[1]) != "TYPE" || string(words[3]) != "counter" {
			continue
		}
		if name := string(words[2]); f[name] == nil {
			f[name] = &dto.MetricFamily{Type: dto.MetricType_COUNTER.Enum()}
		}
	}
}

// find returns the samples of a metric that carry its labels, or says why there are
// none.
func (f families) find(m scale.Metric, what string) (*dto.MetricFamily, []*dto.Metric, string) {
	if why := checkMetric(m, what); why != "" {
		return nil, nil, why
	}
	family := f[m.Name]
	if family == nil {
		return nil, nil, "no pod exposes " + m.Name
	}
	var found []*dto.Metric
	for _, sample := range family.GetMetric() {
		if carries(sample, m.Labels) {
			found = append(found, sample)
		}
	}
	if len(found) == 0 && len(family.GetMetric()) > 0 {
		return nil, nil, "no pod exposes " + m.Name + " with the labels of the runbook file"
	}
	return family, found, ""
}

func carries(sample *dto.Metric, labels map[string]string) bool {
	for name, value := range labels {
		if labelValue(sample, name) != value {
			return false
		}
	}
	return true
}

func labelValue(sample *dto.Metric, name string) string {
	for _, pair := range sample.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

// plain is the number of a sample that is no histogram.
func plain(sample *dto.Metric) (float64, bool) {
	switch {
	case sample.Counter != nil:
		return sample.Counter.GetValue(), true
	case sample.Gauge != nil:
		return sample.Gauge.GetValue(), true
	case sample.Untyped != nil:
		return sample.Untyped.GetValue(), true
	}
	return 0, false
}

// counter sums the samples of a counter.
func (f families) counter(m scale.Metric, what string) counter {
	_, found, why := f.find(m, what)
	if why != "" {
		return counter{why: why}
	}
	var sum float64
	for _, sample := range found {
		value, ok := plain(sample)
		if !ok || !countable(value) {
			return counter{why: m.Name + " is not a counter"}
		}
		sum += value
	}
	if !countable(sum) {
		return counter{why: m.Name + " is not a counter"}
	}
	return counter{value: sum}
}

// countable reports whether a number can be a count.
func countable(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }

// counters sums the samples of the error counter by kind.
func (f families) counters(m scale.Metric, label string) counters {
	_, found, why := f.find(m, aboutErrors)
	if why != "" {
		return counters{why: why}
	}
	byKind := make(map[string]float64)
	for _, sample := range found {
		value, ok := plain(sample)
		if !ok || !countable(value) {
			return counters{why: m.Name + " is not a counter"}
		}
		kind := labelValue(sample, label)
		if _, known := byKind[kind]; !known && len(byKind) >= maxKinds {
			kind = otherKind
		}
		if byKind[kind] += value; !countable(byKind[kind]) {
			return counters{why: m.Name + " is not a counter"}
		}
	}
	return counters{byKind: byKind}
}

func (f families) gauges(m scale.Metric) gauges {
	_, found, why := f.find(m, aboutBreaker)
	if why != "" {
		return gauges{why: why}
	}
	var values []float64
	for _, sample := range found {
		value, ok := plain(sample)
		if !ok || math.IsNaN(value) {
			return gauges{why: m.Name + " is not a gauge"}
		}
		values = append(values, value)
	}
	if len(values) == 0 {
		return gauges{why: m.Name + " has no value"}
	}
	return gauges{values: values}
}

// histogram sums the samples of a histogram, which share their bounds.
func (f families) histogram(m scale.Metric, what string) histogram {
	family, found, why := f.find(m, what)
	if why != "" {
		return histogram{why: why}
	}
	if family.GetType() != dto.MetricType_HISTOGRAM || len(found) == 0 {
		return histogram{why: m.Name + " is not a histogram"}
	}
	var sum histogram
	for _, sample := range found {
		h, ok := oneHistogram(sample.GetHistogram())
		if !ok {
			return histogram{why: m.Name + " is not a valid histogram"}
		}
		if sum.bounds == nil {
			sum = h
		} else if !sum.add(h) {
			return histogram{why: m.Name + " has samples with different buckets"}
		}
	}
	if !countable(sum.sum) {
		return histogram{why: m.Name + " is not a valid histogram"}
	}
	return sum
}

// oneHistogram reads one sample, and checks that its buckets are in order.
func oneHistogram(h *dto.Histogram) (histogram, bool) {
	out := histogram{sum: h.GetSampleSum()}
	if len(h.GetBucket()) == 0 || len(h.GetBucket()) > maxBuckets || !countable(out.sum) {
		return out, false
	}
	buckets := slices.Clone(h.GetBucket())
	slices.SortFunc(buckets, func(a, b *dto.Bucket) int {
		switch {
		case a.GetUpperBound() < b.GetUpperBound():
			return -1
		case a.GetUpperBound() > b.GetUpperBound():
			return 1
		}
		return 0
	})
	last, below := math.Inf(-1), 0.0
	for _, b := range buckets {
		bound, count := b.GetUpperBound(), float64(b.GetCumulativeCount())
		if math.IsNaN(bound) || bound <= last || count < below {
			return out, false
		}
		last, below = bound, count
		out.bounds, out.counts = append(out.bounds, bound), append(out.counts, count)
	}
	if !math.IsInf(last, 1) {
		total := float64(h.GetSampleCount())
		if total < below {
			return out, false
		}
		out.bounds, out.counts = append(out.bounds, math.Inf(1)), append(out.counts, total)
	}
	return out, true
}

// add adds another histogram, and reports whether its bounds are the same.
func (h *histogram) add(other histogram) bool {
	if !slices.Equal(h.bounds, other.bounds) {
		return false
	}
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.sum += other.sum
	return true
}

func (f families) started() float64 {
	family := f["process_start_time_seconds"]
	if family == nil || len(family.GetMetric()) != 1 {
		return 0
	}
	value, ok := plain(family.GetMetric()[0])
	if !ok || !countable(value) {
		return 0
	}
	return value
}

package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/prometheus/common/model"
)

// reported is what a page has of one metric, or the reason why it has nothing.
type reported struct {
	name   string
	series map[uint64]sampled // by label set
	why    string
}

// sampled is one series of a counter or of a histogram at the time of a page.
type sampled struct {
	kind string
	// values of a counter is one number, of a histogram the cumulative count of each
	// bucket. All of them only grow, until the process starts anew.
	values []float64
	// bounds are a histogram's upper bounds in seconds, the last one +Inf.
	bounds []float64
	// created is when counting began, in Unix seconds; zero when not told.
	created float64
	// cut says that a value may be truncated.
	cut bool
}

// absent says why there is nothing to be read of a metric; empty when there is.
func (f *family) absent() string {
	name := f.metric.Name
	switch {
	case f.why != "":
		return f.why
	case f.tooMany:
		return fmt.Sprintf("%s has more than %d samples", name, maxNumbers)
	case len(f.series) == 0 && f.foreign > 0:
		return "no pod exposes " + name + " with the labels of the runbook file"
	}
	return ""
}

// counter is what the page has of a counter. One that is declared without samples has counted
// nothing so far: a labelled counter has no sample before it first counts.
func (f *family) counter() reported {
	if why := f.absent(); why != "" {
		return reported{why: why}
	}
	switch f.typed {
	case model.MetricTypeHistogram, model.MetricTypeGaugeHistogram, model.MetricTypeSummary, model.MetricTypeInfo, model.MetricTypeStateset:
		return reported{why: f.metric.Name + " is not a counter"}
	case model.MetricTypeCounter, model.MetricTypeGauge, model.MetricTypeUnknown:
	}
	out, sum := reported{name: f.metric.Name, series: make(map[uint64]sampled, len(f.series))}, 0.0
	for hash, s := range f.series {
		if s.parts[partValue] && countable(s.value) {
			out.series[hash] = sampled{kind: s.kind, values: []float64{s.value}, created: s.created, cut: s.cut}
			sum += s.value
		}
	}
	switch {
	case len(out.series) > 0 && countable(sum), len(f.series) == 0 && f.typed == model.MetricTypeCounter:
		return out
	case len(f.series) == 0:
		return reported{why: unexposed(f.metric.Name)}
	}
	return reported{why: f.metric.Name + " is not a counter"}
}

// histogram is what the page has of a classic histogram, in seconds.
func (f *family) histogram() reported {
	if why := f.absent(); why != "" {
		return reported{why: why}
	}
	if why := f.noHistogram(); why != "" {
		return reported{why: why}
	}
	divisor, why := unit(f.metric, f.unit)
	if why != "" {
		return reported{why: why}
	}
	out := reported{name: f.metric.Name, series: make(map[uint64]sampled, len(f.series))}
	for hash, s := range f.series {
		bounds, counts, ok := s.cumulative(divisor)
		if ok && len(bounds) > 1 {
			out.series[hash] = sampled{values: counts, bounds: bounds, created: s.created, cut: s.cut}
		}
	}
	if len(out.series) == 0 {
		return reported{why: f.metric.Name + " is not a valid histogram"}
	}
	return out
}

// noHistogram says why a metric is no classic histogram; empty when it may be one. In a text
// format a native histogram has one bucket or none, which shows how many messages there were but
// not how long they took.
func (f *family) noHistogram() string {
	name, most, whole := f.metric.Name, 0, false
	for _, s := range f.series {
		most = max(most, len(s.buckets))
		whole = whole || s.parts[partCount] || slices.ContainsFunc(s.buckets, func(b bucket) bool { return math.IsInf(b.bound, 1) })
	}
	switch {
	case f.typed == model.MetricTypeUnknown && !whole && (most > 0 || len(f.series) == 0):
		return unexposed(name)
	case f.typed != model.MetricTypeHistogram && (f.typed != model.MetricTypeUnknown || most == 0):
		return name + " is not a histogram"
	case len(f.series) == 0:
		return name + " has no samples yet"
	case most == 0, most == 1 && f.onlyInfinite():
		return name + " has no classic buckets"
	}
	return ""
}

func (f *family) onlyInfinite() bool {
	for _, s := range f.series {
		if len(s.buckets) > 0 && !math.IsInf(s.buckets[0].bound, 1) {
			return false
		}
	}
	return true
}

// cumulative is a histogram's bounds and counts in order, if they form a valid histogram.
func (s *series) cumulative(divisor float64) (bounds, counts []float64, ok bool) {
	if len(s.buckets) == 0 || len(s.buckets) > maxBuckets {
		return nil, nil, false
	}
	slices.SortFunc(s.buckets, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	below := 0.0
	for _, b := range s.buckets {
		if math.IsNaN(b.bound) || !countable(b.count) || b.count < below {
			return nil, nil, false
		}
		below = b.count
		bounds, counts = append(bounds, b.bound/divisor), append(counts, b.count)
	}
	if math.IsInf(bounds[len(bounds)-1], 1) {
		return bounds, counts, true
	}
	if !s.parts[partCount] || !countable(s.count) || s.count < below {
		return nil, nil, false
	}
	return append(bounds, math.Inf(1)), append(counts, s.count), true
}

// spent is the total processing time: the sum of a histogram or a summary.
func (f *family) spent() reported {
	if why := f.absent(); why != "" {
		return reported{why: why}
	}
	name, any := f.metric.Name, false
	if f.typed == model.MetricTypeGaugeHistogram {
		return reported{why: name + " is not a histogram"}
	}
	out := reported{name: name, series: make(map[uint64]sampled, len(f.series))}
	for hash, s := range f.series {
		any = any || s.parts[partSum]
		if s.parts[partSum] && countable(s.sum) {
			out.series[hash] = sampled{values: []float64{s.sum}, created: s.created, cut: s.cut}
		}
	}
	switch {
	case any && len(out.series) == 0:
		return reported{why: name + "_sum is not a sum of times"}
	case len(f.series) == 0 && !f.declared:
		return reported{why: unexposed(name)}
	case !any:
		return reported{why: name + " has no sum"}
	}
	divisor, why := unit(f.metric, f.unit)
	if why != "" {
		return reported{why: why}
	}
	for _, s := range out.series {
		s.values[0] /= divisor
	}
	return out
}

// gauges are the present values of a gauge, or the reason why there are none.
type gauges struct {
	values []float64
	why    string
}

func (f *family) gauge() gauges {
	if why := f.absent(); why != "" {
		return gauges{why: why}
	}
	var values []float64
	for _, s := range f.series {
		if !s.parts[partValue] || math.IsNaN(s.value) || s.cut {
			return gauges{why: f.metric.Name + " is not a gauge"}
		}
		values = append(values, s.value)
	}
	switch {
	case len(values) > 0:
		return gauges{values: values}
	case f.declared:
		return gauges{why: f.metric.Name + " has no value"}
	}
	return gauges{why: unexposed(f.metric.Name)}
}

package metrics

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// maxKinds bounds the error kinds that are counted separately: a label may take any number of
	// values. Further kinds count as otherKind, and so do kinds whose name is longer than
	// maxKindName.
	maxKinds    = 50
	maxKindName = 200
	otherKind   = "other"
	// maxBuckets bounds a histogram; one with more is not read.
	maxBuckets = 500
	// maxNumbers bounds the samples that are read of one metric of one pod, buckets included.
	maxNumbers = 5000
)

// family is what one page contains of one metric.
type family struct {
	metric scale.Metric
	// what names the metric for people; label is the label with the error kind.
	what, label string
	// why says that the runbook file names no metric that can be read.
	why string

	// typed and unit are the page's TYPE and UNIT of the metric.
	typed    model.MetricType
	unit     string
	declared bool

	series map[uint64]*series
	kinds  map[string]string
	// numbers counts the samples, and foreign those without the runbook's labels.
	numbers, foreign int
	// tooMany says that there are more samples than the limit.
	tooMany bool
}

// series is one label set of a metric, as the page has it.
type series struct {
	kind    string
	value   float64
	buckets []bucket
	sum     float64
	count   float64
	created float64
	// parts says which parts the page has.
	parts [partCreated + 1]bool
	// cut says that the value was on a last line without a newline, and may be truncated.
	cut bool
}

// bucket is one bucket of a classic histogram: how many observations were at most bound.
type bucket struct{ bound, count float64 }

func newFamily(m scale.Metric, what, label string) *family {
	return &family{metric: m, what: what, label: label, why: checkMetric(m, what),
		typed:  model.MetricTypeUnknown,
		series: make(map[uint64]*series), kinds: make(map[string]string)}
}

// sample adds one sample. duplicate says that the page has it twice; the first one then counts,
// as in Prometheus.
func (f *family) sample(p part, set labels.Labels, value float64, cut bool) (duplicate bool) {
	for name, want := range f.metric.Labels {
		if set.Get(name) != want {
			f.foreign++
			return false
		}
	}
	if f.numbers++; f.numbers > maxNumbers {
		f.tooMany = true
		return false
	}
	hash, _ := set.HashWithoutLabels(make([]byte, 0, 256), model.BucketLabel)
	s := f.series[hash]
	if s == nil {
		s = &series{kind: f.kindOf(set)}
		f.series[hash] = s
	}
	s.cut = s.cut || cut
	if p == partBucket {
		return !s.bucket(set.Get(model.BucketLabel), value)
	}
	if s.parts[p] {
		return true
	}
	s.parts[p] = true
	switch p {
	case partValue:
		s.value = value
	case partSum:
		s.sum = value
	case partCount:
		s.count = value
	case partCreated:
		s.created = value
	case partBucket: // Buckets are kept by their bound.
	}
	return false
}

// bucket adds a bucket, unless the page has had it already.
func (s *series) bucket(le string, count float64) bool {
	bound, err := strconv.ParseFloat(le, 64)
	if err != nil {
		bound = math.NaN()
	}
	if slices.ContainsFunc(s.buckets, func(b bucket) bool { return b.bound == bound }) {
		return false
	}
	s.buckets = append(s.buckets, bucket{bound, count})
	s.parts[partBucket] = true
	return true
}

// kindOf is the kind of error that a sample counts. The result must not reference the line that
// it was parsed from.
func (f *family) kindOf(set labels.Labels) string {
	if f.label == "" {
		return ""
	}
	kind := set.Get(f.label)
	if len(kind) > maxKindName {
		return otherKind
	}
	if known, ok := f.kinds[kind]; ok {
		return known
	}
	kind = strings.Clone(kind)
	f.kinds[kind] = kind
	return kind
}

// countable reports whether a number can be a count.
func countable(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }

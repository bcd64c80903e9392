package metrics

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"github.com/scalebot/scalebot/internal/scale"
)

// answers are Prometheus' answers to one query, or the reason why there are none.
type answers struct {
	metric scale.Metric
	// own says that the team wrote the query, so that its rows are not separated by pod.
	own   bool
	query string
	rows  []row
	why   string
	// pods is how many pods were asked about, and targets the labels by which their targets
	// differ.
	pods    int
	targets []string
}

// podLabel is the label by which Prometheus distinguishes pods.
const podLabel = "pod"

// byPod are the rows of each pod; the values are numbers.
func (a answers) byPod() map[string][]row {
	out := make(map[string][]row)
	for _, r := range a.rows {
		if v := r.samples[0].value; !math.IsNaN(v) && !math.IsInf(v, 0) {
			out[r.labels[podLabel]] = append(out[r.labels[podLabel]], r)
		}
	}
	return out
}

// note says that some pods are missing from the answer. It is empty where that cannot be known: for
// a query of the team's own, and for rows without a pod label (anonymous).
func (a answers) note(telling int, anonymous bool) string {
	if a.own || anonymous || telling >= a.pods {
		return ""
	}
	return fromPods(telling, a.pods)
}

// number adds up the rates of the pods; the team's own query answers with one number.
func (a answers) number(window time.Duration) number {
	if a.why != "" {
		return number{why: a.why}
	}
	if a.own {
		return a.single(window)
	}
	pods, sum := a.byPod(), 0.0
	if len(pods) == 0 {
		return number{why: a.metric.Name + " is not a counter"}
	}
	for _, name := range slices.Sorted(maps.Keys(pods)) {
		for _, r := range pods[name] {
			sum += r.samples[0].value
		}
	}
	_, anonymous := pods[""]
	note := a.note(len(pods), anonymous)
	return number{value: sum, note: note, atLeast: note != ""}
}

// seconds is the value of a metric of times, in seconds.
func (a answers) seconds(m scale.Metric, window time.Duration) number {
	n := a.number(window)
	if n.why != "" {
		return n
	}
	divisor, why := unit(m, "")
	if why != "" {
		return number{why: why}
	}
	n.value /= divisor
	return n
}

// single is the answer to a query that has to return one number.
func (a answers) single(window time.Duration) number {
	if len(a.rows) > 1 {
		return number{why: fmt.Sprintf("the query answers with %d numbers instead of one: %s", len(a.rows), a.query)}
	}
	v := a.rows[0].samples[0].value
	switch {
	case math.IsNaN(v):
		return silence(window)
	case math.IsInf(v, 0):
		return number{why: "the query answers with infinity: " + a.query}
	}
	return number{value: v}
}

// kinds are errors per second by kind, of the pods whose message rate is known. A pod without an
// error counter has had no error yet: many libraries expose the counter only once it has counted.
func (a answers) kinds(label string, handled answers, messages number) kinds {
	if a.why != "" {
		return kinds{why: a.why}
	}
	out := kinds{rates: make(map[string]float64), messages: messages.value, note: messages.note}
	telling := handled.byPod()
	for _, r := range a.rows {
		v := r.samples[0].value
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return kinds{why: "the query answers with something else than numbers: " + a.query}
		}
		if _, known := telling[r.labels[podLabel]]; known || a.own || handled.own {
			out.count(r.labels[label], v)
		}
	}
	return out
}

// p95 is the 95th percentile of a histogram's buckets. native says that the metric exists as a
// histogram without buckets.
func (a answers) p95(window time.Duration, native bool) number {
	switch {
	case native:
		return number{why: a.metric.Name + " has no classic buckets"}
	case a.why != "":
		return number{why: a.why}
	case a.own:
		return a.single(window)
	}
	divisor, why := unit(a.metric, "")
	if why != "" {
		return number{why: why}
	}
	pods := a.byPod()
	var all []histogram
	for _, name := range slices.Sorted(maps.Keys(pods)) {
		h, ok := bucketed(pods[name], divisor)
		switch {
		case !ok:
			return number{why: a.metric.Name + " is not a valid histogram"}
		case len(h.bounds) > 1:
			all = append(all, h)
		}
	}
	if len(all) == 0 {
		return number{why: a.metric.Name + " has no classic buckets"}
	}
	_, anonymous := pods[""]
	return merged(all, a.note(len(all), anonymous), window)
}

// bucketed makes a histogram of the rates of its buckets. The rates are floats, so rounding may
// make a bucket seem lower than the one before.
func bucketed(rows []row, divisor float64) (histogram, bool) {
	buckets := make(map[float64]float64, len(rows))
	for _, r := range rows {
		bound, err := strconv.ParseFloat(r.labels[model.BucketLabel], 64)
		if err != nil || math.IsNaN(bound) {
			return histogram{}, false
		}
		buckets[bound] = max(buckets[bound], r.samples[0].value)
	}
	var h histogram
	below := 0.0
	for _, bound := range slices.Sorted(maps.Keys(buckets)) {
		below = max(below, buckets[bound])
		h.bounds, h.counts = append(h.bounds, bound/divisor), append(h.counts, below)
	}
	n := len(h.bounds)
	return h, n > 0 && n <= maxBuckets && math.IsInf(h.bounds[n-1], 1)
}

// breakers are the states of all breakers. A pod counts once, however many targets scrape
// it.
func (a answers) breakers() breakers {
	if a.why != "" {
		return breakers{why: a.why}
	}
	pods := make(map[string]map[string][]float64) // by pod and target
	for _, r := range a.rows {
		state := r.samples[0].value
		if math.IsNaN(state) {
			return breakers{why: "the state of a breaker is not a number: " + a.query}
		}
		pod, target := r.labels[podLabel], targetOf(r.labels, a.targets)
		if pod == "" || a.own {
			pod, target = "", ""
		}
		if pods[pod] == nil {
			pods[pod] = make(map[string][]float64)
		}
		pods[pod][target] = append(pods[pod][target], state)
	}
	_, anonymous := pods[""]
	out := breakers{note: a.note(len(pods), anonymous)}
	for _, pod := range slices.Sorted(maps.Keys(pods)) {
		out.states = append(out.states, fullest(pods[pod])...)
	}
	return out
}

// fullest are the states of the target that reports most of them.
func fullest(targets map[string][]float64) []float64 {
	var most []float64
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		if len(targets[name]) > len(most) {
			most = targets[name]
		}
	}
	return most
}

package metrics

import (
	"fmt"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// together computes facts from the pods that answered.
func together(c scale.Component, pods []*track, window time.Duration) facts {
	f := facts{
		consumed: sumRates(pods, consumed),
		writes:   sumRates(pods, writes),
		busy:     sumRates(pods, busy),
		latency:  p95(pods, latency, window),
		download: p95(pods, download, window),
		breaker:  allBreakers(pods),
	}
	f.errors = shareOfErrors(pods)
	return f
}

// rated is a pod whose last page tells a metric, with what it has counted within the window.
type rated struct {
	pod     *track
	counted []float64
	seconds float64
}

func (r rated) rate() float64 {
	sum := 0.0
	for _, n := range r.counted {
		sum += n
	}
	return sum / r.seconds
}

// withRate are the pods from which rates can be computed, or the reason why there is none. The
// note says when some are left out.
func withRate(pods []*track, metric int) (out []rated, note, none string) {
	var reasons []string
	telling, several := 0, false
	for _, t := range pods {
		if why := t.page.reported[metric].why; why != "" {
			reasons = append(reasons, why)
			continue
		}
		telling++
		several = several || t.several
		if counted, seconds := t.change(metric); seconds > 0 {
			out = append(out, rated{t, counted, seconds})
		}
	}
	switch {
	case telling == 0:
		return nil, "", firstOf(reasons)
	case len(out) == 0 && several:
		return nil, "", "processes that began at different times answer in turn, and their counters cannot be compared"
	case len(out) == 0:
		return nil, "", firstReading
	case len(out) < len(pods):
		note = fromPods(len(out), len(pods))
	}
	return out, note, ""
}

// firstReading is the reason when there is no rate yet.
const firstReading = "this was the first look at the pods, and a rate needs two"

// fromPods says that a number does not come from every pod.
func fromPods(some, all int) string { return fmt.Sprintf("from %d of %s", some, counted(all, "pod")) }

// sumRates adds up a counter's rates over the pods. The sum is a lower bound when some are
// missing.
func sumRates(pods []*track, metric int) number {
	rates, note, none := withRate(pods, metric)
	if none != "" {
		return number{why: none, idle: none == firstReading}
	}
	sum := 0.0
	for _, r := range rates {
		sum += r.rate()
	}
	return number{value: sum, note: note, atLeast: note != ""}
}

// shareOfErrors adds up the rates of every error kind, and of the messages of the same pods. A
// pod without an error counter has had no error yet if other pods have one: many libraries expose
// a labelled counter only once it has counted.
func shareOfErrors(pods []*track) kinds {
	failing, _, none := withRate(pods, errorCount)
	if none != "" {
		return kinds{why: none, idle: none == firstReading}
	}
	handled, _, none := withRate(pods, consumed)
	if none != "" {
		return kinds{why: "the rate of messages is unknown: " + none, idle: none == firstReading}
	}
	out := kinds{rates: make(map[string]float64)}
	both := 0
	for _, h := range handled {
		at := slices.IndexFunc(failing, func(r rated) bool { return r.pod == h.pod })
		if at < 0 && !h.pod.ledgers[errorCount].at.IsZero() {
			continue
		}
		both++
		out.messages += h.rate()
		if at >= 0 {
			out.add(failing[at])
		}
	}
	switch {
	case both == 0:
		return kinds{why: "no pod tells both errors and messages"}
	case both < len(pods):
		out.note = fromPods(both, len(pods))
	}
	return out
}

// add adds the error rates of one pod.
func (k *kinds) add(r rated) {
	for i, n := range r.counted {
		kind := otherKind
		if names := r.pod.ledgers[errorCount].kinds; i < len(names) {
			kind = names[i]
		}
		k.count(kind, n/r.seconds)
	}
}

// p95 estimates the 95th percentile over the observations of all pods together.
func p95(pods []*track, metric int, window time.Duration) number {
	rates, note, none := withRate(pods, metric)
	if none != "" {
		return number{why: none, idle: none == firstReading}
	}
	var all []histogram
	for _, r := range rates {
		all = append(all, histogram{r.pod.ledgers[metric].bounds, r.counted})
	}
	return merged(all, note, window)
}

// allBreakers lists the breakers of all pods.
func allBreakers(pods []*track) breakers {
	var out breakers
	var reasons []string
	telling := 0
	for _, t := range pods {
		if t.page.breaker.why != "" {
			reasons = append(reasons, t.page.breaker.why)
			continue
		}
		telling++
		out.states = append(out.states, t.page.breaker.values...)
	}
	switch {
	case telling == 0:
		return breakers{why: firstOf(reasons)}
	case telling < len(pods):
		out.note = fromPods(telling, len(pods))
	}
	return out
}

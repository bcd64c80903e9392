package metrics

import (
	"fmt"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// together makes facts of the pods that answered.
func together(c scale.Component, pods []*track, window time.Duration) facts {
	return facts{
		consumed: sumRates(pods, func(p page) string { return p.consumed.why }, func(t totals) float64 { return t.consumed }),
		writes:   sumRates(pods, func(p page) string { return p.writes.why }, func(t totals) float64 { return t.writes }),
		busy:     sumRates(pods, func(p page) string { return p.latency.why }, func(t totals) float64 { return t.latency.sum }),
		errors:   sumKinds(pods),
		latency:  p95(pods, window, func(p page) histogram { return p.latency }, func(t totals) histogram { return t.latency }),
		download: p95(pods, window, func(p page) histogram { return p.download }, func(t totals) histogram { return t.download }),
		breaker:  allBreakers(pods),
	}
}

// telling are the pods that expose a metric, or the reason why none does.
func telling(pods []*track, why func(page) string) ([]*track, string) {
	var out []*track
	var reasons []string
	for _, t := range pods {
		if w := why(t.page); w != "" {
			reasons = append(reasons, w)
			continue
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, firstOf(reasons)
	}
	return out, ""
}

// withPast are the pods read before, from which rates can be made, or the reason why
// there is none. The note tells when some have to be left out.
func withPast(pods []*track, why func(page) string, all int) (past []*track, note, none string) {
	tell, none := telling(pods, why)
	if none != "" {
		return nil, "", none
	}
	for _, t := range tell {
		if _, _, ok := t.since(); ok {
			past = append(past, t)
		}
	}
	switch {
	case len(past) == 0:
		return nil, "", "this was the first look at the pods, and a rate needs two"
	case len(past) < all:
		note = fmt.Sprintf("from %d of %d pods", len(past), all)
	}
	return past, note, ""
}

// sumRates adds up a counter's rates over the pods.
func sumRates(pods []*track, why func(page) string, of func(totals) float64) number {
	past, note, none := withPast(pods, why, len(pods))
	if none != "" {
		return number{why: none}
	}
	sum := 0.0
	for _, t := range past {
		before, seconds, _ := t.since()
		sum += max(0, of(t.totals)-of(before)) / seconds
	}
	return number{value: sum, note: note}
}

// sumKinds adds up the rates of every error kind over the pods.
func sumKinds(pods []*track) kinds {
	past, _, none := withPast(pods, func(p page) string { return p.errors.why }, len(pods))
	if none != "" {
		return kinds{why: none}
	}
	rates := make(map[string]float64)
	for _, t := range past {
		before, seconds, _ := t.since()
		for kind, total := range t.totals.errors {
			if _, known := rates[kind]; !known && len(rates) >= maxKinds {
				kind = otherKind
			}
			rates[kind] += max(0, total-before.errors[kind]) / seconds
		}
	}
	return kinds{rates: rates}
}

// p95 estimates the 95th percentile of what all pods together have observed.
func p95(pods []*track, window time.Duration, now func(page) histogram, of func(totals) histogram) number {
	past, note, none := withPast(pods, func(p page) string { return now(p).why }, len(pods))
	if none != "" {
		return number{why: none}
	}
	var sum histogram
	left := 0
	for _, t := range past {
		before, _, _ := t.since()
		switch seen := of(t.totals).minus(of(before)); {
		case sum.bounds == nil:
			sum = seen
		case !sum.add(seen):
			left++
		}
	}
	if left > 0 {
		note = join(note, counted(left, "pod")+" with other buckets left out")
	}
	value, above, ok := quantileOf(quantile, sum.bounds, sum.counts)
	if !ok {
		return number{why: "no messages in the last " + scale.Span(window)}
	}
	if above {
		note = join("at least, it is beyond the largest bucket", note)
	}
	return number{value: value, note: note}
}

// minus is what was observed since an earlier state; all of it when the buckets are
// others now.
func (h histogram) minus(before histogram) histogram {
	out := histogram{bounds: h.bounds, counts: slices.Clone(h.counts), sum: h.sum}
	if !slices.Equal(h.bounds, before.bounds) {
		return out
	}
	for i, n := range before.counts {
		out.counts[i] = max(0, out.counts[i]-n)
	}
	out.sum = max(0, out.sum-before.sum)
	return out
}

// allBreakers lists the breakers of all pods.
func allBreakers(pods []*track) breakers {
	tell, none := telling(pods, func(p page) string { return p.breaker.why })
	if none != "" {
		return breakers{why: none}
	}
	var states []float64
	for _, t := range tell {
		states = append(states, t.page.breaker.values...)
	}
	return breakers{states: states}
}

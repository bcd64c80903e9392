package app

import (
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// seriesEach is how many series a counter may have for each component, beside seriesMore for all
	// that is not about one.
	seriesEach = 12
	seriesMore = 256
	// otherWord stands for what is beyond that, and for a component that the runbook does not
	// name: old operations are of components that are gone.
	otherWord = "other"
)

// series is a counter whose number of series has a bound, whatever is counted: first comes
// the component, and what is beyond the bound is counted together.
type series struct {
	counter *prometheus.CounterVec
	// components are the runbook's.
	components map[string]bool

	mu sync.Mutex
	// known are the series that there are, and more those of them beyond the bound.
	known, more map[string]bool
}

func newSeries(counter *prometheus.CounterVec, components map[string]bool) *series {
	return &series{counter: counter, components: components, known: map[string]bool{}, more: map[string]bool{}}
}

// inc counts one of a component; empty is no component at all.
func (s *series) inc(component string, words ...string) {
	if component != "" && !s.components[component] {
		component = otherWord
	}
	s.counter.WithLabelValues(s.within(append([]string{component}, words...))...).Inc()
}

// within are the labels under which something is counted: its own, beyond the bound those
// without its component, and beyond that again none.
func (s *series) within(labels []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if take(s.known, labels, seriesEach*len(s.components)+seriesMore) {
		return labels
	}
	labels[0] = otherWord
	if !take(s.more, labels, seriesMore) {
		for i := range labels {
			labels[i] = otherWord
		}
	}
	return labels
}

// take reports whether labels are among at most so many, or become one of them.
func take(of map[string]bool, labels []string, most int) bool {
	key := strings.Join(labels, "\x00")
	if !of[key] && len(of) >= most {
		return false
	}
	of[key] = true
	return true
}

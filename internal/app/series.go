package app

import (
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// seriesEach is how many series a counter may have for each component; seriesMore is how
	// many more it may have that belong to no component.
	seriesEach = 12
	seriesMore = 256
	// otherWord is the label value of everything beyond these bounds, and of a component that the
	// runbook does not name: old operations may belong to components that were removed.
	otherWord = "other"
)

// series is a counter with a bounded number of series. The component is its first label; whatever
// exceeds the bound is counted together.
type series struct {
	counter *prometheus.CounterVec
	// components are the runbook's.
	components map[string]bool

	mu sync.Mutex
	// known are the series within the bound; more are those that exceeded it and are counted
	// without their component.
	known, more map[string]bool
}

func newSeries(counter *prometheus.CounterVec, components map[string]bool) *series {
	return &series{counter: counter, components: components, known: map[string]bool{}, more: map[string]bool{}}
}

// inc counts one event of a component; an empty name is no component.
func (s *series) inc(component string, words ...string) {
	if component != "" && !s.components[component] {
		component = otherWord
	}
	s.counter.WithLabelValues(s.within(append([]string{component}, words...))...).Inc()
}

// within returns the labels to count under: the given ones; if they exceed the bound, those
// without the component; if those exceed it too, otherWord everywhere.
func (s *series) within(labels []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if admit(s.known, labels, seriesEach*len(s.components)+seriesMore) {
		return labels
	}
	labels[0] = otherWord
	if !admit(s.more, labels, seriesMore) {
		for i := range labels {
			labels[i] = otherWord
		}
	}
	return labels
}

// admit reports whether labels are in a set of at most most entries, and adds them if there is
// room.
func admit(of map[string]bool, labels []string, most int) bool {
	key := strings.Join(labels, "\x00")
	if !of[key] && len(of) >= most {
		return false
	}
	of[key] = true
	return true
}

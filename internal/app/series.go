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
	// otherWord is the label of everything beyond these bounds, and of a component that the
	// runbook does not name: old operations may be of components that are gone.
	otherWord = "other"
)

// series is a counter with a bounded number of series, whatever is counted. The component is
// its first label; what exceeds the bound is counted together.
type series struct {
	counter *prometheus.CounterVec
	// components are the runbook's.
	components map[string]bool

	mu sync.Mutex
	// known are the series below the bound, more those that exceeded it and are counted without
	// their component.
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

// within returns the labels under which something is counted: its own; when they exceed the
// bound, those without the component; when those exceed it too, otherWord everywhere.
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

// admit reports whether labels are among at most so many, and adds them when there is room.
func admit(of map[string]bool, labels []string, most int) bool {
	key := strings.Join(labels, "\x00")
	if !of[key] && len(of) >= most {
		return false
	}
	of[key] = true
	return true
}

package app

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// lines are the series of a registry.
func lines(t *testing.T, r *prometheus.Registry) (all int, of map[string]int) {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	of = map[string]int{}
	for _, family := range families {
		of[family.GetName()] += len(family.GetMetric())
		all += len(family.GetMetric())
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if label.GetName() == "component" {
					of[label.GetValue()]++
				}
			}
		}
	}
	return all, of
}

// Whatever is counted, each counter has at most so many series for a component and so many
// beside them, and nothing is lost: names that people type, codes that grow, horizons of
// older runbooks.
func TestSeriesAreBounded(t *testing.T) {
	const components, each = 50, 400
	var names []string
	for i := range components {
		names = append(names, fmt.Sprintf("worker-%03d", i))
	}
	registry := prometheus.NewRegistry()
	m := newMeter(registry, names)
	counted := 0
	for c := range 3 * components {
		component := fmt.Sprintf("worker-%03d", c)
		for n := range each {
			word := fmt.Sprint(n)
			m.Decision(component, word, word)
			m.Entered(component, ledger.State(word))
			m.Effect(component, word)
			m.Reported(component, word, scale.Verdict(word), n%2 == 0)
			m.Unreported(component, word, word)
			counted += 5
		}
	}
	all, _ := lines(t, registry)
	if most := 5 * (seriesEach*components + 2*seriesMore + 1); all > most {
		t.Errorf("%d series, want at most %d", all, most)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		for _, one := range family.GetMetric() {
			sum += one.GetCounter().GetValue()
		}
	}
	if int(sum) != counted {
		t.Errorf("the series add up to %v, want all %d", sum, counted)
	}
}

// A name that the runbook does not know makes no series of its own; what is counted of 500
// components in ordinary use keeps its component.
func TestComponentsAreTheRunbooks(t *testing.T) {
	const components = 500
	var names []string
	for i := range components {
		names = append(names, fmt.Sprintf("worker-%03d", i))
	}
	registry := prometheus.NewRegistry()
	m := newMeter(registry, names)
	for i := range 1000 {
		m.Decision(fmt.Sprintf("typed-%d", i), "propose", "not_found")
	}
	m.Decision("", "command", "unknown_word")
	for _, name := range names {
		for _, verb := range []string{"propose", "approve", "decline", "cancel"} {
			for _, outcome := range []string{"ok", "not_on_call"} {
				m.Decision(name, verb, outcome)
			}
		}
		for _, state := range ledger.States {
			m.Entered(name, state)
		}
	}
	all, of := lines(t, registry)
	if all != components*(8+len(ledger.States))+2 || of[otherWord] != 1 || of[""] != 1 {
		t.Errorf("%d series, %d of other components and %d of none; want %d, one and one", all, of[otherWord], of[""], components*(8+len(ledger.States))+2)
	}
}

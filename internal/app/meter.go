package app

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// meter counts what the engine does. It implements engine.Meter.
type meter struct {
	decisions, entered, effects, reports, unreported *series
}

var _ engine.Meter = (*meter)(nil)

// newMeter returns a meter for the components of a runbook. series bounds its number of series.
func newMeter(r prometheus.Registerer, components []string) *meter {
	names := make(map[string]bool, len(components))
	for _, name := range components {
		names[name] = true
	}
	counter := func(name, help string, labels ...string) *series {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "scalebot", Name: name, Help: help}, labels)
		r.MustRegister(c)
		return newSeries(c, names)
	}
	return &meter{
		decisions:  counter("decisions_total", "Proposals, approvals and other decisions, by outcome: ok or the refusal's code.", "component", "verb", "outcome"),
		entered:    counter("operation_states_total", "Operations that entered a state.", "component", "state"),
		effects:    counter("effects_total", "Writes of a change, by outcome.", "component", "outcome"),
		reports:    counter("reports_total", "Reports posted after a change.", "component", "horizon", "verdict", "late"),
		unreported: counter("reports_missing_total", "Reports that will never be seen, by reason: superseded, failed or not_posted.", "component", "horizon", "why"),
	}
}

func (m *meter) Decision(component, verb, outcome string) {
	m.decisions.inc(component, verb, outcome)
}

func (m *meter) Entered(component string, state ledger.State) {
	m.entered.inc(component, string(state))
}

func (m *meter) Effect(component, outcome string) {
	m.effects.inc(component, outcome)
}

func (m *meter) Reported(component, horizon string, verdict scale.Verdict, late bool) {
	m.reports.inc(component, horizon, string(verdict), strconv.FormatBool(late))
}

func (m *meter) Unreported(component, horizon, why string) {
	m.unreported.inc(component, horizon, why)
}

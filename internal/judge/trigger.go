package judge

import (
	"fmt"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Trigger is one row of the runbook that asks for more workers, or allows fewer. Everything about
// a trigger is in its row of the table below. Derived from the table are the findings, the alerts
// and suggestions, the lists on cards, the note about what cannot be judged, how much history the
// bot keeps, and the settings of the runbook file with their checks.
type Trigger struct {
	Rule scale.Rule
	// Metric is what people call the measured value: "p95 latency".
	Metric string
	// Advises is what the runbook asks for when the row fires: scale.ScaleUp, of which any one
	// is enough, or scale.ScaleDown, of which all have to agree.
	Advises scale.Action
	// Setting is how the runbook file writes the row's limit, and Limit where the policy keeps
	// it; both are empty for a row that compares two measured counts.
	Setting Setting
	Limit   func(*scale.Policy) *scale.Limit
	// ByLoad says that load alone makes the row fire, so that the count which carries the load
	// is enough.
	ByLoad bool
	// OfWorkers says that the workers report the value, so that none is expected while none run.
	OfWorkers bool

	// find judges the row.
	find func(View, Trigger) scale.Finding
	// lacks is the missing data of a scale-up row. It is nil for scale-down rows: without data
	// those block a scale-down, which needs no note.
	lacks func(View) absent
}

// triggers are the scale-up rows and the scale-down rows in
// the order in which people read them.
var triggers = []Trigger{
	{
		Rule: scale.RuleLag, Metric: "lag", Advises: scale.ScaleUp, ByLoad: true,
		Setting: Setting{Section: "scaleUp", Key: "lag", Bound: "above", Unit: Messages},
		Limit:   func(p *scale.Policy) *scale.Limit { return &p.Up.Lag },
		find:    View.lagFinding, lacks: View.lagLacks,
	},
	{
		Rule: scale.RuleLatency, Metric: "p95 latency", Advises: scale.ScaleUp, OfWorkers: true,
		Setting: Setting{Section: "scaleUp", Key: "latency", Bound: "above", Unit: Seconds},
		Limit:   func(p *scale.Policy) *scale.Limit { return &p.Up.Latency },
		find:    View.latencyFinding, lacks: func(v View) absent { return unseen(v.Now.Signals.Latency) },
	},
	{
		Rule: scale.RuleCPU, Metric: "CPU", Advises: scale.ScaleUp, OfWorkers: true,
		Setting: Setting{Section: "scaleUp", Key: "cpu", Bound: "above", Unit: Share, Whole: "CPU never passes its limit"},
		Limit:   func(p *scale.Policy) *scale.Limit { return &p.Up.CPU },
		find:    View.cpuFinding, lacks: func(v View) absent { return unseen(v.Now.Usage) },
	},
	{
		Rule: scale.RuleMemory, Metric: "memory", Advises: scale.ScaleUp, OfWorkers: true,
		Setting: Setting{Section: "scaleUp", Key: "memory", Bound: "above", Unit: Share, Whole: "memory never passes its limit"},
		Limit:   func(p *scale.Policy) *scale.Limit { return &p.Up.Memory },
		find:    View.memoryFinding, lacks: func(v View) absent { return unseen(v.Now.Usage) },
	},
	{
		Rule: scale.RuleTimeouts, Metric: "timeouts", Advises: scale.ScaleUp, OfWorkers: true,
		Setting: Setting{Section: "scaleUp", Key: "timeoutErrors", Bound: "above", Unit: Share, Whole: "an error share is never above 100%"},
		Limit:   func(p *scale.Policy) *scale.Limit { return &p.Up.Errors },
		find:    View.timeoutsFinding, lacks: func(v View) absent { return unseen(v.Now.Signals.Errors) },
	},
	{
		Rule: scale.RuleThroughput, Metric: "throughput", Advises: scale.ScaleUp, OfWorkers: true, ByLoad: true,
		Setting: Setting{Section: "scaleUp", Key: "throughput", Bound: "below", Unit: MessagesPerSecond},
		Limit:   func(p *scale.Policy) *scale.Limit { return &p.Up.Throughput },
		find:    View.throughputFinding, lacks: View.throughputLacks,
	},
	{
		Rule: scale.RuleQuiet, Metric: "lag", Advises: scale.ScaleDown,
		Setting: Setting{Section: "scaleDown", Key: "lag", Bound: "below", Unit: Messages},
		Limit:   func(p *scale.Policy) *scale.Limit { return &p.Down.Lag },
		find:    View.quietFinding,
	},
	{
		Rule: scale.RuleIdleCPU, Metric: "CPU", Advises: scale.ScaleDown,
		Setting: Setting{Section: "scaleDown", Key: "cpu", Bound: "below", Unit: Share},
		Limit:   func(p *scale.Policy) *scale.Limit { return &p.Down.CPU },
		find:    View.cpuFinding,
	},
	{
		Rule: scale.RuleIdleMemory, Metric: "memory", Advises: scale.ScaleDown,
		Setting: Setting{Section: "scaleDown", Key: "memory", Bound: "below", Unit: Share},
		Limit:   func(p *scale.Policy) *scale.Limit { return &p.Down.Memory },
		find:    View.memoryFinding,
	},
	{
		Rule: scale.RuleSurplus, Metric: "workers", Advises: scale.ScaleDown,
		find: View.surplusFinding,
	},
}

// Setting is how the runbook file writes the limit of a trigger:
// "scaleUp: {lag: {above: 10000, …}}".
type Setting struct {
	// Section and Key name the row in the file, Bound the limit's value within it: "above" or
	// "below".
	Section, Key, Bound string
	Unit                Unit
	// Whole is set for an upper limit that is a share. It says why the value never passes 100 %,
	// at which limit the row would never fire.
	Whole string
}

// Path is the dotted name of a setting of the row: "scaleUp.lag.above".
func (s Setting) Path(setting string) string { return s.Section + "." + s.Key + "." + setting }

// Unit is what the value of a limit counts.
type Unit int

// The units of the runbook's limits.
const (
	Messages Unit = iota
	MessagesPerSecond
	Seconds
	// Share is a part of one: 0.8 is 80 %.
	Share
)

// Triggers are all rows of the runbook that ask for another count: the scale-up rows, then
// the scale-down rows.
func Triggers() []Trigger { return slices.Clone(triggers) }

// TriggerOf is the trigger of a rule; false when the rule is none.
func TriggerOf(rule scale.Rule) (Trigger, bool) {
	i := slices.IndexFunc(triggers, func(t Trigger) bool { return t.Rule == rule })
	if i < 0 {
		return Trigger{}, false
	}
	return triggers[i], true
}

// ScaleUpRule reports whether the rule asks for more workers when it fires.
func ScaleUpRule(rule scale.Rule) bool {
	t, _ := TriggerOf(rule)
	return t.Advises == scale.ScaleUp
}

// ScaleDownRule reports whether the rule allows fewer workers when it fires.
func ScaleDownRule(rule scale.Rule) bool {
	t, _ := TriggerOf(rule)
	return t.Advises == scale.ScaleDown
}

// rulesThat are the rules of the triggers that advise the action, in their order.
func rulesThat(advise scale.Action) []scale.Rule {
	var rules []scale.Rule
	for _, t := range triggers {
		if t.Advises == advise {
			rules = append(rules, t.Rule)
		}
	}
	return rules
}

// LongestWindow is the longest time that any rule looks back: the waiting time of every trigger
// and the window of the rates. It sets how much history is kept, filled in at the
// start and read, and the checks of a runbook file use it: every accepted rule can be judged.
func LongestWindow(p scale.Policy) time.Duration {
	longest := p.Times.RateWindow
	for _, t := range triggers {
		longest = max(longest, t.limitIn(p).For)
	}
	return longest
}

// limitIn is the trigger's limit in a policy; the zero limit where it has none.
func (t Trigger) limitIn(p scale.Policy) scale.Limit {
	if t.Limit == nil {
		return scale.Limit{}
	}
	return *t.Limit(&p)
}

// findings are the triggers that advise the action, applied to what is seen.
func (v View) findings(advise scale.Action) []scale.Finding {
	var found []scale.Finding
	for _, t := range triggers {
		if t.Advises == advise {
			found = append(found, t.find(v, t))
		}
	}
	return found
}

// firing makes the finding of a trigger whose condition holds: "lag 14,200 > 10,000 →
// Critical, now".
func (t Trigger) firing(value, bound string, l scale.Limit) scale.Finding {
	f := scale.Finding{
		Rule: t.Rule, Metric: t.Metric, Outcome: scale.Fires, Value: value, Limit: bound,
		Urgency: l.Urgency, ActWithin: l.Within, Window: l.For, Advises: t.Advises,
	}
	f.Sentence = fmt.Sprintf("%s %s %s", t.Metric, value, bound)
	if l.For > 0 {
		f.Sentence += " for " + scale.Span(l.For)
	}
	if l.Urgency > scale.UrgencyNone {
		f.Sentence += fmt.Sprintf(" → %s, %s", l.Urgency, scale.Within(l.Within))
	}
	return f
}

// silent makes the finding of a trigger whose condition does not hold.
func (t Trigger) silent(value, bound string, l scale.Limit) scale.Finding {
	return scale.Finding{
		Rule: t.Rule, Metric: t.Metric, Outcome: scale.Silent, Value: value, Limit: bound, Window: l.For,
		Sentence: fmt.Sprintf("%s %s, limit %s", t.Metric, value, bound),
	}
}

// unclear makes the finding of a trigger that cannot be judged, with the reason.
func (t Trigger) unclear(bound, why string, l scale.Limit) scale.Finding {
	return scale.Finding{
		Rule: t.Rule, Metric: t.Metric, Outcome: scale.Unclear, Limit: bound, Window: l.For,
		Sentence: fmt.Sprintf("%s %s cannot be judged: %s", t.Metric, bound, why),
	}
}

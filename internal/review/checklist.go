package review

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// stage is one of the runbook's three lists of checks after a change.
type stage int

// The stages of the checklist after a change.
const (
	immediate  stage = iota // 5 min after the write
	shortTerm               // 15 min
	mediumTerm              // 1 h
)

// mediumFrom is the time after the write from which a report uses the medium-term list even if
// another report follows.
const mediumFrom = time.Hour

// position is where a report stands among those of its operation.
type position struct {
	list stage
	// last says that no report follows.
	last bool
}

// positionOf is the position of the report with this index, given the times of the reports. The
// first report uses the immediate list and the last one the medium-term list, whatever their
// times. A report between them uses the medium-term list from one hour on. A single report is the
// last.
func positionOf(after []time.Duration, report int) position {
	switch {
	case report >= len(after)-1:
		return position{mediumTerm, true}
	case report <= 0:
		return position{list: immediate}
	case after[report] >= mediumFrom:
		return position{list: mediumTerm}
	}
	return position{list: shortTerm}
}

// reportTimes are the times of an operation's reports after the write: those stored with it,
// otherwise those of the policy.
func reportTimes(p scale.Policy, op ledger.Operation) []time.Duration {
	var after []time.Duration
	for _, r := range op.Reports {
		after = append(after, r.Due.Sub(op.Rollout().WrittenAt))
	}
	if len(after) > 0 {
		return after
	}
	for _, h := range p.Times.Horizons {
		after = append(after, h.After)
	}
	return after
}

// checkAfter is one row of the checklist after a change.
type checkAfter struct {
	rule scale.Rule
	// name is what people read; a check may add its limit to it.
	name string
	// at are the lists that contain the row.
	at []stage
	// only says for which changes or components the check is made; nil for all.
	only func(followup) bool
	// answers fills in the check, whose result is set to passed before the call.
	answers func(followup, scale.Check) []scale.Check
}

// checksAfter are the runbook's lists, each in its order.
var checksAfter = []checkAfter{
	{rule: scale.RulePodsRun, name: "all pods running", at: []stage{immediate}, answers: answer(followup.podsCheck)},
	{rule: scale.RuleRebalanced, name: "rebalance finished, partitions spread", at: []stage{immediate}, answers: answer(followup.rebalanceCheck)},
	{rule: scale.RuleNoErrorSpike, name: "no error spike", at: []stage{immediate}, answers: answer(followup.errorSpikeCheck)},
	{rule: scale.RuleTrendAfter, name: "lag trend", at: []stage{immediate}, only: followup.scaledUp, answers: answer(followup.trendCheck)},
	{rule: scale.RuleLagStaysLow, name: "lag stays low", at: []stage{immediate}, only: followup.scaledDown, answers: answer(followup.trendCheck)},
	{rule: scale.RuleConsumption, name: "consumption rate", at: []stage{immediate}, answers: answer(followup.consumptionCheck)},
	{rule: scale.RuleWrites, name: "write rate", at: []stage{immediate}, only: followup.countsWrites, answers: answer(followup.writesCheck)},

	{rule: scale.RuleLagAcceptable, name: "lag under", at: []stage{shortTerm}, answers: answer(followup.lag15Check)},
	{rule: scale.RuleNotAtLimits, name: "CPU and memory not at limits", at: []stage{shortTerm}, answers: answer(followup.limitsCheck)},
	{rule: scale.RuleLatencyAfter, name: "p95 latency", at: []stage{shortTerm}, answers: answer(followup.latencyCheck)},
	{rule: scale.RuleBreakersClosed, name: "no circuit breaker open", at: []stage{shortTerm}, answers: answer(followup.breakerCheck)},
	{rule: scale.RuleDownstream, name: "lag behind it", at: []stage{immediate, shortTerm}, only: followup.scaledUp, answers: followup.downstreamChecks},

	{rule: scale.RuleLagLow, name: "lag low and stable", at: []stage{mediumTerm}, answers: answer(followup.lowLagCheck)},
	{rule: scale.RuleFewErrors, name: "errors under", at: []stage{mediumTerm}, answers: answer(followup.errorsCheck)},
	{rule: scale.RuleNoRestarts, name: "no pod restarts or failures", at: []stage{mediumTerm}, answers: answer(followup.restartsCheck)},
	{rule: scale.RuleThroughputAfter, name: "throughput as expected", at: []stage{mediumTerm}, answers: answer(followup.throughputCheck)},
}

// answer wraps a row with a single check.
func answer(check func(followup, scale.Check) scale.Check) func(followup, scale.Check) []scale.Check {
	return func(f followup, row scale.Check) []scale.Check { return []scale.Check{check(f, row)} }
}

// checks makes the checks of one list.
func (f followup) checks(at stage) []scale.Check {
	var checks []scale.Check
	for _, row := range checksAfter {
		if slices.Contains(row.at, at) && (row.only == nil || row.only(f)) {
			checks = append(checks, row.answers(f, scale.Check{Rule: row.rule, Name: row.name, Result: scale.Pass})...)
		}
	}
	return checks
}

func (f followup) scaledUp() bool { return !f.op.Down() }

func (f followup) scaledDown() bool { return f.op.Down() }

// countsWrites reports whether the component names a metric of writes.
func (f followup) countsWrites() bool { return f.Component.Metrics.Writes.Configured() }

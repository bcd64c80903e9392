package scale

import (
	"strconv"
	"strings"
)

// Rule names a row of the written runbook, such as "R-001", or a trap in it, such as "T-33".
// People see it in messages and find it in docs/runbook.md; records keep it as text.
type Rule string

// The triggers: the rows that ask for more workers, and those that allow fewer. Each is described
// in the table of judge.Triggers.
const (
	RuleLag        Rule = "R-001"
	RuleLatency    Rule = "R-002"
	RuleCPU        Rule = "R-003"
	RuleMemory     Rule = "R-004"
	RuleTimeouts   Rule = "R-005"
	RuleThroughput Rule = "R-006"

	RuleQuiet      Rule = "R-011"
	RuleIdleCPU    Rule = "R-012"
	RuleIdleMemory Rule = "R-013"
	RuleSurplus    Rule = "R-014"
)

// The checks before a change.
const (
	RuleRoom          Rule = "R-103"
	RuleLagAndTrend   Rule = "R-105"
	RuleUsage         Rule = "R-106"
	RuleErrorKinds    Rule = "R-107"
	RuleSpread        Rule = "R-108"
	RuleRecentRollout Rule = "R-109"
)

// The checks of the reports after a change.
const (
	RuleConsumption     Rule = "R-044"
	RuleWrites          Rule = "R-047"
	RuleLagStaysLow     Rule = "R-053"
	RulePodsRun         Rule = "R-114"
	RuleRebalanced      Rule = "R-115"
	RuleNoErrorSpike    Rule = "R-116"
	RuleTrendAfter      Rule = "R-117"
	RuleLagAcceptable   Rule = "R-118"
	RuleNotAtLimits     Rule = "R-119"
	RuleLatencyAfter    Rule = "R-120"
	RuleBreakersClosed  Rule = "R-121"
	RuleLagLow          Rule = "R-122"
	RuleFewErrors       Rule = "R-123"
	RuleNoRestarts      Rule = "R-124"
	RuleThroughputAfter Rule = "R-125"
	RuleDownstream      Rule = "T-35"
)

// The branches of the troubleshooting section.
const (
	RuleStillRising     Rule = "R-129"
	RuleElsewhere       Rule = "R-130"
	RuleWorkersEnough   Rule = "R-131"
	RulePodLimits       Rule = "R-132"
	RuleRebalanceInTime Rule = "R-133"
	RulePodsStart       Rule = "R-135"
	RuleOwner           Rule = "T-01"
	RuleOnePartition    Rule = "T-33"
)

// Number is the number of a row, 14 for "R-014"; zero where the rule has none.
func (r Rule) Number() int {
	_, digits, _ := strings.Cut(string(r), "-")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

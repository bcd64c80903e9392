package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// recentRollout is for how long after a rollout its new image is a suspect.
const recentRollout = time.Hour

// checkBefore is one check of the runbook's checklist before a change.
type checkBefore struct {
	rule scale.Rule
	name string
	// only says for which targets the check is made; nil for all.
	only func(v View, to int) bool
	// answer fills in the check, whose result is set to passed before the call.
	answer func(v View, check scale.Check, to int) scale.Check
}

// checksBefore are and the room for more pods, in the order of the card.
var checksBefore = []checkBefore{
	{rule: scale.RuleLagAndTrend, name: "lag and trend", answer: View.lagCheck},
	{rule: scale.RuleUsage, name: "CPU and memory", answer: View.usageCheck},
	{rule: scale.RuleErrorKinds, name: "error rate and kinds", answer: View.errorCheck},
	{rule: scale.RuleSpread, name: "partitions and their spread", answer: View.spreadBefore},
	{rule: scale.RuleRecentRollout, name: "recent rollouts", answer: View.rolloutCheck},
	{rule: scale.RuleRoom, name: "room for the pods", only: View.adds, answer: View.roomCheck},
}

// checklist is the runbook's checklist before a change to a count.
func (v View) checklist(to int) []scale.Check {
	var checks []scale.Check
	for _, row := range checksBefore {
		if row.only == nil || row.only(v, to) {
			checks = append(checks, row.answer(v, scale.Check{Rule: row.rule, Name: row.name, Result: scale.Pass}, to))
		}
	}
	return checks
}

// adds reports whether the target is higher than the present count.
func (v View) adds(to int) bool { return to > v.Replicas }

// Lacking is a check that could not be made, with the reason. It is never a pass.
func Lacking(check scale.Check, why, source string) scale.Check {
	return scale.Check{Rule: check.Rule, Name: check.Name, Result: scale.ResultUnsure, After: "unknown", Note: why, Source: source}
}

// lagCheck is R-105: level and trend.
func (v View) lagCheck(check scale.Check, to int) scale.Check {
	source := scale.From(v.Now.Lag, v.Now.At)
	if !v.LagKnown {
		return Lacking(check, v.Now.Lag.Why(), source)
	}
	trend, change := v.Trend()
	check.Source, check.Note = source, v.LagGap()
	check.After = v.LagRead() + ", " + measure.TrendSentence(trend, change)
	if age := v.AgeSentence(); age != "" {
		check.After += ", " + age
	}
	switch {
	case v.Lag.Unknown > 0:
		check.Result = scale.ResultUnsure
	case !v.LagComplete():
		check.Result = scale.Warn
	case to < v.Replicas && v.busyNow(), float64(v.Lag.Total) > v.Policy.Up.Lag.Value:
		check.Result = scale.Warn
	}
	if v.Lag.Lost > 0 {
		check.Result = scale.Warn
		check.Note = strings.TrimPrefix(check.Note+"; "+scale.Count(v.Lag.Lost)+" messages were deleted by retention before they were read", "; ")
	}
	return check
}

// usageCheck is R-106: CPU and memory, with the bound they are a share of.
func (v View) usageCheck(check scale.Check, _ int) scale.Check {
	source := scale.From(v.Now.Usage, v.Now.At)
	usage, known := v.Now.Usage.Get()
	if !known {
		return Lacking(check, v.Now.Usage.Why(), source)
	}
	cpu, cpuBase := usage.CPU()
	memory, memoryBase := usage.Memory()
	check.Source, check.After = source, "CPU "+ShareOf(cpu, cpuBase)+", memory "+ShareOf(memory, memoryBase)
	switch {
	case cpu < 0 && memory < 0:
		return Lacking(check, usage.Unbounded(), source)
	case cpu > v.Policy.Up.CPU.Value || memory > v.Policy.Up.Memory.Value:
		check.Result = scale.Warn
	case cpu < 0 || memory < 0:
		check.Result, check.Note = scale.ResultUnsure, usage.Unbounded()
	}
	if usage.Pods < usage.Of {
		check.Note = fmt.Sprintf("%d of %s answered", usage.Pods, scale.Several(usage.Of, "pod"))
	}
	return check
}

// ShareOf prints a share: "54 % of limit"; a negative one is unknown.
func ShareOf(share float64, of string) string {
	if share < 0 {
		return "unknown"
	}
	return scale.Percent(share) + " of " + of
}

// errorCheck is R-107: the error rate by kind.
func (v View) errorCheck(check scale.Check, _ int) scale.Check {
	source := scale.From(v.Now.Signals.Errors, v.Now.At)
	rate, known := v.Now.Signals.Errors.Get()
	if !known {
		return Lacking(check, v.Now.Signals.Errors.Why(), source)
	}
	check.Source, check.After = source, scale.Percent(rate.Share)
	if kinds := KindsOf(rate); kinds != "" {
		check.After += " (" + kinds + ")"
	}
	if rate.Share > v.Policy.Up.Errors.Value {
		check.Result = scale.Warn
	}
	return check
}

// KindsOf lists error kinds, the most frequent first.
func KindsOf(rate scale.ErrorRate) string {
	var kinds []string
	for kind, perSecond := range rate.Kinds {
		if perSecond > 0 {
			kinds = append(kinds, kind)
		}
	}
	slices.SortFunc(kinds, func(a, b string) int {
		if rate.Kinds[a] != rate.Kinds[b] {
			if rate.Kinds[a] > rate.Kinds[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	words := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		words = append(words, fmt.Sprintf("%s %.2g/s", kind, rate.Kinds[kind]))
	}
	return scale.List(words, 3)
}

func (v View) spreadBefore(check scale.Check, _ int) scale.Check {
	return v.SpreadCheck(check, v.Policy.After.Spread)
}

// SpreadCheck is: every partition has an owner and no member owns far
// more than an even share.
func (v View) SpreadCheck(check scale.Check, tolerance int) scale.Check {
	check.Source = scale.From(v.Now.Group, v.Now.At)
	consumers, known := v.ConsumersNow.Get()
	switch {
	case !known:
		return Lacking(check, v.Now.Group.Why(), check.Source)
	case v.Partitions <= 0:
		return Lacking(check, "the number of partitions is unknown: "+v.Now.Partitions.Why(), check.Source)
	case consumers.State.Rebalancing():
		check.Result, check.Note = scale.ResultUnsure, "partitions are being handed out"
		check.After = fmt.Sprintf("%s, group %s", scale.Several(v.Partitions, "partition"), consumers.State)
		return check
	case v.Open:
		return v.judgeShared(check, consumers)
	}
	return v.judgeSpread(check, consumers.Spread(), tolerance)
}

// judgeSpread counts the component's topics only: what its members own of other topics, and
// members that read only other topics, are left out.
func (v View) judgeSpread(check scale.Check, s measure.Spread, tolerance int) scale.Check {
	check.After = fmt.Sprintf("%s over %s, %s each", scale.Several(v.Partitions, "partition"), scale.Several(s.Readers, "member"), scale.Range(s.Least, s.Most))
	share := float64(v.Partitions) / float64(max(1, s.Readers))
	switch {
	case s.Readers == 0:
		check.Result, check.After = scale.Fail, scale.Several(v.Partitions, "partition")+", no member"
	case s.Opaque > 0:
		check.Result = scale.ResultUnsure
		check.Note = "the share of " + scale.Several(s.Opaque, "member") + " could not be read"
	case s.Owned < v.Partitions:
		check.Result = scale.Fail
		check.Note = scale.Several(v.Partitions-s.Owned, "partition") + " without an owner"
	case float64(s.Most) > share+float64(tolerance):
		check.Result = scale.Fail
		check.Note = fmt.Sprintf("one member owns %d, an even share is %.2g", s.Most, share)
	case s.Idle > 0:
		check.Result = scale.Warn
		check.Note = scale.Several(s.Idle, "member") + " without a partition"
	}
	return check
}

// rolloutCheck is R-109: a rollout of some minutes ago is the first suspect.
func (v View) rolloutCheck(check scale.Check, _ int) scale.Check {
	source := scale.From(v.Now.Workload, v.Now.At)
	w, known := v.Now.Workload.Get()
	if !known {
		return Lacking(check, v.Now.Workload.Why(), source)
	}
	check.Source = source
	switch {
	case w.Rolling:
		check.Result, check.After = scale.Warn, "a rollout is in progress"
	case w.RolledAt.IsZero():
		check.Result, check.After = scale.ResultUnsure, "unknown"
		check.Note = "the deployment does not say when it was last rolled out"
	default:
		ago := v.Now.At.Sub(w.RolledAt)
		check.After = "last " + scale.Span(max(0, ago)) + " ago"
		if ago < recentRollout {
			check.Result = scale.Warn
			check.Note = "recent enough to be the cause"
		}
	}
	if details := rolloutDetails(w); details != "" {
		check.After += ", " + details
	}
	return check
}

func rolloutDetails(w scale.Workload) string {
	var words []string
	if w.Image != "" {
		words = append(words, "image "+w.Image)
	}
	if w.Revision != "" {
		words = append(words, "revision "+w.Revision)
	}
	return strings.Join(words, ", ")
}

// roomCheck is R-103: whether the added pods fit.
func (v View) roomCheck(check scale.Check, to int) scale.Check {
	source := scale.From(v.Now.Room, v.Now.At)
	room, known := v.Now.Room.Get()
	if !known {
		return Lacking(check, v.Now.Room.Why(), source)
	}
	check.Source = source
	switch why := v.RoomVeto(to); {
	case why != "":
		check.Result, check.Note = scale.Fail, why
	case room.NodePods < 0:
		check.Result, check.Note = scale.ResultUnsure, "how many pods fit on the nodes is unknown"
	case len(room.Beyond) > 0:
		check.Result, check.Note = scale.ResultUnsure, "not counted: "+scale.List(room.Beyond, 3)
	}
	check.After = fmt.Sprintf("%d needed, %s", to-v.Replicas, RoomFor(room))
	return check
}

// RoomFor says how many more pods fit.
func RoomFor(r scale.Room) string {
	nodes := "room on the nodes unknown"
	if r.NodePods >= 0 {
		nodes = fmt.Sprintf("%d fit on the nodes", r.NodePods)
		if len(r.Beyond) > 0 {
			nodes = "at most " + nodes
		}
	}
	if r.QuotaPods >= 0 {
		nodes += fmt.Sprintf(", %d in the quota", r.QuotaPods)
	}
	return nodes
}

package scale

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// recentRollout is how long after a rollout it is worth suspecting.
const recentRollout = time.Hour

// checklist is what the runbook asks to look at before scaling and the
// room for more pods.
func (v view) checklist(to int) []Check {
	checks := []Check{v.lagCheck(to), v.usageCheck(), v.errorCheck(), v.spreadCheck("R-108", v.p.After.Spread), v.rolloutCheck()}
	if to > v.replicas {
		checks = append(checks, v.roomCheck(to))
	}
	return checks
}

// lacking is a check that could not be made, with the reason. It is never a pass.
func lacking(rule, name, why, source string) Check {
	return Check{Rule: rule, Name: name, Result: ResultUnsure, After: "unknown", Note: why, Source: source}
}

// lagCheck is R-105: level and trend.
func (v view) lagCheck(to int) Check {
	const rule, name = "R-105", "lag and trend"
	source := from(v.s.Lag, v.s.At)
	if !v.lagKnown {
		return lacking(rule, name, v.s.Lag.Why(), source)
	}
	trend, change := v.trend()
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source, Note: v.lagGap(),
		After: v.lagRead() + ", " + trendSentence(trend, change)}
	if age := v.ageSentence(); age != "" {
		check.After += ", " + age
	}
	switch {
	case v.lag.Unknown > 0:
		check.Result = ResultUnsure
	case !v.lagComplete():
		check.Result = Warn
	case to < v.replicas && v.busyNow(), float64(v.lag.Total) > v.p.Up.Lag.Value:
		check.Result = Warn
	}
	if v.lag.Lost > 0 {
		check.Result = Warn
		check.Note = strings.TrimPrefix(check.Note+"; "+Count(v.lag.Lost)+" messages were deleted by retention before they were read", "; ")
	}
	return check
}

// usageCheck is R-106: CPU and memory, saying of what.
func (v view) usageCheck() Check {
	const rule, name = "R-106", "CPU and memory"
	source := from(v.s.Usage, v.s.At)
	usage, known := v.s.Usage.Get()
	if !known {
		return lacking(rule, name, v.s.Usage.Why(), source)
	}
	cpu, cpuBase := usage.CPU()
	memory, memoryBase := usage.Memory()
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source,
		After: "CPU " + shareOf(cpu, cpuBase) + ", memory " + shareOf(memory, memoryBase)}
	switch {
	case cpu < 0 && memory < 0:
		return lacking(rule, name, usage.unbounded(), source)
	case cpu > v.p.Up.CPU.Value || memory > v.p.Up.Memory.Value:
		check.Result = Warn
	case cpu < 0 || memory < 0:
		check.Result, check.Note = ResultUnsure, usage.unbounded()
	}
	if usage.Pods < usage.Of {
		check.Note = fmt.Sprintf("%d of %s answered", usage.Pods, several(usage.Of, "pod"))
	}
	return check
}

func shareOf(share float64, of string) string {
	if share < 0 {
		return "unknown"
	}
	return Percent(share) + " of " + of
}

// errorCheck is R-107: the error rate by kind.
func (v view) errorCheck() Check {
	const rule, name = "R-107", "error rate and kinds"
	source := from(v.s.Signals.Errors, v.s.At)
	rate, known := v.s.Signals.Errors.Get()
	if !known {
		return lacking(rule, name, v.s.Signals.Errors.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source, After: Percent(rate.Share)}
	if kinds := kindsOf(rate); kinds != "" {
		check.After += " (" + kinds + ")"
	}
	if rate.Share > v.p.Up.Errors.Value {
		check.Result = Warn
	}
	return check
}

// kindsOf lists error kinds, the most frequent first.
func kindsOf(rate ErrorRate) string {
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
	return list(words, 3)
}

// spreadCheck is: every partition has an owner and no member owns far
// more than an even share.
func (v view) spreadCheck(rule string, tolerance int) Check {
	const name = "partitions and their spread"
	source := from(v.s.Group, v.s.At)
	consumers, known := v.consumersNow.Get()
	switch {
	case !known:
		return lacking(rule, name, v.s.Group.Why(), source)
	case v.partitions <= 0:
		return lacking(rule, name, "the number of partitions is unknown: "+v.s.Partitions.Why(), source)
	case consumers.State.Rebalancing():
		return Check{Rule: rule, Name: name, Result: ResultUnsure, Source: source,
			After: fmt.Sprintf("%s, group %s", several(v.partitions, "partition"), consumers.State), Note: "partitions are being handed out"}
	}
	if v.open {
		return v.judgeShared(Check{Rule: rule, Name: name, Result: Pass, Source: source}, consumers)
	}
	return v.judgeSpread(Check{Rule: rule, Name: name, Result: Pass, Source: source}, consumers.Spread(), tolerance)
}

// judgeSpread looks at the component's topics alone: what its members own beside them, and
// members that read only others, are no part of it.
func (v view) judgeSpread(check Check, s Spread, tolerance int) Check {
	check.After = fmt.Sprintf("%s over %s, %s each", several(v.partitions, "partition"), several(s.Readers, "member"), span(s.Least, s.Most))
	share := float64(v.partitions) / float64(max(1, s.Readers))
	switch {
	case s.Readers == 0:
		check.Result, check.After = Fail, several(v.partitions, "partition")+", no member"
	case s.Opaque > 0:
		check.Result = ResultUnsure
		check.Note = "the share of " + several(s.Opaque, "member") + " could not be read"
	case s.Owned < v.partitions:
		check.Result = Fail
		check.Note = several(v.partitions-s.Owned, "partition") + " without an owner"
	case float64(s.Most) > share+float64(tolerance):
		check.Result = Fail
		check.Note = fmt.Sprintf("one member owns %d, an even share is %.2g", s.Most, share)
	case s.Idle > 0:
		check.Result = Warn
		check.Note = several(s.Idle, "member") + " without a partition"
	}
	return check
}

// rolloutCheck is R-109: a change that is minutes old is the first suspect.
func (v view) rolloutCheck() Check {
	const rule, name = "R-109", "recent rollouts"
	source := from(v.s.Workload, v.s.At)
	w, known := v.s.Workload.Get()
	if !known {
		return lacking(rule, name, v.s.Workload.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source}
	switch {
	case w.Rolling:
		check.Result, check.After = Warn, "a rollout is in progress"
	case w.RolledAt.IsZero():
		check.Result, check.After = ResultUnsure, "unknown"
		check.Note = "the deployment does not say when it was last rolled out"
	default:
		ago := v.s.At.Sub(w.RolledAt)
		check.After = "last " + Span(max(0, ago)) + " ago"
		if ago < recentRollout {
			check.Result = Warn
			check.Note = "recent enough to be the cause"
		}
	}
	if details := rolloutDetails(w); details != "" {
		check.After += ", " + details
	}
	return check
}

func rolloutDetails(w Workload) string {
	var words []string
	if w.Image != "" {
		words = append(words, "image "+w.Image)
	}
	if w.Revision != "" {
		words = append(words, "revision "+w.Revision)
	}
	return strings.Join(words, ", ")
}

// roomCheck is R-103: whether the added pods find a place.
func (v view) roomCheck(to int) Check {
	const rule, name = "R-103", "room for the pods"
	source := from(v.s.Room, v.s.At)
	room, known := v.s.Room.Get()
	if !known {
		return lacking(rule, name, v.s.Room.Why(), source)
	}
	check := Check{Rule: rule, Name: name, Result: Pass, Source: source}
	switch why := v.roomVeto(to); {
	case why != "":
		check.Result, check.Note = Fail, why
	case room.NodePods < 0:
		check.Result, check.Note = ResultUnsure, "how many pods fit on the nodes is unknown"
	case len(room.Beyond) > 0:
		check.Result, check.Note = ResultUnsure, "not counted: "+list(room.Beyond, 3)
	}
	check.After = fmt.Sprintf("%d needed, %s", to-v.replicas, roomFor(room))
	return check
}

func roomFor(r Room) string {
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

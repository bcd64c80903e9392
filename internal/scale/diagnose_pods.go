package scale

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// rebalanceBranch is: a rebalance that takes too long, and the settings
// that decide it.
func (v view) rebalanceBranch() branch {
	check := Check{Rule: "R-133", Name: "rebalance finished in time", Result: Pass, Source: from(v.s.Group, v.s.At)}
	group, known := v.s.Group.Get()
	if !known {
		return branch{check: lacking(check.Rule, check.Name, v.s.Group.Why(), check.Source)}
	}
	late := v.p.Rollout.RebalanceLate
	consumers, _ := v.consumersNow.Get()
	check.After = fmt.Sprintf("%s with %s", group.State, several(len(consumers.Own), "member"))
	took := group.LastRebalance
	if group.State.Rebalancing() {
		took = v.s.At.Sub(group.RebalancingSince)
		if group.RebalancingSince.IsZero() {
			took = 0
		}
		check.After += " for " + Span(took)
	} else if took > 0 {
		check.After += ", the last one took " + Span(took)
	}
	if late <= 0 || took <= late {
		return v.memberBranch(check, consumers)
	}
	check.Result, check.Note = Fail, "longer than "+Span(late)
	text := fmt.Sprintf("The rebalance takes longer than %s.", Span(late))
	if !group.State.Rebalancing() {
		text = fmt.Sprintf("The last rebalance took %s, longer than %s.", Span(took), Span(late))
	}
	return branch{check, text, v.rebalanceAdvice()}
}

// memberBranch finds ready pods that are not members (T-36).
func (v view) memberBranch(check Check, c Consumers) branch {
	ready, known := v.ready()
	if !known || c.State.Rebalancing() || ready == 0 {
		return branch{check: check}
	}
	without := c.lacking(1)
	switch {
	case len(without) > 0:
		check.Note = fmt.Sprintf("%s ready, but without a consumer in the group%s (T-36): %s",
			of(len(without), ready, "pod"), c.others(), list(podNames(without), 3))
	case !c.Matched && len(c.Own) < ready:
		check.Note = fmt.Sprintf("%s ready, but only %s in the group%s (T-36)", several(ready, "pod"), several(len(c.Own), "member"), c.others())
	default:
		return branch{check: check}
	}
	check.Result = Warn
	return branch{check, "Ready pods do not take part in the group.", []string{
		"read the log of a pod that is ready but not a member: wrong group, broker or credentials",
	}}
}

// rebalanceAdvice compares the runbook's values with the live ones, and says whether
// following it raises or lowers them (R-134, T-17).
func (v view) rebalanceAdvice() []string {
	steps := []string{
		"search the workers' logs for rebalance timeouts (R-134)",
		v.setting("KAFKA_MAX_POLL_INTERVAL_MS", 300_000, 300_000) + " (R-134)",
		v.sessionAdvice() + " (R-134)",
	}
	// What is as it should be is no step, and comes last.
	slices.SortStableFunc(steps, func(a, b string) int {
		return cmp.Compare(strings.Count(a, asItShould), strings.Count(b, asItShould))
	})
	return steps
}

// sessionAdvice is about the session time-out where it is set: by the members of a classic
// group, and by the broker for the others, whose consumers refuse to start with
// session.timeout.ms (KIP-848, KIP-932, KIP-1071).
func (v view) sessionAdvice() string {
	group, _ := v.s.Group.Get()
	switch t := group.Type; t {
	case GroupConsumer, GroupShare, GroupStreams:
		return fmt.Sprintf("the broker sets the session time-out of this %s group: its group setting %s.session.timeout.ms, 45 to 60 s", t, t)
	case GroupClassic:
	}
	return v.setting(envSession, 30_000, 45_000)
}

// startBranch is: pods that do not start, with their events.
func (v view) startBranch() branch {
	check := Check{Rule: "R-135", Name: "all pods start", Result: Pass, Source: from(v.s.Workload, v.s.At)}
	w, known := v.s.Workload.Get()
	if !known {
		return branch{check: lacking(check.Rule, check.Name, v.s.Workload.Why(), check.Source)}
	}
	check.After = fmt.Sprintf("%d/%d ready", w.readyPods(), w.Desired)
	words := notReady(w)
	starting := true
	for _, p := range w.Counted() {
		if !p.Ready {
			starting = starting && (p.Cause == CauseNone || p.Cause == CauseStarting) &&
				v.s.At.Sub(p.CreatedAt) <= v.p.Rollout.PodsLate
		}
	}
	if w.Stuck != "" {
		words, starting = append(words, clauseOf(w.Stuck)), false
	}
	switch {
	case len(words) == 0 && w.readyPods() >= w.Desired:
		return branch{check: check}
	case starting && len(words) > 0:
		check.Result, check.Note = Warn, "still within the expected start: "+list(words, 3)
		return branch{check: check}
	}
	check.Result, check.Note = Fail, list(words, 3)
	return branch{check, Sentence("Pods do not start: " + list(words, 1)), v.podRemedies()}
}

// errorsBranch looks at errors that are no question of capacity.
func (v view) errorsBranch() branch {
	check := Check{Rule: "R-005", Name: "error rate", Result: Pass, Source: from(v.s.Signals.Errors, v.s.At)}
	rate, known := v.s.Signals.Errors.Get()
	if !known {
		return branch{check: lacking(check.Rule, check.Name, v.s.Signals.Errors.Why(), check.Source)}
	}
	check.After = Percent(rate.Share)
	if kinds := kindsOf(rate); kinds != "" {
		check.After += " (" + kinds + ")"
	}
	if rate.Share <= v.p.Up.Errors.Value {
		return branch{check: check}
	}
	check.Result = Warn
	step := "read the workers' logs for the failing kind; more workers do not help against it"
	if rate.Timeouts > rate.Share/2 {
		step = "look at the service that times out before adding workers (T-10, R-130)"
	}
	return branch{check, fmt.Sprintf("%s of the messages fail.", Percent(rate.Share)), []string{step}}
}

// ownerBranch names who else sets the count (T-01, T-03, T-40).
func (v view) ownerBranch() branch {
	check := Check{Rule: "T-01", Name: "nobody else sets the count", Result: Pass, Source: from(v.s.Owner, v.s.At)}
	owner, known := v.s.Owner.Get()
	if !known {
		return branch{check: lacking(check.Rule, check.Name, v.s.Owner.Why(), check.Source)}
	}
	check.After = owner.title()
	if owner.Kind == OwnerNone {
		check.After = "people only"
	}
	facts := strings.Join(OwnerFacts(v.s), "; ")
	does := owner.standing(v.replicas, v.replicas+1)
	why := does.why
	if !does.undone && !owner.ails() {
		check.Note = strings.Join(told(why, facts), "; ")
		return branch{check: check}
	}
	check.Result, check.Note = Warn, why
	if facts != "" {
		check.Note += "; it " + facts
	}
	if owner.Kind == OwnerConflict {
		check.Result = Fail
	}
	if note := owner.ceilingNote(v.replicas); note != "" {
		check.Note += "; " + note
	}
	return branch{check, Sentence(why), ownerRemedies(owner, v.replicas, 0)}
}

// told are the clauses that say something.
func told(clauses ...string) []string {
	return slices.DeleteFunc(clauses, func(c string) bool { return c == "" })
}

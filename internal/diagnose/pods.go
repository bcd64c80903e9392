package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/review"
	"github.com/scalebot/scalebot/internal/scale"
)

// rebalanceBranch is: a rebalance that takes too long, and the settings
// that decide it.
func (v view) rebalanceBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Group, v.Now.At)
	group, known := v.Now.Group.Get()
	if !known {
		return branch{check: judge.Lacking(check, v.Now.Group.Why(), check.Source)}
	}
	late := v.Policy.Rollout.RebalanceLate
	consumers, _ := v.ConsumersNow.Get()
	if waits := consumers.Waits(); waits != "" {
		// A KIP-848 group keeps reconciling in this case, and no log reports a time-out.
		check.Result, check.After, check.Note = scale.Warn, fmt.Sprintf("%s with %s", group.State, scale.Several(len(consumers.Own), "member")), waits
		return branch{check, scale.Sentence(waits), []string{"start the missing workers again under their group.instance.id, or wait until the session time-out ends (R-133)"}}
	}
	check.After = fmt.Sprintf("%s with %s", group.State, scale.Several(len(consumers.Own), "member"))
	took := group.LastRebalance
	if group.State.Rebalancing() {
		took = v.Now.At.Sub(group.RebalancingSince)
		if group.RebalancingSince.IsZero() {
			took = 0
		}
		check.After += " for " + scale.Span(took)
	} else if took > 0 {
		check.After += ", the last one took " + scale.Span(took)
	}
	if late <= 0 || took <= late {
		return v.memberBranch(check, consumers)
	}
	check.Result, check.Note = scale.Fail, "longer than "+scale.Span(late)
	text := fmt.Sprintf("The rebalance takes longer than %s.", scale.Span(late))
	if !group.State.Rebalancing() {
		text = fmt.Sprintf("The last rebalance took %s, longer than %s.", scale.Span(took), scale.Span(late))
	}
	return branch{check, text, v.rebalanceAdvice()}
}

// memberBranch finds ready pods that are not members (T-36).
func (v view) memberBranch(check scale.Check, c measure.Consumers) branch {
	ready, known := v.Ready()
	if !known || c.State.Rebalancing() || ready == 0 {
		return branch{check: check}
	}
	without := c.Lacking(1)
	switch {
	case len(without) > 0:
		check.Note = fmt.Sprintf("%s ready, but without a consumer in the group%s (T-36): %s",
			scale.Of(len(without), ready, "pod"), c.OthersClause(), scale.List(measure.PodNames(without), 3))
	case !c.Matched && len(c.Own) < ready:
		check.Note = fmt.Sprintf("%s ready, but only %s in the group%s (T-36)", scale.Several(ready, "pod"), scale.Several(len(c.Own), "member"), c.OthersClause())
	default:
		return branch{check: check}
	}
	check.Result = scale.Warn
	return branch{check, "Ready pods do not take part in the group.", []string{
		"read the log of a pod that is ready but not a member: wrong group, broker or credentials",
	}}
}

// rebalanceAdvice compares the runbook's values with the live ones, and says whether following
// the runbook raises or lowers them (R-134, T-17).
func (v view) rebalanceAdvice() []string {
	steps := []string{
		"search the workers' logs for rebalance timeouts (R-134)",
		v.setting("KAFKA_MAX_POLL_INTERVAL_MS", 300_000, 300_000) + " (R-134)",
		v.sessionAdvice() + " (R-134)",
	}
	// Settings that are already right come last.
	slices.SortStableFunc(steps, func(a, b string) int {
		return cmp.Compare(strings.Count(a, asItShould), strings.Count(b, asItShould))
	})
	return steps
}

// sessionAdvice is about the session time-out. The members of a classic group set it. For other
// groups the broker does, and their consumers refuse to start with session.timeout.ms (KIP-848,
// KIP-932, KIP-1071).
func (v view) sessionAdvice() string {
	group, _ := v.Now.Group.Get()
	switch t := group.Type; t {
	case scale.GroupConsumer, scale.GroupShare, scale.GroupStreams:
		return fmt.Sprintf("the broker sets the session time-out of this %s group: its group setting %s.session.timeout.ms, 45 to 60 s", t, t)
	case scale.GroupClassic:
	}
	return v.setting(measure.EnvSession, 30_000, 45_000)
}

// startBranch is: pods that do not start, with their events.
func (v view) startBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Workload, v.Now.At)
	w, known := v.Now.Workload.Get()
	if !known {
		return branch{check: judge.Lacking(check, v.Now.Workload.Why(), check.Source)}
	}
	check.After = fmt.Sprintf("%d/%d ready", w.ReadyPods(), w.Desired)
	words := review.NotReady(w)
	starting := true
	for _, p := range w.Counted() {
		if !p.Ready {
			starting = starting && (p.Cause == scale.CauseNone || p.Cause == scale.CauseStarting) &&
				v.Now.At.Sub(p.CreatedAt) <= v.Policy.Rollout.PodsLate
		}
	}
	if w.Stuck != "" {
		words, starting = append(words, scale.ClauseOf(w.Stuck)), false
	}
	switch {
	case len(words) == 0 && w.ReadyPods() >= w.Desired:
		return branch{check: check}
	case starting && len(words) > 0:
		check.Result, check.Note = scale.Warn, "still within the expected start: "+scale.List(words, 3)
		return branch{check: check}
	}
	check.Result, check.Note = scale.Fail, scale.List(words, 3)
	return branch{check, scale.Sentence("Pods do not start: " + scale.List(words, 1)), v.PodRemedies()}
}

// errorsBranch reports errors that more capacity would not reduce.
func (v view) errorsBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Signals.Errors, v.Now.At)
	rate, known := v.Now.Signals.Errors.Get()
	if !known {
		return branch{check: judge.Lacking(check, v.Now.Signals.Errors.Why(), check.Source)}
	}
	check.After = scale.Percent(rate.Share)
	if kinds := judge.KindsOf(rate); kinds != "" {
		check.After += " (" + kinds + ")"
	}
	if rate.Share <= v.Policy.Up.Errors.Value {
		return branch{check: check}
	}
	check.Result = scale.Warn
	step := "read the workers' logs for the failing kind; more workers do not help against it"
	if rate.Timeouts > rate.Share/2 {
		step = "look at the service that times out before adding workers (T-10, R-130)"
	}
	return branch{check, fmt.Sprintf("%s of the messages fail.", scale.Percent(rate.Share)), []string{step}}
}

// ownerBranch names who else sets the count (T-01, T-03, T-40).
func (v view) ownerBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Owner, v.Now.At)
	owner, known := v.Now.Owner.Get()
	if !known {
		return branch{check: judge.Lacking(check, v.Now.Owner.Why(), check.Source)}
	}
	check.After = owner.Title()
	if owner.Kind == scale.OwnerNone {
		check.After = "people only"
	}
	facts := strings.Join(ownership.OwnerFacts(v.Now), "; ")
	does := ownership.Standing(owner, v.Replicas, v.Replicas+1)
	why := does.Why
	if !does.Undone && !owner.Ails() {
		check.Note = strings.Join(judge.NonEmpty(why, facts), "; ")
		return branch{check: check}
	}
	check.Result, check.Note = scale.Warn, why
	if facts != "" {
		check.Note += "; it " + facts
	}
	if owner.Kind == scale.OwnerConflict {
		check.Result = scale.Fail
	}
	if note := ownership.CeilingNote(owner, v.Replicas); note != "" {
		check.Note += "; " + note
	}
	return branch{check, scale.Sentence(why), ownership.OwnerRemedies(owner, v.Replicas, 0)}
}

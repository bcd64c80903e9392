package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/scale"
)

// Refuse says why a count must not even be proposed: below the minimum, above the
// partitions, a single-instance component, too large a step down, no change, or a
// workload that is not known or that an Argo Rollout runs (R-016, R-018 to,
// It returns nil
// when the count may be proposed.
func Refuse(c scale.Component, p scale.Policy, s scale.Snapshot, to int) *scale.Refusal {
	s = s.Current(p.Times.Stale)
	r := refuse(c, p, s, to)
	if r != nil && r.Understood == "" {
		r.Understood = fmt.Sprintf("scale %s to %d", c.Name, to)
	}
	return r
}

func refuse(c scale.Component, p scale.Policy, s scale.Snapshot, to int) *scale.Refusal {
	if c.Single != "" && to != 1 {
		return refuseSingle(c)
	}
	if r := ownership.RefuseOwned(c, s, to); r != nil {
		return r
	}
	if to < c.Lowest() {
		return refuseLow(c, p, s, to)
	}
	w, known := s.Workload.Get()
	if !known {
		return unknownRefusal(c, "how many replicas run now is unknown: "+s.Workload.Why())
	}
	if to == w.Desired {
		return refuseSame(c, w)
	}
	if r := refuseHigh(c, p, s, w.Desired, to); r != nil {
		return r
	}
	if c.Single != "" {
		return nil
	}
	return refuseStep(c, p, s, w.Desired, to)
}

func refuseSingle(c scale.Component) *scale.Refusal {
	return &scale.Refusal{
		Code:  scale.RefusedSingle,
		Why:   fmt.Sprintf("%s runs as one instance only: %s.", c.Name, c.Single),
		Limit: "exactly 1, runbook section Component Scaling Characteristics (R-021, R-022)",
		Next:  "Look at what holds it up instead.",
		Try:   "/scale diagnose " + c.Name,
	}
}

func refuseLow(c scale.Component, p scale.Policy, s scale.Snapshot, to int) *scale.Refusal {
	least := c.Lowest()
	r := &scale.Refusal{
		Code:  scale.RefusedBelowMinimum,
		Why:   fmt.Sprintf("%d is below the minimum of %d for %s.", to, least, c.Name),
		Limit: fmt.Sprintf("minimum %d, runbook section Scale Down Workers (R-055)", least),
		Next:  "The lowest count that may be asked for is the minimum.",
		Try:   fmt.Sprintf("/scale %s %d", c.Name, least),
	}
	if to == 0 {
		r.Why = fmt.Sprintf("Zero replicas would stop %s, switch off an autoscaler on it, and let lag grow until "+
			"somebody sets a count again; its minimum is %d.", c.Name, least)
		r.Limit += ", never zero (T-23)"
	}
	if now, known := s.Replicas(); known {
		r.Next, r.Try = towards(c, p, s, now, least)
	}
	if to > 0 {
		r.Next += " Going lower takes --override-minimum with a reason, and the approval of people on call (R-056)."
	}
	return r
}

// towards is the next step, as a sentence and a command, towards a bound that the request
// overstepped: the first move that would not be refused.
func towards(c scale.Component, p scale.Policy, s scale.Snapshot, now, bound int) (next, try string) {
	if now == bound {
		return fmt.Sprintf("It runs at %d already.", bound), "/scale status " + c.Name
	}
	step := firstMove(c, p, s, now, bound)
	next = fmt.Sprintf("%d is as far as it may go", bound)
	if step != bound {
		next += fmt.Sprintf(", and %d the first step there", step)
	}
	return next + ".", fmt.Sprintf("/scale %s %d", c.Name, step)
}

// firstMove is the first allowed move from the present count towards another: up at once, down by
// one or two, or down to the partition count where workers idle.
func firstMove(c scale.Component, p scale.Policy, s scale.Snapshot, now, to int) int {
	if to >= now || p.Down.MaxStep <= 0 {
		return to
	}
	next := now - p.Down.MaxStep
	if top := measure.SharingOf(c, s).Ceiling(); top > 0 && now > top {
		next = min(next, max(top, c.Lowest()))
	}
	return max(next, to)
}

func refuseSame(c scale.Component, w scale.Workload) *scale.Refusal {
	return &scale.Refusal{
		Code: scale.RefusedNoChange,
		Why:  fmt.Sprintf("%s already has %s wanted, %d ready.", c.Name, scale.Several(w.Desired, "replica"), w.ReadyPods()),
		Next: "Nothing was changed.",
		Try:  "/scale status " + c.Name,
	}
}

func refuseHigh(c scale.Component, p scale.Policy, s scale.Snapshot, now, to int) *scale.Refusal {
	share := measure.SharingOf(c, s)
	if !s.Partitions.Known() && !share.Open {
		if to < now {
			return nil
		}
		return unknownRefusal(c, "the number of partitions, which bounds the workers, is unknown: "+s.Partitions.Why())
	}
	top, useful := measure.Highest(c, share), share.Ceiling()
	if to <= top || to < now && to <= useful {
		// A step down towards the maximum is a step in the right direction.
		return nil
	}
	r := &scale.Refusal{
		Code: scale.RefusedAbovePartitions,
		Why: fmt.Sprintf("%s has only %s, so %s would sit idle.",
			topicsOf(c, s), share.Parts(share.Dealt()), share.IdleAmong(to)),
		Limit: fmt.Sprintf("at most %d, %s (%s, R-018 to R-020, R-027)", useful, share.Bound(), s.Partitions.Source),
	}
	if to <= useful {
		r.Code = scale.RefusedAboveMaximum
		r.Why = fmt.Sprintf("%d is above the maximum of %d that the team set for %s.", to, c.Max, c.Name)
		r.Limit = fmt.Sprintf("maximum %d, runbook file", c.Max)
	}
	r.Next, r.Try = towards(c, p, s, now, top)
	if now == top {
		r.Next += " " + share.Beyond()
		r.Try = "/scale diagnose " + c.Name
	}
	return r
}

func topicsOf(c scale.Component, s scale.Snapshot) string {
	if lag, ok := s.Lag.Get(); ok && len(lag.Topics) > 0 {
		return scale.List(lag.Topics, 3)
	}
	if len(c.Topics) > 0 {
		return scale.List(c.Topics, 3)
	}
	return "its topic"
}

// refuseStep allows one or two replicas down per move, except down to the
// partition count when workers sit idle (T-12).
func refuseStep(c scale.Component, p scale.Policy, s scale.Snapshot, now, to int) *scale.Refusal {
	step := p.Down.MaxStep
	next := firstMove(c, p, s, now, to)
	if next <= to {
		return nil
	}
	return &scale.Refusal{
		Code:  scale.RefusedStep,
		Why:   fmt.Sprintf("%d fewer replicas at once is too large a step: every move is watched before the next.", now-to),
		Limit: fmt.Sprintf("at most %d down per move, %s apart, runbook section Scale Down Workers (R-049, R-052)", step, scale.Span(p.Down.Watch)),
		Next:  "The way there is " + path(next, now, to, step) + ".",
		Try:   fmt.Sprintf("/scale %s %d", c.Name, next),
	}
}

// path prints the moves of a gradual scale-down: "9 → 7 → 6".
func path(first, now, to, step int) string {
	text := fmt.Sprintf("%d → %d", now, first)
	for at, moves := first, 0; at > to; moves++ {
		if moves == 6 {
			return fmt.Sprintf("%s → … → %d", text, to)
		}
		at = max(to, at-step)
		text += fmt.Sprintf(" → %d", at)
	}
	return text
}

func unknownRefusal(c scale.Component, why string) *scale.Refusal {
	return &scale.Refusal{
		Code:  scale.RefusedUnknown,
		Why:   scale.Sentence(why),
		Limit: "nothing is changed on unknown data",
		Next:  "Look again in a moment, or check what the bot can reach.",
		Try:   "/scale status " + c.Name,
	}
}

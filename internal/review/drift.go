package review

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/scale"
)

// Drift compares what the proposal was made on with the world now, and refuses with
// code RefusedDrift when the approval would not be for this world any more: other
// replicas, another owner, a rollout that started, lag that changed beyond
// tolerance, or a workload that is unknown now.
//
// Lag counts as changed only against the proposal: a scale-up whose lag has gone, a
// scale-down whose lag has come. Lag that rises further while people decide about more
// workers only makes their case stronger.
//
// Parts of a snapshot may be older than it is, because a slow answer is not waited for
// and some are asked for seldom. A reading from before the proposal's own proves nothing.
func Drift(op ledger.Operation, p scale.Policy, now scale.Snapshot) *scale.Refusal {
	now = now.Fresh(p.Times.Stale).Since(op.Before)
	why := scale.FirstOf(driftReplicas(op, now), driftOwner(op, now), driftRollout(op, now), driftPartitions(op, now), driftPerPod(op, now), driftLag(op, p, now))
	if why == "" {
		return nil
	}
	return &scale.Refusal{
		Code:       scale.RefusedDrift,
		Understood: fmt.Sprintf("scale %s from %d to %d", op.Component, op.Change.From, op.Change.To),
		Why:        scale.Sentence(why),
		Limit:      "an approval is for what the card showed",
		Next:       "Look at the new numbers and decide again.",
		Try:        fmt.Sprintf("/scale %s %d", op.Component, op.Change.To),
	}
}

func driftReplicas(op ledger.Operation, now scale.Snapshot) string {
	w, known := now.Workload.Get()
	switch {
	case !known:
		return "the deployment is unknown now: " + now.Workload.Why()
	case w.Desired == op.Change.From:
		return ""
	case w.Desired == op.Change.To:
		return fmt.Sprintf("somebody else already set the count to %d%s", w.Desired, byWhom(w))
	}
	return fmt.Sprintf("the count is %d now and was %d%s", w.Desired, op.Change.From, byWhom(w))
}

func byWhom(w scale.Workload) string {
	if w.ReplicasBy == "" {
		return ""
	}
	return ", set by " + w.ReplicasBy
}

func driftOwner(op ledger.Operation, now scale.Snapshot) string {
	owner, known := now.Owner.Get()
	before, had := op.Before.Owner.Get()
	if !known {
		return ""
	}
	if had && owner.Kind == before.Kind && owner.Name == before.Name && owner.Paused == before.Paused {
		return driftBounds(op, before, owner)
	}
	if !had && owner.Kind == scale.OwnerNone {
		return ""
	}
	if owner.Kind == scale.OwnerNone {
		return before.Title() + " does not set the count any more"
	}
	return fmt.Sprintf("the owner of the count is %s now", owner.Title())
}

// driftBounds finds a change of what the same owner does: its bounds, or that it sets the
// count again and did not when the card was made. One that has stopped does less than the
// card said.
func driftBounds(op ledger.Operation, before, now scale.Owner) string {
	if now.Min != before.Min || now.Max != before.Max {
		return fmt.Sprintf("%s allows %s now and allowed %s", now.Title(), ownership.Allows(now), ownership.Allows(before))
	}
	then, after := ownership.Standing(before, op.Change.From, op.Change.To), ownership.Standing(now, op.Change.From, op.Change.To)
	switch {
	case after.Undone && !then.Undone, after.Undone && after.After < then.After:
		return after.Why
	case !after.Undone:
		return ""
	}
	return driftAims(before, now)
}

// driftAims finds an owner that steers by something else than the card said. Where that is
// at present is no part of it.
func driftAims(before, now scale.Owner) string {
	was, is := before.Aims(), now.Aims()
	if slices.Equal(was, is) {
		return ""
	}
	return fmt.Sprintf("%s steers by %s now and steered by %s", now.Title(), aimed(is), aimed(was))
}

func aimed(aims []string) string {
	if len(aims) == 0 {
		return "nothing that it names"
	}
	return strings.Join(aims, " and ")
}

func driftRollout(op ledger.Operation, now scale.Snapshot) string {
	w, known := now.Workload.Get()
	before, had := op.Before.Workload.Get()
	switch {
	case !known || !had:
		return ""
	case before.UID != "" && w.UID != before.UID:
		return "the deployment was deleted and made anew"
	case w.Rolling && !before.Rolling:
		return "a rollout started" + scale.ImageOf(w)
	case w.Image != before.Image:
		return fmt.Sprintf("the image changed from %s to %s", before.Image, w.Image)
	}
	return ""
}

func driftPartitions(op ledger.Operation, now scale.Snapshot) string {
	partitions, known := now.Partitions.Get()
	before, had := op.Before.Partitions.Get()
	if !known || !had || partitions == before {
		return ""
	}
	if now.Partitions.Note != "" || op.Before.Partitions.Note != "" {
		return "" // one of them is the runbook's example, which stands in while Kafka is away.
	}
	return fmt.Sprintf("there are %s now and were %d", scale.Several(partitions, "partition"), before)
}

// driftPerPod: the ceiling moves with what a pod runs.
func driftPerPod(op ledger.Operation, now scale.Snapshot) string {
	n, known := measure.PerPod(scale.Component{}, now).Get()
	before, had := measure.PerPod(scale.Component{}, op.Before).Get()
	if !known || !had || n == before || op.Change.Down() {
		return ""
	}
	return fmt.Sprintf("a pod runs %s now and ran %d", scale.Several(n, "consumer"), before)
}

func driftLag(op ledger.Operation, p scale.Policy, now scale.Snapshot) string {
	before, had := op.Before.TotalLag().Get()
	lag, known := now.TotalLag().Get()
	if !had {
		return ""
	}
	if !known {
		return "lag is unknown now: " + now.Lag.Why()
	}
	against := before - lag
	if op.Change.Down() {
		against = lag - before
	}
	changed := math.Abs(float64(against))
	if against <= 0 || changed <= p.Rollout.LagDriftFloor || changed <= p.Rollout.LagDrift*float64(before) {
		return ""
	}
	return fmt.Sprintf("lag is %s now and was %s", scale.Count(lag), scale.Count(before))
}

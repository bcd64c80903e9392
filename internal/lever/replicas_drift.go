package lever

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/review"
	"github.com/scalebot/scalebot/internal/scale"
)

// Drift compares the proposal's readings with the present ones. It refuses other replicas,
// another owner, a rollout that started, lag that changed beyond tolerance, and a workload that
// is unknown now.
//
// Lag counts as changed only if it contradicts the proposal: a scale-up whose lag is gone, or a
// scale-down with new lag. Lag that rises further before a scale-up is approved only supports it.
//
// A snapshot may contain readings older than itself, because a round does not wait for slow
// answers and reads some parts seldom. A reading from before the proposal's own proves nothing.
func (r replicas) Drift(p scale.Policy, now scale.Snapshot) *scale.Refusal {
	now = now.Current(p.Times.Stale).Since(r.op.Before)
	why := scale.FirstOf(r.driftReplicas(now), r.driftOwner(now), r.driftRollout(now), r.driftPartitions(now), r.driftPerPod(now), r.driftLag(p, now))
	if why == "" {
		return nil
	}
	return &scale.Refusal{
		Code:       scale.RefusedDrift,
		Understood: fmt.Sprintf("scale %s from %d to %d", r.op.Component, r.do.From, r.do.To),
		Why:        scale.Sentence(why),
		Limit:      "an approval is for what the card showed",
		Next:       "Look at the new numbers and decide again.",
		Try:        fmt.Sprintf("/scale %s %d", r.op.Component, r.do.To),
	}
}

func (r replicas) driftReplicas(now scale.Snapshot) string {
	w, known := now.Workload.Get()
	switch {
	case !known:
		return "the deployment is unknown now: " + now.Workload.Why()
	case w.Desired == r.do.From:
		return ""
	case w.Desired == r.do.To:
		return fmt.Sprintf("somebody else already set the count to %d%s", w.Desired, review.ByWhom(w))
	}
	return fmt.Sprintf("the count is %d now and was %d%s", w.Desired, r.do.From, review.ByWhom(w))
}

func (r replicas) driftOwner(now scale.Snapshot) string {
	owner, known := now.Owner.Get()
	before, had := r.op.Before.Owner.Get()
	if !known {
		return ""
	}
	if had && owner.Kind == before.Kind && owner.Name == before.Name && owner.Paused == before.Paused {
		return r.driftBounds(before, owner)
	}
	if !had && owner.Kind == scale.OwnerNone {
		return ""
	}
	if owner.Kind == scale.OwnerNone {
		return before.Title() + " does not set the count any more"
	}
	return fmt.Sprintf("the owner of the count is %s now", owner.Title())
}

// driftBounds finds a change in what the same owner does: its bounds changed, or it sets the
// count again and did not when the card was posted. An owner that has stopped does less than the
// card said, which is no drift.
func (r replicas) driftBounds(before, now scale.Owner) string {
	if now.Min != before.Min || now.Max != before.Max {
		return fmt.Sprintf("%s allows %s now and allowed %s", now.Title(), ownership.Allows(now), ownership.Allows(before))
	}
	then, after := ownership.Standing(before, r.do.From, r.do.To), ownership.Standing(now, r.do.From, r.do.To)
	switch {
	case after.Undone && !then.Undone, after.Undone && after.After < then.After:
		return after.Why
	case !after.Undone:
		return ""
	}
	return driftAims(before, now)
}

// driftAims finds an owner whose targets differ from those on the card. The present values of the
// targets do not count.
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

func (r replicas) driftRollout(now scale.Snapshot) string {
	w, known := now.Workload.Get()
	before, had := r.op.Before.Workload.Get()
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

func (r replicas) driftPartitions(now scale.Snapshot) string {
	partitions, known := now.Partitions.Get()
	before, had := r.op.Before.Partitions.Get()
	if !known || !had || partitions == before {
		return ""
	}
	if now.Partitions.Note != "" || r.op.Before.Partitions.Note != "" {
		return "" // one of the counts is the runbook's example, used while Kafka does not answer.
	}
	return fmt.Sprintf("there are %s now and were %d", scale.Several(partitions, "partition"), before)
}

// driftPerPod: the ceiling changes with the number of consumers per pod.
func (r replicas) driftPerPod(now scale.Snapshot) string {
	n, known := measure.PerPod(scale.Component{}, now).Get()
	before, had := measure.PerPod(scale.Component{}, r.op.Before).Get()
	if !known || !had || n == before || r.do.Down() {
		return ""
	}
	return fmt.Sprintf("a pod runs %s now and ran %d", scale.Several(n, "consumer"), before)
}

func (r replicas) driftLag(p scale.Policy, now scale.Snapshot) string {
	before, had := r.op.Before.TotalLag().Get()
	lag, known := now.TotalLag().Get()
	if !had {
		return ""
	}
	if !known {
		return "lag is unknown now: " + now.Lag.Why()
	}
	against := before - lag
	if r.do.Down() {
		against = lag - before
	}
	changed := math.Abs(float64(against))
	if against <= 0 || changed <= p.Rollout.LagDriftFloor || changed <= p.Rollout.LagDrift*float64(before) {
		return ""
	}
	return fmt.Sprintf("lag is %s now and was %s", scale.Count(lag), scale.Count(before))
}

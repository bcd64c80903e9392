package lever

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// proposeReplicas makes one step to the requested count.
func proposeReplicas(s Basis, w Wish) (Proposal, *scale.Refusal) {
	to, refusal := judge.Resolve(s.Component, s.Policy, s.Now, s.Advice, w.Target)
	if refusal == nil {
		refusal = refuseReplicas(s, w, to)
	}
	if refusal != nil && !(w.Undo && refusal.Code == scale.RefusedStep) {
		return Proposal{}, refusal
	}
	from, _ := s.Now.Replicas()
	return Proposal{
		Steps:        []change.Step{{Do: change.Replicas{From: from, To: to}}},
		Plan:         judge.MakePlan(s.Component, s.Policy, s.Now, s.Past, s.Advice, to, w.Reason),
		BelowMinimum: to < s.Component.Min,
	}, nil
}

// moreReplicas reports whether a wish that may be proposed is for more workers than are wanted
// now.
func moreReplicas(s Basis, w Wish) bool {
	to, refusal := judge.Resolve(s.Component, s.Policy, s.Now, s.Advice, w.Target)
	from, known := s.Now.Replicas()
	return refusal == nil && known && to > from
}

// refuseReplicas says why a count may not be proposed. An override with a reason lifts the
// minimum, and no other limit.
func refuseReplicas(s Basis, w Wish, to int) *scale.Refusal {
	c := s.Component
	if !w.OverrideMinimum || to < 1 || to >= c.Min {
		return judge.Refuse(c, s.Policy, s.Now, to)
	}
	if w.Reason == "" {
		wish := fmt.Sprintf("%s %d", c.Name, to)
		return judge.RefuseWithoutReason(wish, "Overriding the minimum", "/scale "+wish+" --override-minimum because the topic is drained")
	}
	return judge.Refuse(c.WithoutMinimum(), s.Policy, s.Now, to)
}

package lever

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// groupTroubles are sentences about the group: pods that are ready and do not consume
// (T-36), a rebalance that takes too long.
func (s *settling) groupTroubles() []string {
	c, known := s.consumers.Get()
	late := s.p.Rollout.RebalanceLate
	switch {
	case !known:
		return []string{s.blindTrouble()}
	case s.waitsForTheGone(c):
		return []string{c.ForTheGone(s.do.From, s.do.To, s.perPod)}
	case s.waitsForMembers(c):
		return s.missingMembers(c)
	case s.r.StableAt.IsZero() && late > 0 && s.rebalanced() > late:
		return []string{fmt.Sprintf("the rebalance takes longer than %s (R-133)", scale.Span(late))}
	case !s.r.StableAt.IsZero() && s.onlyCounted(c):
		return []string{"which members of the group are its own cannot be told, none has the address or the name of a pod; they were only counted"}
	}
	return nil
}

// waitsForTheGone reports whether the only thing missing is partitions that are still assigned to
// members that are gone. A classic group looks stable meanwhile, and a KIP-848 group reconciles.
func (s *settling) waitsForTheGone(c measure.Consumers) bool {
	return !s.r.ReadyAt.IsZero() && len(c.Lacking(s.perPod)) == 0 && c.ForTheGone(s.do.From, s.do.To, s.perPod) != ""
}

// waitsForMembers reports whether ready pods have not joined within the time of a rebalance.
func (s *settling) waitsForMembers(c measure.Consumers) bool {
	return c.State.Stable() && !s.r.ReadyAt.IsZero() && !s.consume() && s.now.At.Sub(s.r.ReadyAt) > s.p.Sizing.Rebalance
}

// missingMembers says whose consumers are missing or left over, and which other members the group
// has.
func (s *settling) missingMembers(c measure.Consumers) []string {
	if !c.Matched {
		return []string{fmt.Sprintf("all %s are ready, but the group has %s (T-36)%s",
			scale.Several(s.do.To, "pod"), scale.Several(len(c.Own), "member"), c.OthersClause())}
	}
	var out []string
	for _, p := range c.Lacking(s.perPod) {
		text := p.Name + ": ready, but without a consumer in the group (T-36)"
		if p.All > 0 {
			text = fmt.Sprintf("%s: %d of %s in the group", p.Name, p.All, scale.Several(s.perPod, "consumer"))
		}
		if out = append(out, text); len(out) == maxTroubles {
			break
		}
	}
	if text := strings.TrimPrefix(c.LeavingClause()+c.OthersClause(), "; "); text != "" {
		out = append(out, text)
	}
	return out
}

// onlyCounted reports whether members and pods all have addresses and no member's is a pod's, as
// behind address translation.
func (s *settling) onlyCounted(c measure.Consumers) bool {
	w, _ := s.now.Workload.Get()
	hosts, _ := c.Hosts()
	for _, p := range w.Counted() {
		if len(p.IPs) > 0 && len(hosts) > 0 {
			return !c.Matched
		}
	}
	return false
}

// whoConsumes counts the consumers, for the sentence about what is missing.
func (s *settling) whoConsumes(c measure.Consumers) string {
	if !c.Matched {
		return scale.Several(len(c.Own), "member") + c.OthersClause()
	}
	return fmt.Sprintf("consumers on %s%s%s", scale.Of(len(c.Pods)-len(c.Lacking(1)), s.do.To, "pod"), c.LeavingClause(), c.OthersClause())
}

package scale

import (
	"fmt"
	"strings"
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
		return []string{c.forTheGone(s.op.Change, s.perPod)}
	case s.waitsForMembers(c):
		return s.missingMembers(c)
	case s.r.StableAt.IsZero() && late > 0 && s.rebalanced() > late:
		return []string{fmt.Sprintf("the rebalance takes longer than %s (R-133)", Span(late))}
	case !s.r.StableAt.IsZero() && s.onlyCounted(c):
		return []string{"which members of the group are its own cannot be told, none has the address or the name of a pod; they were only counted"}
	}
	return nil
}

// waitsForTheGone reports whether all that is missing are partitions that the group keeps
// for members that are gone: a classic group looks stable meanwhile, and one of KIP-848
// reconciles.
func (s *settling) waitsForTheGone(c Consumers) bool {
	return !s.r.ReadyAt.IsZero() && len(c.lacking(s.perPod)) == 0 && c.forTheGone(s.op.Change, s.perPod) != ""
}

// waitsForMembers reports whether ready pods have had the time of a rebalance to join
// and have not.
func (s *settling) waitsForMembers(c Consumers) bool {
	return c.State.Stable() && !s.r.ReadyAt.IsZero() && !s.consume() && s.now.At.Sub(s.r.ReadyAt) > s.p.Sizing.Rebalance
}

// missingMembers says whose consumers are missing or left over, and who else is there.
func (s *settling) missingMembers(c Consumers) []string {
	if !c.Matched {
		return []string{fmt.Sprintf("all %s are ready, but the group has %s (T-36)%s",
			several(s.op.Change.To, "pod"), several(len(c.Own), "member"), c.others())}
	}
	var out []string
	for _, p := range c.lacking(s.perPod) {
		text := p.name + ": ready, but without a consumer in the group (T-36)"
		if p.all > 0 {
			text = fmt.Sprintf("%s: %d of %s in the group", p.name, p.all, several(s.perPod, "consumer"))
		}
		if out = append(out, text); len(out) == maxTroubles {
			break
		}
	}
	if text := strings.TrimPrefix(c.leaving()+c.others(), "; "); text != "" {
		out = append(out, text)
	}
	return out
}

// onlyCounted reports whether members and pods both have addresses and no two are alike, as
// behind address translation.
func (s *settling) onlyCounted(c Consumers) bool {
	w, _ := s.now.Workload.Get()
	hosts, _ := c.hosts()
	for _, p := range w.Counted() {
		if len(p.IPs) > 0 && len(hosts) > 0 {
			return !c.Matched
		}
	}
	return false
}

// whoConsumes counts the consumers for the sentence that says what was waited for.
func (s *settling) whoConsumes(c Consumers) string {
	if !c.Matched {
		return several(len(c.Own), "member") + c.others()
	}
	return fmt.Sprintf("consumers on %s%s%s", of(len(c.pods)-len(c.lacking(1)), s.op.Change.To, "pod"), c.leaving(), c.others())
}

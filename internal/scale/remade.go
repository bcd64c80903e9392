package scale

import (
	"fmt"
	"maps"
	"slices"
)

// A topic that is deleted and made again under its name is another one. Some clients never
// read it: they own its partitions, the group stays Stable, and nothing is committed until
// they are started again.

// unread lists the remade topics that somebody owns whole and nobody reads: records are
// there, and for longer than a pause in commits explains none was committed.
func (v view) unread() []string {
	group, known := v.s.Group.Get()
	if !known || !v.lagKnown || !group.State.Stable() || v.open {
		return nil
	}
	var out []string
	for _, topic := range slices.Sorted(maps.Keys(v.lag.Remade)) {
		if v.s.At.Sub(v.lag.Remade[topic]) >= stillFor && v.standsStill(topic, group) {
			out = append(out, topic)
		}
	}
	return out
}

// standsStill reports whether a topic has records, an owner for every partition, and commits
// that are seen not to move or are not there at all.
func (v view) standsStill(topic string, group Group) bool {
	waiting := false
	for _, p := range v.lag.Partitions {
		switch {
		case p.Topic != topic:
		case p.Flag == LagUnknown, group.owner(p) == "", p.Consumption > 0, p.Committed >= 0 && p.Consumption < 0:
			return false
		default:
			waiting = waiting || p.Lag > 0 || p.Flag == LagUncounted && p.End > max(p.Start, 0)
		}
	}
	return waiting
}

// unreadSentence says which remade topics nobody reads; empty when there is none.
func (v view) unreadSentence() string {
	topics := v.unread()
	if len(topics) == 0 {
		return ""
	}
	return fmt.Sprintf("%s was deleted and made again %s ago, and since then the workers own its partitions and read nothing of it",
		list(topics, 3), Span(v.s.At.Sub(v.lag.Remade[topics[0]])))
}

// restartRemedy is what makes such workers read again.
func (v view) restartRemedy() string {
	return fmt.Sprintf("restart the workers, whose client does not notice a topic that was made anew: kubectl rollout restart deployment %s -n %s",
		v.c.Deployment, v.c.Namespace)
}

// remadeBranch is part of a diagnosis only where a topic was made anew.
func (v view) remadeBranch() []branch {
	if len(v.lag.Remade) == 0 {
		return nil
	}
	check := Check{Rule: "T-33", Name: "the topic that was made anew is read", Result: Pass, Source: from(v.s.Lag, v.s.At)}
	check.After = list(slices.Sorted(maps.Keys(v.lag.Remade)), 3)
	why := v.unreadSentence()
	switch {
	case why != "":
		check.Result, check.Note = Fail, why
		return []branch{{check, Sentence(why), []string{v.restartRemedy()}}}
	case !v.s.Group.Known():
		check.Result, check.Note = ResultUnsure, "who owns its partitions is unknown: "+v.s.Group.Why()
	}
	return []branch{{check: check}}
}

package judge

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// unread lists the recreated topics whose partitions all have an owner but that nobody reads:
// they have records, and nothing was committed for longer than a pause between commits explains.
func (v View) unread() []string {
	group, known := v.Now.Group.Get()
	if !known || !v.LagKnown || !group.State.Stable() || v.Open {
		return nil
	}
	var out []string
	for _, topic := range slices.Sorted(maps.Keys(v.Lag.Remade)) {
		if v.Now.At.Sub(v.Lag.Remade[topic]) >= measure.StillFor && v.standsStill(topic, group) {
			out = append(out, topic)
		}
	}
	return out
}

// standsStill reports whether a topic has records, an owner for every partition, and commits that
// do not advance or do not exist.
func (v View) standsStill(topic string, group scale.Group) bool {
	waiting := false
	for _, p := range v.Lag.Partitions {
		switch {
		case p.Topic != topic:
		case p.Flag == scale.LagUnknown, group.Owner(p) == "", p.Consumption > 0, p.Committed >= 0 && p.Consumption < 0:
			return false
		default:
			waiting = waiting || p.Lag > 0 || p.Flag == scale.LagUncounted && p.End > max(p.Start, 0)
		}
	}
	return waiting
}

// UnreadSentence names the recreated topics that nobody reads; empty when there is none.
func (v View) UnreadSentence() string {
	topics := v.unread()
	if len(topics) == 0 {
		return ""
	}
	return fmt.Sprintf("%s was deleted and made again %s ago, and since then the workers own its partitions and read nothing of it",
		scale.List(topics, 3), scale.Span(v.Now.At.Sub(v.Lag.Remade[topics[0]])))
}

// RestartRemedy is what makes such workers read again.
func (v View) RestartRemedy() string {
	return fmt.Sprintf("restart the workers, whose client does not notice a topic that was made anew: kubectl rollout restart deployment %s -n %s",
		v.Component.Deployment, v.Component.Namespace)
}

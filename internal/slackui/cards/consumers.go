package cards

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// ConsumersWords describes the members of the group that belong to the component; the others
// are counted separately.
func ConsumersWords(c measure.Consumers) string {
	s := c.Spread()
	text := fmt.Sprintf("%s, %s, busiest owns %d", c.State, plural(len(c.Own), "member"), s.Most)
	if s.Idle > 0 {
		text += fmt.Sprintf(", %d idle", s.Idle)
	}
	if n := len(c.Elsewhere); n > 0 {
		text += fmt.Sprintf(", %d more read the same topics elsewhere", n)
	}
	if c.Others > 0 {
		text += fmt.Sprintf(", %d not of this component", c.Others)
	}
	return text
}

// groupKind names the protocol of a group that is no ordinary consumer group.
func groupKind(snap scale.Snapshot) string {
	switch g, _ := snap.Group.Get(); g.Type {
	case scale.GroupShare:
		return "share group, "
	case scale.GroupStreams:
		return "streams group, "
	case scale.GroupClassic, scale.GroupConsumer:
	}
	return ""
}

// PerPodFact is how many consumers a pod runs, on a line of its own. It is empty for one
// consumer, which is the usual number, and says so when the number is assumed.
func PerPodFact(c scale.Component, snap scale.Snapshot) string {
	perPod := measure.PerPod(c, snap)
	n, known := perPod.Get()
	switch {
	case !known && !snap.Group.Known():
		return ""
	case !known:
		return "\n1 consumer per pod is assumed: " + Words(perPod.Why(), MaxWords)
	case n == 1 && perPod.Note == "":
		return ""
	}
	text := "\n" + plural(n, "consumer") + " per pod"
	if perPod.Source == measure.RunbookFile {
		text += " by the runbook file"
	}
	if perPod.Note != "" {
		text += ", " + Words(perPod.Note, MaxWords)
	}
	return text
}

// partNoun is what the workers share: partitions, or the tasks of Kafka Streams.
func partNoun(p ledger.Plan) string {
	if p.Part != "" {
		return Words(p.Part, MaxWords)
	}
	return "partition"
}

// busiestNoun is who is meant by "the busiest": a worker, or one of its consumers.
func busiestNoun(o ledger.Option) string {
	if o.PerPod() > 1 {
		return "busiest consumer"
	}
	return "busiest worker"
}

package measure

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// streamsAssignor is what Kafka Streams calls its assignor in a classic group.
const streamsAssignor = "stream"

// tasks is how many tasks the members of a Kafka Streams application share. A task reads one
// partition of each topic of its sub-topology, including the topics that the application made for
// itself. So the partitions of the component's topics are no ceiling: with 6 of them and 6 of a
// repartition topic, 12 workers have work. Joined topics go to one task, and then there are fewer
// tasks than partitions.
//
// A streams group reports its tasks (KIP-1071). In a classic group only the partitions that the
// component's members own can be counted, with at least the tasks that the component's topics
// need. It is 0 where neither is known, and for other groups.
func tasks(s scale.Snapshot) int {
	group, known := s.Group.Get()
	switch {
	case !known:
		return 0
	case group.Type == scale.GroupStreams:
		return group.Tasks
	case group.Protocol != streamsAssignor:
		return 0
	}
	partitions, _ := s.Partitions.Get()
	consumers, _ := ConsumersOf(scale.Component{}, s).Get()
	if owned := distinct(consumers.Own); owned > partitions {
		return owned
	}
	return 0
}

// distinct is how many different partitions, of all topics, these members own.
func distinct(members []Consumer) int {
	owned := map[string]map[int32]bool{}
	n := 0
	for _, m := range members {
		for topic, numbers := range m.Partitions {
			if owned[topic] == nil {
				owned[topic] = map[int32]bool{}
			}
			for _, number := range numbers {
				if !owned[topic][number] {
					owned[topic][number], n = true, n+1
				}
			}
		}
	}
	return n
}

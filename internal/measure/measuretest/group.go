package measuretest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// Addressed gives every pod an address.
func (w *World) Addressed() *World {
	return w.Change(func(l *scale.Workload) {
		for i := range l.Pods {
			l.Pods[i].IPs = []string{IPOf(i)}
		}
	})
}

// IPOf is the address of the pod with that number.
func IPOf(pod int) string { return fmt.Sprintf("10.0.0.%d", pod) }

// Consumers gives each pod so many members of the group; the 24 partitions are shared out
// evenly among all of them.
func (w *World) Consumers(perPod ...int) *World {
	g := GroupOf(0, 0)
	for pod, n := range perPod {
		for i := range n {
			g.Members = append(g.Members, scale.Member{ID: fmt.Sprintf("m-%02d-%d", pod, i), Host: IPOf(pod), Partitions: map[string][]int32{}})
		}
	}
	w.Now.Group = scale.Known(shareOut(g, 24), w.Now.At, "Kafka")
	return w
}

func shareOut(g scale.Group, partitions int) scale.Group {
	for i := range partitions {
		if len(g.Members) > 0 {
			m := g.Members[i%len(g.Members)].Partitions
			m["xact.downloads.pending"] = append(m["xact.downloads.pending"], int32(i))
		}
	}
	return g
}

// Strangers adds members that run elsewhere and own one partition of the topic each. If it is a
// topic of the component, its own members lose those partitions.
func (w *World) Strangers(n int, topic string) *World {
	members := slices.Clone(w.Now.Group.Value.Members)
	for i := range n {
		members = append(members, scale.Member{ID: fmt.Sprintf("s-%d", i), Client: "somebody-else", Host: fmt.Sprintf("10.9.9.%d", i), Partitions: map[string][]int32{topic: {int32(i)}}})
	}
	w.Now.Group.Value.Members = members
	return w
}

// Each is that many pods with that many consumers each.
func Each(pods, n int) []int { return slices.Repeat([]int{n}, pods) }

// Sharing turns the world's group into a share group whose members all read everything.
func (w *World) Sharing(members int) *World {
	g := scale.Group{Name: w.Group, State: "Stable", Type: scale.GroupShare, Protocol: "simple"}
	all := make([]int32, 24)
	for i := range all {
		all[i] = int32(i)
	}
	for i := range members {
		g.Members = append(g.Members, scale.Member{ID: fmt.Sprint("m-", i), Epoch: 3,
			Partitions: map[string][]int32{"xact.downloads.pending": all}})
	}
	w.Now.Group = scale.Known(g, w.Now.At, scale.Broker)
	w.Now.Lag.Value.Type = scale.GroupShare
	return w.Workers(members)
}

// Named gives every member the name of its pod as its group.instance.id, and no address.
func (w *World) Named() *World {
	for i := range w.Now.Group.Value.Members {
		m := &w.Now.Group.Value.Members[i]
		m.Instance, m.Host = "download-worker-"+strings.TrimPrefix(m.Host, "10.0.0."), ""
	}
	return w
}

// GroupOf is a stable group of so many members that share so many partitions.
func GroupOf(members, partitions int) scale.Group {
	g := scale.Group{Name: "xact-download-worker", State: "Stable", Type: "classic", Protocol: "cooperative-sticky"}
	for i := range members {
		g.Members = append(g.Members, scale.Member{ID: fmt.Sprintf("m-%d", i), Partitions: map[string][]int32{}})
	}
	for i := range partitions {
		if members > 0 {
			m := g.Members[i%members].Partitions
			m["xact.downloads.pending"] = append(m["xact.downloads.pending"], int32(i))
		}
	}
	return g
}

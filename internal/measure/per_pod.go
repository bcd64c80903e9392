package measure

import (
	"fmt"
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
)

// RunbookFile is the source name of what the team has written in the runbook file.
const RunbookFile = "runbook file"

// PerPod is how many consumers one pod runs. It comes from the runbook file, from what the group
// has shown for a while (Snapshot.PerPod), or from what the group shows now: members matched with
// pods, or as many addresses as there are ready pods. Otherwise it is unknown; judgements then
// assume one consumer per pod and say so.
func PerPod(c scale.Component, s scale.Snapshot) scale.Reading[int] {
	return PerPodAmong(c, s, ConsumersOf(c, s))
}

// PerPodAmong is [PerPod] for members that are already sorted.
func PerPodAmong(c scale.Component, s scale.Snapshot, consumers scale.Reading[Consumers]) scale.Reading[int] {
	seen := seenPerPod(s, consumers)
	matched := s.PerPod
	if c.ConsumersPerPod > 0 {
		matched = scale.Known(c.ConsumersPerPod, s.At, RunbookFile)
	}
	if !matched.Known() {
		return seen
	}
	n, known := seen.Get()
	switch {
	case known && n != matched.Value:
		matched.Note = fmt.Sprintf("the group shows %d per pod now", n)
	case known:
		matched.Note = seen.Note
	case matched.Source != RunbookFile && matched.At.Before(s.At):
		matched.Note = fmt.Sprintf("as seen %s ago; %s", scale.Span(matched.Age(s.At)), seen.Why())
	}
	return matched
}

// seenPerPod is the number that the present membership shows.
func seenPerPod(s scale.Snapshot, reading scale.Reading[Consumers]) scale.Reading[int] {
	consumers, known := reading.Get()
	w, running := s.Workload.Get()
	unknown := func(why string) scale.Reading[int] { return scale.Unknown[int](why, reading.At, reading.Source) }
	switch {
	case !known:
		return unknown("the group is unknown: " + reading.Why())
	case !running:
		return unknown("the pods are unknown: " + s.Workload.Why())
	case len(consumers.Own) == 0:
		return unknown("the group has no member of it")
	}
	counts := consumers.countsByPod()
	if !consumers.Matched {
		if counts = consumers.countsByHost(w.ReadyPods()); counts == nil {
			return unknown("the members of the group cannot be matched with the pods")
		}
	}
	n := commonest(counts)
	if n == 0 {
		return unknown("no pod has a consumer in the group")
	}
	out := scale.Known(n, reading.At, reading.Source)
	if least, most := slices.Min(counts), slices.Max(counts); least != most {
		out.Note = fmt.Sprintf("%s per pod now", scale.Range(least, most))
	}
	return out
}

// countsByPod is the number of members on each pod that has any. Pods that are not ready count
// only where no pod is ready: a probe may fail while the consumers read.
func (c Consumers) countsByPod() []int {
	for _, pods := range [][]podConsumers{c.Pods, c.unready} {
		var counts []int
		for _, p := range pods {
			if p.readers > 0 {
				counts = append(counts, p.readers)
			}
		}
		if counts != nil {
			return counts
		}
	}
	return nil
}

// countsByHost is the number of members on each address, if each pod can have an address of its
// own. Fewer addresses than pods are those of nodes or gateways and show nothing about pods.
func (c Consumers) countsByHost(ready int) []int {
	hosts, all := c.Hosts()
	if !all || ready <= 0 || len(hosts) < ready {
		return nil
	}
	var counts []int
	for _, n := range hosts {
		counts = append(counts, n)
	}
	return counts
}

// commonest is the number that occurs most often, and the larger one of a tie. So a pod with two
// of its three consumers up does not change the answer, nor does a member that lingers after a
// restart. Zero for no numbers.
func commonest(counts []int) int {
	times, best := map[int]int{}, 0
	for _, n := range counts {
		times[n]++
	}
	for n, often := range times {
		if often > times[best] || often == times[best] && n > best {
			best = n
		}
	}
	return best
}

// SharingOf is how the component's partitions are distributed. One consumer per pod is assumed
// where their number is not known.
func SharingOf(c scale.Component, s scale.Snapshot) Sharing { return SharedBy(s, PerPod(c, s)) }

// MostUseful is the highest useful count of pods: beyond it some consumers have no partition
// . It is unknown when the number of partitions is. One consumer per pod is assumed where
// their number is not known.
func MostUseful(s scale.Snapshot) (pods int, known bool) {
	share := SharingOf(scale.Component{}, s)
	return share.Ceiling(), share.Partitions > 0 && !share.Open
}

// SharedBy is how the snapshot's partitions are distributed with the given number of consumers
// per pod, or with one where it is not known.
func SharedBy(s scale.Snapshot, perPod scale.Reading[int]) Sharing {
	partitions, _ := s.Partitions.Get()
	n, _ := perPod.Get()
	return Sharing{Partitions: max(0, partitions), Tasks: tasks(s), perPod: max(1, n), Open: s.TypeOfGroup().SharesPartitions()}
}

package measure

import (
	"fmt"
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
)

// RunbookFile is the source of what the team has written down.
const RunbookFile = "runbook file"

// PerPod is how many consumers one pod runs. The runbook file says it, or the group has shown
// it for a while (Snapshot.PerPod), or it shows it now: members matched with pods, or as many
// addresses as there are ready pods. It is unknown when none of that tells; judgements then
// take one consumer per pod, and say that this is assumed.
func PerPod(c scale.Component, s scale.Snapshot) scale.Reading[int] {
	return PerPodAmong(c, s, ConsumersOf(c, s))
}

// PerPodAmong is [PerPod] where the members have been told apart already.
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

// seenPerPod is what the present membership shows.
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

// countsByPod is how many members each pod has that has any. Pods that are not ready tell
// only where no ready one does: a probe may fail while the consumers read.
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

// countsByHost is how many members each address has, where each pod can have one of its
// own: fewer addresses than pods are those of nodes or gateways and tell nothing.
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

// commonest is the number that occurs most often, the larger one of equals: a pod with two
// of its three consumers up runs three, and the one member that lingers after a restart
// makes no fourth. Zero for none.
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

// SharingOf is how the component's partitions are dealt out. Where nothing tells how many
// consumers a pod runs, one is assumed.
func SharingOf(c scale.Component, s scale.Snapshot) Sharing { return SharedBy(s, PerPod(c, s)) }

// MostUseful is the highest count of pods that is of any use: beyond it consumers are
// without a partition. It is not known when the partitions are not; where nothing
// tells how many consumers a pod runs, one is assumed.
func MostUseful(s scale.Snapshot) (pods int, known bool) {
	share := SharingOf(scale.Component{}, s)
	return share.Ceiling(), share.Partitions > 0 && !share.Open
}

// SharedBy is how the snapshot's partitions are dealt out where a pod runs so many consumers;
// one is assumed where that is not known.
func SharedBy(s scale.Snapshot, perPod scale.Reading[int]) Sharing {
	partitions, _ := s.Partitions.Get()
	n, _ := perPod.Get()
	return Sharing{Partitions: max(0, partitions), Tasks: tasks(s), perPod: max(1, n), Open: s.TypeOfGroup().SharesPartitions()}
}

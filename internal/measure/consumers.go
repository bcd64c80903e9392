package measure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// Consumers are the members of a consumer group, sorted for one component: which are its own, on
// which of its pods they run, and which of its partitions they own. A group may hold more than
// one component. Members that read other topics share it (a second deployment with the same group
// id, the repartition topics of Kafka Streams), and so do members that run elsewhere.
type Consumers struct {
	State scale.GroupState
	// Own are the component's members: those on its pods, where members can be matched with pods,
	// otherwise all that read its topics or own nothing yet.
	Own []Consumer
	// Leaving are members on pods that terminate or are gone, and static members that have left.
	// Their partitions stay assigned until they leave the group or their session times out.
	Leaving []Consumer
	// Elsewhere own partitions of the component's topics and run on none of its pods.
	Elsewhere []Consumer
	// Others counts members unrelated to the component: they own only other topics, or nothing,
	// and run on none of its pods as far as that is known.
	Others int
	// Matched says that members could be matched with the component's pods; otherwise they are
	// only counted.
	Matched bool
	// Pods are the ready pods that count, with the consumers of each. unready are the other pods
	// that are not terminating.
	Pods, unready []podConsumers
	// Session is how long the partitions of members that are gone stay assigned to them.
	Session session
}

// Consumer is one member of a group and what it owns of the component's topics.
type Consumer struct {
	scale.Member
	// Owns is how many partitions of the component's topics it owns. It may own partitions of
	// other topics too.
	Owns int
	// Pod is the pod it runs on; empty where that is not known.
	Pod string
	// Gone says that the member no longer works: its pod is gone, or the broker says that the
	// static member has left.
	Gone bool
}

// podConsumers is one pod with two counts of members: all of them, and those that read the
// component's topics or own nothing yet.
type podConsumers struct {
	Name         string
	All, readers int
}

// ConsumersOf sorts the members of the snapshot's group. The component's topics are its patterns
// and the topics of its lag; if it has neither, every topic counts. The result is unknown when
// the group is.
func ConsumersOf(c scale.Component, s scale.Snapshot) scale.Reading[Consumers] {
	w, _ := s.Workload.Get()
	return scale.With(s.Group, func(g scale.Group) Consumers { return sortOut(g, w, topicsRead(c, s), newRoster(w.Pods, nil)) })
}

// ConsumersSince also uses what was seen before a change: pods that may be gone by now, the
// topics while the lag cannot be read, and whether members could be matched with pods. If they
// could, a member that matches no pod is not the component's.
func ConsumersSince(c scale.Component, before, now scale.Snapshot) scale.Reading[Consumers] {
	w, _ := now.Workload.Get()
	old, _ := before.Workload.Get()
	topics := topicsRead(c, now)
	if !now.Lag.Known() {
		topics = topicsRead(c, before)
	}
	then, _ := ConsumersOf(c, before).Get()
	return scale.With(now.Group, func(g scale.Group) Consumers {
		pods := newRoster(w.Pods, old.Pods)
		pods.matched = then.Matched
		return sortOut(g, w, topics, pods)
	})
}

// sortOut assigns every member to one of the lists.
func sortOut(g scale.Group, w scale.Workload, topics topics, pods roster) Consumers {
	out := Consumers{State: g.State, Session: sessionOf(g, w)}
	members := make([]Consumer, len(g.Members))
	for i, m := range g.Members {
		members[i] = Consumer{Member: m, Owns: topics.ownedBy(m)}
	}
	out.Matched = pods.assignPods(members) || pods.matched
	all, readers := map[string]int{}, map[string]int{}
	for _, m := range members {
		m.Gone = m.Away() || pods.gone[m.Pod]
		foreign := m.Owns == 0 && (m.Owned() > 0 || topics.unasked(m.Member))
		switch {
		case m.Away() && (m.Pod != "" || m.Owns > 0 || !out.Matched && !foreign), m.Pod != "" && pods.going[m.Pod]:
			out.Leaving = append(out.Leaving, m)
		case m.Pod != "":
			out.Own = append(out.Own, m)
			if all[m.Pod]++; !foreign {
				readers[m.Pod]++
			}
		case !out.Matched && !foreign:
			out.Own = append(out.Own, m)
		case m.Owns > 0:
			out.Elsewhere = append(out.Elsewhere, m)
		default:
			out.Others++
		}
	}
	for _, p := range w.Counted() {
		has := podConsumers{p.Name, all[p.Name], readers[p.Name]}
		if p.Ready {
			out.Pods = append(out.Pods, has)
		} else {
			out.unready = append(out.unready, has)
		}
	}
	return out
}

// topics are the patterns of the topics that a component reads.
type topics []string

// topicsRead are a component's topics: by its runbook entry and by its lag.
func topicsRead(c scale.Component, s scale.Snapshot) topics {
	out := topics(c.Topics)
	if lag, known := s.Lag.Get(); known {
		out = append(out[:len(out):len(out)], lag.Topics...)
		for i, p := range lag.Partitions {
			if i == 0 || p.Topic != lag.Partitions[i-1].Topic {
				out = append(out, p.Topic)
			}
		}
	}
	return out
}

// has reports whether a topic is among them. A trailing * matches every topic with that prefix,
// except Kafka's internal ones.
func (t topics) has(topic string) bool {
	for _, pattern := range t {
		if prefix, many := strings.CutSuffix(pattern, "*"); pattern == topic ||
			many && strings.HasPrefix(topic, prefix) && !strings.HasPrefix(topic, "__") {
			return true
		}
	}
	return len(t) == 0
}

// unasked reports whether the member has listed its topics, and none of these is among them.
func (t topics) unasked(m scale.Member) bool {
	return m.Pattern == "" && len(m.Subscribed) > 0 && !slices.ContainsFunc(m.Subscribed, t.has)
}

// ownedBy is how many partitions of these topics the member owns.
func (t topics) ownedBy(m scale.Member) int {
	n := 0
	for topic, numbers := range m.Partitions {
		if t.has(topic) {
			n += len(numbers)
		}
	}
	return n
}

// Readers are all members that share the component's topics: those that own some of them,
// wherever they run, and those of the component that own nothing at all.
func (c Consumers) Readers() []Consumer {
	var out []Consumer
	for _, m := range c.Own {
		if m.Owns > 0 || m.Owned() == 0 {
			out = append(out, m)
		}
	}
	for _, m := range c.Leaving {
		if m.Owns > 0 {
			out = append(out, m)
		}
	}
	return append(out, c.Elsewhere...)
}

// Spread is how evenly the component's partitions are distributed: how many members read them,
// the smallest and the largest number that one member owns, how many members own none, and how
// many partitions are owned in total.
//
// Opaque counts readers whose assignment could not be read; the other fields leave them out.
type Spread struct{ Readers, Least, Most, Idle, Owned, Opaque int }

// Spread counts the component's topics only.
func (c Consumers) Spread() Spread {
	s := Spread{}
	for _, m := range c.Readers() {
		if s.Readers++; m.Opaque {
			s.Opaque++
			continue
		}
		if s.Readers-s.Opaque == 1 || m.Owns < s.Least {
			s.Least = m.Owns
		}
		s.Most = max(s.Most, m.Owns)
		s.Owned += m.Owns
		if m.Owns == 0 {
			s.Idle++
		}
	}
	return s
}

// WorkingPods is how many of the component's pods have a consumer that owns some of its
// partitions. Where members cannot be matched with pods, it is the number of pods that the
// working members would fill.
func (c Consumers) WorkingPods(perPod int) int {
	pods, members := map[string]bool{}, 0
	for _, m := range c.Own {
		if m.Owns > 0 || m.Opaque {
			pods[m.Pod], members = true, members+1
		}
	}
	if c.Matched {
		return len(pods)
	}
	return scale.CeilDiv(members, max(1, perPod))
}

// Hosts counts the addresses of the component's members, and reports whether each member has one.
func (c Consumers) Hosts() (map[string]int, bool) {
	hosts := map[string]int{}
	for _, m := range c.Own {
		if m.Host == "" {
			return nil, false
		}
		hosts[address(m.Host)]++
	}
	return hosts, len(c.Own) > 0
}

// Lacking names the ready pods with fewer members than that, which is known only where members
// are matched with pods. A member that owns only other topics counts: an application with
// repartition topics distributes its work over all of them.
func (c Consumers) Lacking(perPod int) []podConsumers {
	var out []podConsumers
	for _, p := range c.Pods {
		if c.Matched && p.All < perPod {
			out = append(out, p)
		}
	}
	return out
}

// Present reports whether each of that many pods has its consumers, and no member is left on pods
// that terminate. Members that cannot be matched are counted: there must be as many as the pods
// run or, if there are more, members on as many addresses.
func (c Consumers) Present(pods, perPod int) bool {
	if c.Matched {
		return len(c.Pods) >= pods && len(c.Lacking(perPod)) == 0 && len(c.Leaving) == 0
	}
	if len(c.Own) == pods*perPod {
		return true
	}
	hosts, all := c.Hosts()
	return all && len(c.Own) > pods && len(hosts) == pods
}

// OthersClause names the other members of the group in a clause; empty when there are none.
func (c Consumers) OthersClause() string {
	var words []string
	switch n := len(c.Elsewhere); {
	case n == 1:
		words = append(words, "1 member that runs elsewhere reads its topics too")
	case n > 1:
		words = append(words, scale.Several(n, "member")+" that run elsewhere read its topics too")
	}
	if c.Others > 0 {
		words = append(words, scale.Several(c.Others, "member")+" of the group "+scale.Verb(c.Others, "has", "have")+" no part in them")
	}
	if len(words) == 0 {
		return ""
	}
	return "; " + scale.List(words, 2)
}

// LeavingClause names the members that have gone or are about to go, in a clause; empty when
// there are none.
func (c Consumers) LeavingClause() string {
	members, partitions := c.waiting()
	text := ""
	if members > 0 {
		text = fmt.Sprintf("; %s of %s that%s gone %s until %s",
			scale.Several(partitions, "partition"), scale.Several(members, "member"), scale.IsAre(members), scale.Verb(partitions, "waits", "wait"), c.Session)
	}
	if rest := len(c.Leaving) - members; rest > 0 {
		text += "; " + scale.Several(rest, "member") + " of pods that go"
	}
	return text
}

// PodNames are the names of these pods.
func PodNames(pods []podConsumers) []string {
	var names []string
	for _, p := range pods {
		names = append(names, p.Name)
	}
	return names
}

package scale

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// addressed gives every pod an address.
func (w *world) addressed() *world {
	return w.change(func(l *Workload) {
		for i := range l.Pods {
			l.Pods[i].IPs = []string{ipOf(i)}
		}
	})
}

func ipOf(pod int) string { return fmt.Sprintf("10.0.0.%d", pod) }

// consumers gives each pod so many members of the group; the 24 partitions are shared out
// evenly among all of them.
func (w *world) consumers(perPod ...int) *world {
	g := groupOf(0, 0)
	for pod, n := range perPod {
		for i := range n {
			g.Members = append(g.Members, Member{ID: fmt.Sprintf("m-%02d-%d", pod, i), Host: ipOf(pod), Partitions: map[string][]int32{}})
		}
	}
	w.s.Group = Known(shareOut(g, 24), w.s.At, "Kafka")
	return w
}

func shareOut(g Group, partitions int) Group {
	for i := range partitions {
		if len(g.Members) > 0 {
			m := g.Members[i%len(g.Members)].Partitions
			m["xact.downloads.pending"] = append(m["xact.downloads.pending"], int32(i))
		}
	}
	return g
}

// strangers join the group from elsewhere and own partitions of the topic, one each; of a
// topic of the component none are left for them.
func (w *world) strangers(n int, topic string) *world {
	members := slices.Clone(w.s.Group.Value.Members)
	for i := range n {
		members = append(members, Member{ID: fmt.Sprintf("s-%d", i), Client: "somebody-else", Host: fmt.Sprintf("10.9.9.%d", i), Partitions: map[string][]int32{topic: {int32(i)}}})
	}
	w.s.Group.Value.Members = members
	return w
}

func each(pods, n int) []int { return slices.Repeat([]int{n}, pods) }

func (w *world) perPod() Reading[int] { return PerPod(w.Component, w.s) }

// A pod is not a consumer: 24 partitions and 8 ready pods with 3 consumers each are full.
func TestR027PodsThatRunSeveralConsumersAreFullEarlier(t *testing.T) {
	for name, w := range map[string]*world{
		"by address":         spike(14_200).workers(8).addressed().consumers(each(8, 3)...),
		"by as many hosts":   spike(14_200).workers(8).consumers(each(8, 3)...),
		"by the runbook":     spike(14_200).workers(8).declared(3),
		"by the client's id": spike(14_200).workers(8).consumers(each(8, 3)...).clients(),
	} {
		t.Run(name, func(t *testing.T) {
			if n, known := w.perPod().Get(); !known || n != 3 {
				t.Fatalf("per pod: got %d (%s), want 3", n, w.perPod().Why())
			}
			r := w.recommend()
			if r.Changes() {
				t.Errorf("got %s to %d, want to stay at 8", r.Action, r.To)
			}
			wantText(t, "reasons", strings.Join(r.Reasons, "\n"), "3 consumers per pod", "8 run 24 for 24 partitions", "8 workers with 3 consumers each for 24 partitions: no higher count")
			no := w.refuse(24)
			if no == nil || no.Code != RefusedAbovePartitions {
				t.Fatalf("24: got %+v, want refused", no)
			}
			wantText(t, "why", no.Why, "48 of 72 consumers would sit idle")
			wantText(t, "limit", no.Limit, "at most 8, 3 consumers per pod and one for each of 24 partitions")
			if no := w.refuse(9); no == nil || !strings.Contains(no.Why, "3 of 27 consumers would sit idle") {
				t.Errorf("9: got %+v, want refused", no)
			}
		})
	}
}

// declared has the team say how many consumers a pod runs, and hides it in the group.
func (w *world) declared(perPod int) *world {
	w.ConsumersPerPod = perPod
	return w
}

// clients hides the addresses, as a gateway does, and has each client name its pod.
func (w *world) clients() *world {
	w.addressed()
	for i := range w.s.Group.Value.Members {
		m := &w.s.Group.Value.Members[i]
		m.Client, m.Host = "download-worker-"+strings.TrimPrefix(m.Host, "10.0.0.")+"-consumer", "192.168.7.1"
	}
	return w
}

func TestTheSameForEveryNumberOfConsumersInAPod(t *testing.T) {
	for _, c := range []struct {
		partitions, each int
		counts           []int
		ceiling          int
	}{
		{24, 3, []int{1, 2, 3, 4, 8}, 8}, {24, 2, []int{1, 2, 3, 4, 6, 12}, 12}, {25, 3, []int{1, 2, 3, 5, 9}, 9},
		{6, 4, []int{1, 2}, 2}, {3, 8, []int{1}, 1}, {24, 1, Efficient(24), 24},
	} {
		s := sharing{partitions: c.partitions, perPod: c.each}
		if got := s.counts(); !slices.Equal(got, c.counts) || s.ceiling() != c.ceiling {
			t.Errorf("%d partitions, %d each: got %v up to %d, want %v up to %d", c.partitions, c.each, got, s.ceiling(), c.counts, c.ceiling)
		}
	}
	for partitions := 1; partitions <= 60; partitions++ {
		for each := 1; each <= 7; each++ {
			s := sharing{partitions: partitions, perPod: each}
			var want []int
			for n := 1; n <= s.ceiling(); n++ {
				if s.efficient(n) {
					want = append(want, n)
				}
			}
			if got := s.counts(); !slices.Equal(got, want) {
				t.Fatalf("%d partitions, %d each: got %v, want %v", partitions, each, got, want)
			}
			for n := 1; n <= s.ceiling(); n++ {
				if worth := s.effective(n); worth > float64(n)+1e-9 || s.idle(n) >= each || s.idle(n) > s.consumers(n) {
					t.Fatalf("%d partitions, %d pods with %d each: worth %v, %d idle", partitions, n, each, worth, s.idle(n))
				}
			}
		}
	}
}

func TestR014SurplusCountsConsumers(t *testing.T) {
	w := calmWorld().workers(12).addressed().consumers(each(12, 3)...)
	f := w.outcome(t, "R-014")
	if f.Outcome != Fires {
		t.Fatalf("12 pods with 3 each on 24: got %s", f.Outcome)
	}
	wantText(t, "R-014", f.Sentence, "12 workers with 3 consumers each for 24 partitions: 12 of 36 consumers sit idle")
	if r := w.recommend(); r.Action != ScaleDown || r.To != 8 {
		t.Errorf("got %s to %d, want down to 8", r.Action, r.To)
	}
	if no := w.refuse(8); no != nil {
		t.Errorf("down to the useful count in one move (T-12): got %+v", no)
	}
	if f := calmWorld().workers(9).addressed().consumers(each(9, 3)...).outcomeWith(25); f.Outcome != Silent {
		t.Errorf("9 pods with 3 each on 25 partitions: got %s, want silent, 8 are not enough", f.Outcome)
	}
	wantText(t, "R-131", strings.Join(Diagnose(w.Component, w.Policy, w.s, w.past).Next, "\n"), "scale down to 8")
}

func (w *world) outcomeWith(partitions int) Finding {
	w.s.Partitions.Value = partitions
	f, _ := find(w.recommend().Findings, "R-014")
	return f
}

// The capacity is a pod's, whatever runs in it, and what a partition can get is one
// consumer's.
func TestCapacityOfPodsWithSeveralConsumers(t *testing.T) {
	w := spike(14_200).workers(4).addressed().consumers(each(4, 3)...)
	v := look(w.Component, w.Policy, w.s, w.past)
	if got := v.effective(4); got != 4 {
		t.Errorf("4 pods with 12 consumers on 24: worth %v, want 4", got)
	}
	if one, pod := v.eachManages(), v.capacity.PerWorker; one != pod/3 {
		t.Errorf("got %v per consumer and %v per pod", one, pod)
	}
	if r := w.recommend(); r.Action != ScaleUp || r.To != 8 {
		t.Errorf("got %s to %d (%q), want up to 8, the ceiling", r.Action, r.To, r.Reasons)
	}
	plan := w.plan(8, "")
	if plan.After.Busiest != 1 || plan.After.Consumers != 24 || plan.After.PerPod() != 3 || plan.Now.Busiest != 2 {
		t.Errorf("got %+v", plan.After)
	}
	wantText(t, "notes", strings.Join(plan.Notes, "\n"), "3 consumers per pod")
}

func TestCapacityPlanCountsConsumers(t *testing.T) {
	w := calmWorld().workers(4).addressed().consumers(each(4, 3)...)
	need := w.needs(Demand{Rate: 2000, Each: 100})
	if need.Workers != 8 {
		t.Errorf("got %d workers (%s), want 8", need.Workers, need.Headline)
	}
	wantText(t, "headline", need.Headline, "24 workers are wanted, and 8 is all that helps with 24 partitions")
	wantText(t, "remedies", strings.Join(need.Remedies, "\n"), "raise the partitions to 72 or more")
	wantText(t, "readings", strings.Join(need.Readings, "\n"), "of which 8 effective: 3 consumers per pod, one per partition")
}

func TestUnevenAndUnknownConsumersPerPod(t *testing.T) {
	for name, c := range map[string]struct {
		w     *world
		n     int
		known bool
		says  string
	}{
		"a pod with 2 of 3":           {calmWorld().workers(8).addressed().consumers(3, 3, 3, 3, 3, 3, 3, 2), 3, true, "2–3 per pod now"},
		"a pod with none":             {calmWorld().workers(8).addressed().consumers(3, 3, 3, 3, 3, 3, 3, 0), 3, true, ""},
		"one lingers":                 {calmWorld().workers(6).addressed().consumers(2, 1, 1, 1, 1, 1), 1, true, "1–2 per pod now"},
		"two pods, one restarts":      {calmWorld().workers(2).addressed().consumers(3, 1), 3, true, "1–3 per pod now"},
		"strangers beside":            {calmWorld().workers(8).addressed().consumers(each(8, 3)...).strangers(4, "other"), 3, true, ""},
		"strangers, by hosts":         {calmWorld().workers(8).consumers(each(8, 3)...).strangers(4, "other"), 3, true, ""},
		"nodes hide the pods":         {calmWorld().workers(9).consumers(3, 3, 3), 0, false, "cannot be matched"},
		"ports are no hosts":          {calmWorld().workers(6).consumers(2, 2, 2, 2, 2, 2).ported(), 2, true, ""},
		"no addresses":                {calmWorld().workers(6), 0, false, "cannot be matched"},
		"nobody":                      {calmWorld().workers(6).addressed().consumers(), 0, false, "no member"},
		"remembered while it is away": {calmWorld().workers(6).addressed().consumers().remembered(3), 3, true, "as seen 5 min ago"},
	} {
		got := c.w.perPod()
		if n, known := got.Get(); n != c.n || known != c.known {
			t.Errorf("%s: got %d, %v (%s), want %d", name, n, known, got.Why(), c.n)
		}
		wantText(t, name, got.Note+got.Err, c.says)
	}
	w := calmWorld().workers(6)
	wantText(t, "assumed and said", strings.Join(w.plan(8, "").Notes, "\n"), "1 consumer per pod is assumed: the members of the group cannot be matched with the pods")
}

// ported gives every member a port of its own beside its address.
func (w *world) ported() *world {
	for i := range w.s.Group.Value.Members {
		w.s.Group.Value.Members[i].Host += fmt.Sprintf(":%d", 40_000+i)
	}
	return w
}

// The verdict expects of the new count what its consumers can read: of 12 pods with 36
// consumers for 24 partitions no more than of 8.
func TestExpectedThroughputCountsConsumers(t *testing.T) {
	for to, want := range map[int]float64{6: 600, 8: 800, 12: 800} {
		w := spike(14_200).workers(4).addressed().consumers(each(4, 3)...)
		f := lookBack(w.Component, w.Policy, Operation{Change: Replicas{From: 4, To: to}, Before: w.s}, w.s, nil)
		if got := f.expected(400); math.Abs(got-want) > 1 {
			t.Errorf("4 to %d pods with 3 consumers each, 400 msg/s before: got %.0f expected, want about %.0f", to, got, want)
		}
	}
}

// remembered is what was seen five minutes ago.
func (w *world) remembered(n int) *world {
	w.s.PerPod = Known(n, w.s.At.Add(-5*time.Minute), "Kafka")
	return w
}

// While the group hands out partitions, members come and go: what was seen before stands.
func TestPerPodIsNotLearnedFromAMovingGroup(t *testing.T) {
	w := calmWorld().workers(8).addressed().consumers(each(8, 1)...).remembered(3)
	w.s.Group.Value.State = "PreparingRebalance"
	if n, known := w.perPod().Get(); !known || n != 3 {
		t.Errorf("got %d, %v, want 3", n, known)
	}
	if no := w.refuse(24); no == nil {
		t.Error("24 pods with 3 each on 24 partitions, during a rebalance: got no refusal")
	}
	w.s.Group = Unknown[Group]("no broker answers", w.s.At, "Kafka")
	if no := w.refuse(24); no == nil {
		t.Error("and while the group cannot be read: got no refusal")
	}
}

func TestManyMembersThatCannotBeMatchedHoldAScaleUp(t *testing.T) {
	w := spike(14_200).workers(8)
	w.s.Group.Value = groupOf(24, 24)
	r := w.recommend()
	if r.Changes() {
		t.Errorf("got %s to %d, want to stay", r.Action, r.To)
	}
	wantText(t, "veto", strings.Join(r.Vetoes, "\n"), "24 members for 8 ready pods, and how many run in a pod is not known")
	wantText(t, "remedy", strings.Join(r.Remedies, "\n"), "consumersPerPod")
	w = spike(14_200)
	w.s.Group.Value = groupOf(10, 24)
	if r := w.recommend(); r.Action != ScaleUp {
		t.Errorf("10 members for 6 pods leave one each: got %s (%q)", r.Action, r.Vetoes)
	}
}

// A group is not a component: members that read other topics share it.
func TestR037OnlyTheComponentsTopicsCount(t *testing.T) {
	w := calmWorld().addressed().consumers(each(6, 1)...).strangers(4, "xact.audit")
	check := wantCheck(t, w.plan(8, "").Checklist, "R-108", Pass)
	wantText(t, "6 × 4 beside 4 on another topic", check.After, "24 partitions over 6 members, 4 each")

	unmatched := calmWorld()
	unmatched.strangers(4, "xact.audit")
	wantCheck(t, unmatched.plan(8, "").Checklist, "R-108", Pass)

	// 4 of 24 have no owner, and members own 4 of another topic.
	w = calmWorld().addressed().consumers(each(6, 1)...)
	for i, m := range w.s.Group.Value.Members {
		m.Partitions["xact.downloads.pending"] = m.Partitions["xact.downloads.pending"][:max(3, 4-i%2)]
		m.Partitions["repartition"] = []int32{int32(i)}
	}
	wantText(t, "unowned", wantCheck(t, w.plan(8, "").Checklist, "R-108", Fail).Note, "without an owner")

	// What cannot be read is neither owned nor unowned.
	w = calmWorld().addressed().consumers(each(6, 1)...)
	w.s.Group.Value.Members[2].Partitions, w.s.Group.Value.Members[2].Opaque = nil, true
	wantText(t, "opaque", wantCheck(t, w.plan(8, "").Checklist, "R-108", ResultUnsure).Note, "the share of 1 member could not be read")

	// A member that asks for other topics and owns none yet is none of ours; one that asks
	// for ours is.
	w = calmWorld()
	w.s.Group.Value.Members = append(w.s.Group.Value.Members, Member{ID: "s", Subscribed: []string{"xact.audit"}})
	wantCheck(t, w.plan(8, "").Checklist, "R-108", Pass)
	w.s.Group.Value.Members[6].Subscribed = []string{"xact.downloads.pending"}
	wantCheck(t, w.plan(8, "").Checklist, "R-108", Warn)

	// A member without a partition is no even spread.
	w = calmWorld().addressed().consumers(each(6, 1)...)
	first := w.s.Group.Value.Members[0].Partitions
	for i, n := range first["xact.downloads.pending"] {
		w.s.Group.Value.also(1+i, n)
	}
	clear(first)
	wantText(t, "idle", wantCheck(t, w.plan(8, "").Checklist, "R-108", Warn).Note, "1 member without a partition")
}

// Kafka Streams in a classic group owns its repartition topic beside the one it reads.
func TestR037StreamsOwnTheirRepartitionTopics(t *testing.T) {
	w := calmWorld().workers(2).addressed()
	w.Topics, w.s.Partitions.Value = []string{"in"}, 6
	w.s.Lag.Value = SumLag([]PartitionLag{{Topic: "in"}}, []string{"in"})
	w.s.Group.Value = Group{State: "Stable", Members: []Member{
		{ID: "a", Host: ipOf(0), Partitions: map[string][]int32{"in": {0, 1, 2}, "app-repartition": {0, 1, 2}}},
		{ID: "b", Host: ipOf(1), Partitions: map[string][]int32{"in": {3, 4, 5}, "app-repartition": {3, 4, 5}}},
	}}
	wantText(t, "even", wantCheck(t, w.plan(3, "").Checklist, "R-108", Pass).After, "6 partitions over 2 members, 3 each")
	delete(w.s.Group.Value.Members[1].Partitions, "in")
	w.s.Group.Value.Members[0].Partitions["in"] = []int32{0, 1}
	wantText(t, "4 of 6", wantCheck(t, w.plan(3, "").Checklist, "R-108", Fail).Note, "4 partitions without an owner")
}

func TestMembersAreMatchedWithPods(t *testing.T) {
	pods := []Pod{{Name: "worker-1", IPs: []string{"10.0.0.1", "fd00::1"}}, {Name: "worker-10", IPs: []string{"10.0.0.10"}}, {Name: "host-a", IPs: []string{"10.1.1.1"}}, {Name: "host-b", IPs: []string{"10.1.1.1"}}}
	for host, want := range map[string]string{"10.0.0.1": "worker-1", "/10.0.0.10": "worker-10", "10.0.0.10:43210": "worker-10", "fd00::1": "worker-1", "[fd00::1]:9": "worker-1", "/fd00::1": "worker-1", "10.0.0.100": "", "": ""} {
		if got, _ := newRoster(pods, nil).podOf(Member{Host: host}); got != want {
			t.Errorf("host %q: got %q, want %q", host, got, want)
		}
	}
	for client, want := range map[string]string{"worker-1": "worker-1", "worker-10": "worker-10", "worker-1-thread-2": "worker-1", "consumer.worker-10": "worker-10", "worker-100": "", "myworker-1": "", "": ""} {
		if got, _ := newRoster(pods, nil).podOf(Member{Client: client}); got != want {
			t.Errorf("client %q: got %q, want %q", client, got, want)
		}
	}
	// Pods on the network of one node share its address: how many each has is what counts.
	members := []Consumer{{Member: Member{Host: "10.1.1.1"}}, {Member: Member{Host: "10.1.1.1"}}, {Member: Member{Host: "10.1.1.1", Client: "host-b"}}, {Member: Member{Host: "10.1.1.1"}}}
	got := map[string]int{}
	newRoster(pods, nil).place(members)
	for _, m := range members {
		got[m.Pod]++
	}
	if got["host-a"] != 2 || got["host-b"] != 2 {
		t.Errorf("got %v, want two each", got)
	}
	// An address goes to another pod when its first one is gone.
	old := []Pod{{Name: "gone", IPs: []string{"10.0.0.1"}}}
	if got, _ := newRoster(pods, old).podOf(Member{Host: "10.0.0.1"}); got != "worker-1" {
		t.Errorf("a reused address: got %q, want worker-1", got)
	}
}

// unready says of every pod that it is not ready, as during a probe that fails.
func (w *world) unready() *world {
	return w.change(func(l *Workload) {
		l.Ready = 0
		for i := range l.Pods {
			l.Pods[i].Ready = false
		}
	})
}

// Pods that fail their probe read all the same: how many consumers each runs is seen, and
// bounds the count.
func TestPodsThatAreNotReadyTellHowManyConsumersAPodRuns(t *testing.T) {
	w := calmWorld().workers(2).addressed().consumers(4, 4).unready()
	if n, known := w.perPod().Get(); !known || n != 4 {
		t.Errorf("got %d, %v (%s), want 4", n, known, w.perPod().Why())
	}
	if r := w.refuse(24); r == nil || r.Code != RefusedAbovePartitions {
		t.Errorf("24 pods of 4 consumers on 24 partitions: got %v, want a refusal", r)
	}
	w = calmWorld().workers(3).addressed().consumers(4, 1, 1)
	w.change(func(l *Workload) { l.Pods[0].Ready = false })
	if n, known := w.perPod().Get(); !known || n != 1 {
		t.Errorf("ready pods with one each beside an unready one with four: got %d, %v, want 1", n, known)
	}
}

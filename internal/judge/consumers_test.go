package judge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func perPod(w *measuretest.World) scale.Reading[int] { return measure.PerPod(w.Component, w.Now) }

// A pod is not a consumer: 24 partitions and 8 ready pods with 3 consumers each are full.
func TestR027PodsThatRunSeveralConsumersAreFullEarlier(t *testing.T) {
	for name, w := range map[string]*measuretest.World{
		"by address":         measuretest.Spike(14_200).Workers(8).Addressed().Consumers(measuretest.Each(8, 3)...),
		"by as many hosts":   measuretest.Spike(14_200).Workers(8).Consumers(measuretest.Each(8, 3)...),
		"by the runbook":     declared(measuretest.Spike(14_200).Workers(8), 3),
		"by the client's id": clients(measuretest.Spike(14_200).Workers(8).Consumers(measuretest.Each(8, 3)...)),
	} {
		t.Run(name, func(t *testing.T) {
			if n, known := perPod(w).Get(); !known || n != 3 {
				t.Fatalf("per pod: got %d (%s), want 3", n, perPod(w).Why())
			}
			r := recommended(w)
			if r.Changes() {
				t.Errorf("got %s to %d, want to stay at 8", r.Action, r.To)
			}
			scaletest.WantText(t, "reasons", strings.Join(r.Reasons, "\n"), "3 consumers per pod", "8 run 24 for 24 partitions", "8 workers with 3 consumers each for 24 partitions: no higher count")
			no := refused(w, 24)
			if no == nil || no.Code != scale.RefusedAbovePartitions {
				t.Fatalf("24: got %+v, want refused", no)
			}
			scaletest.WantText(t, "why", no.Why, "48 of 72 consumers would sit idle")
			scaletest.WantText(t, "limit", no.Limit, "at most 8, 3 consumers per pod and one for each of 24 partitions")
			if no := refused(w, 9); no == nil || !strings.Contains(no.Why, "3 of 27 consumers would sit idle") {
				t.Errorf("9: got %+v, want refused", no)
			}
		})
	}
}

// declared has the team say how many consumers a pod runs, and hides it in the group.
func declared(w *measuretest.World, perPod int) *measuretest.World {
	w.ConsumersPerPod = perPod
	return w
}

// clients hides the addresses, as a gateway does, and has each client name its pod.
func clients(w *measuretest.World) *measuretest.World {
	w.Addressed()
	for i := range w.Now.Group.Value.Members {
		m := &w.Now.Group.Value.Members[i]
		m.Client, m.Host = "download-worker-"+strings.TrimPrefix(m.Host, "10.0.0.")+"-consumer", "192.168.7.1"
	}
	return w
}

// The capacity is a pod's, whatever runs in it, and what a partition can get is one
// consumer's.
func TestCapacityOfPodsWithSeveralConsumers(t *testing.T) {
	w := measuretest.Spike(14_200).Workers(4).Addressed().Consumers(measuretest.Each(4, 3)...)
	v := NewView(w.Component, w.Policy, w.Now, w.Past)
	if got := v.Effective(4); got != 4 {
		t.Errorf("4 pods with 12 consumers on 24: worth %v, want 4", got)
	}
	if one, pod := v.EachManages(), v.Capacity.PerWorker; one != pod/3 {
		t.Errorf("got %v per consumer and %v per pod", one, pod)
	}
	if r := recommended(w); r.Action != scale.ScaleUp || r.To != 8 {
		t.Errorf("got %s to %d (%q), want up to 8, the ceiling", r.Action, r.To, r.Reasons)
	}
	plan := planned(w, 8, "")
	if plan.After.Busiest != 1 || plan.After.Consumers != 24 || plan.After.PerPod() != 3 || plan.Now.Busiest != 2 {
		t.Errorf("got %+v", plan.After)
	}
	scaletest.WantText(t, "notes", strings.Join(plan.Notes, "\n"), "3 consumers per pod")
}

func TestUnevenAndUnknownConsumersPerPod(t *testing.T) {
	for name, c := range map[string]struct {
		w     *measuretest.World
		n     int
		known bool
		says  string
	}{
		"a pod with 2 of 3":           {measuretest.CalmWorld().Workers(8).Addressed().Consumers(3, 3, 3, 3, 3, 3, 3, 2), 3, true, "2–3 per pod now"},
		"a pod with none":             {measuretest.CalmWorld().Workers(8).Addressed().Consumers(3, 3, 3, 3, 3, 3, 3, 0), 3, true, ""},
		"one lingers":                 {measuretest.CalmWorld().Workers(6).Addressed().Consumers(2, 1, 1, 1, 1, 1), 1, true, "1–2 per pod now"},
		"two pods, one restarts":      {measuretest.CalmWorld().Workers(2).Addressed().Consumers(3, 1), 3, true, "1–3 per pod now"},
		"strangers beside":            {measuretest.CalmWorld().Workers(8).Addressed().Consumers(measuretest.Each(8, 3)...).Strangers(4, "other"), 3, true, ""},
		"strangers, by hosts":         {measuretest.CalmWorld().Workers(8).Consumers(measuretest.Each(8, 3)...).Strangers(4, "other"), 3, true, ""},
		"nodes hide the pods":         {measuretest.CalmWorld().Workers(9).Consumers(3, 3, 3), 0, false, "cannot be matched"},
		"ports are no hosts":          {ported(measuretest.CalmWorld().Workers(6).Consumers(2, 2, 2, 2, 2, 2)), 2, true, ""},
		"no addresses":                {measuretest.CalmWorld().Workers(6), 0, false, "cannot be matched"},
		"nobody":                      {measuretest.CalmWorld().Workers(6).Addressed().Consumers(), 0, false, "no member"},
		"remembered while it is away": {remembered(measuretest.CalmWorld().Workers(6).Addressed().Consumers(), 3), 3, true, "as seen 5 min ago"},
	} {
		got := perPod(c.w)
		if n, known := got.Get(); n != c.n || known != c.known {
			t.Errorf("%s: got %d, %v (%s), want %d", name, n, known, got.Why(), c.n)
		}
		scaletest.WantText(t, name, got.Note+got.Err, c.says)
	}
	w := measuretest.CalmWorld().Workers(6)
	scaletest.WantText(t, "assumed and said", strings.Join(planned(w, 8, "").Notes, "\n"), "1 consumer per pod is assumed: the members of the group cannot be matched with the pods")
}

// ported gives every member a port of its own beside its address.
func ported(w *measuretest.World) *measuretest.World {
	for i := range w.Now.Group.Value.Members {
		w.Now.Group.Value.Members[i].Host += fmt.Sprintf(":%d", 40_000+i)
	}
	return w
}

// remembered is what was seen five minutes ago.
func remembered(w *measuretest.World, n int) *measuretest.World {
	w.Now.PerPod = scale.Known(n, w.Now.At.Add(-5*time.Minute), "Kafka")
	return w
}

// While the group hands out partitions, members come and go: what was seen before stands.
func TestPerPodIsNotLearnedFromAMovingGroup(t *testing.T) {
	w := remembered(measuretest.CalmWorld().Workers(8).Addressed().Consumers(measuretest.Each(8, 1)...), 3)
	w.Now.Group.Value.State = "PreparingRebalance"
	if n, known := perPod(w).Get(); !known || n != 3 {
		t.Errorf("got %d, %v, want 3", n, known)
	}
	if no := refused(w, 24); no == nil {
		t.Error("24 pods with 3 each on 24 partitions, during a rebalance: got no refusal")
	}
	w.Now.Group = scale.Unknown[scale.Group]("no broker answers", w.Now.At, "Kafka")
	if no := refused(w, 24); no == nil {
		t.Error("and while the group cannot be read: got no refusal")
	}
}

func TestManyMembersThatCannotBeMatchedHoldAScaleUp(t *testing.T) {
	w := measuretest.Spike(14_200).Workers(8)
	w.Now.Group.Value = measuretest.GroupOf(24, 24)
	r := recommended(w)
	if r.Changes() {
		t.Errorf("got %s to %d, want to stay", r.Action, r.To)
	}
	scaletest.WantText(t, "veto", strings.Join(r.Vetoes, "\n"), "24 members for 8 ready pods, and how many run in a pod is not known")
	scaletest.WantText(t, "remedy", strings.Join(r.Remedies, "\n"), "consumersPerPod")
	w = measuretest.Spike(14_200)
	w.Now.Group.Value = measuretest.GroupOf(10, 24)
	if r := recommended(w); r.Action != scale.ScaleUp {
		t.Errorf("10 members for 6 pods leave one each: got %s (%q)", r.Action, r.Vetoes)
	}
}

// A group is not a component: members that read other topics share it.
func TestR037OnlyTheComponentsTopicsCount(t *testing.T) {
	w := measuretest.CalmWorld().Addressed().Consumers(measuretest.Each(6, 1)...).Strangers(4, "xact.audit")
	check := measuretest.WantCheck(t, planned(w, 8, "").Checklist, "R-108", scale.Pass)
	scaletest.WantText(t, "6 × 4 beside 4 on another topic", check.After, "24 partitions over 6 members, 4 each")

	unmatched := measuretest.CalmWorld()
	unmatched.Strangers(4, "xact.audit")
	measuretest.WantCheck(t, planned(unmatched, 8, "").Checklist, "R-108", scale.Pass)

	// 4 of 24 have no owner, and members own 4 of another topic.
	w = measuretest.CalmWorld().Addressed().Consumers(measuretest.Each(6, 1)...)
	for i, m := range w.Now.Group.Value.Members {
		m.Partitions["xact.downloads.pending"] = m.Partitions["xact.downloads.pending"][:max(3, 4-i%2)]
		m.Partitions["repartition"] = []int32{int32(i)}
	}
	scaletest.WantText(t, "unowned", measuretest.WantCheck(t, planned(w, 8, "").Checklist, "R-108", scale.Fail).Note, "without an owner")

	// What cannot be read is neither owned nor unowned.
	w = measuretest.CalmWorld().Addressed().Consumers(measuretest.Each(6, 1)...)
	w.Now.Group.Value.Members[2].Partitions, w.Now.Group.Value.Members[2].Opaque = nil, true
	scaletest.WantText(t, "opaque", measuretest.WantCheck(t, planned(w, 8, "").Checklist, "R-108", scale.ResultUnsure).Note, "the share of 1 member could not be read")

	// A member that asks for other topics and owns none yet is none of ours; one that asks
	// for ours is.
	w = measuretest.CalmWorld()
	w.Now.Group.Value.Members = append(w.Now.Group.Value.Members, scale.Member{ID: "s", Subscribed: []string{"xact.audit"}})
	measuretest.WantCheck(t, planned(w, 8, "").Checklist, "R-108", scale.Pass)
	w.Now.Group.Value.Members[6].Subscribed = []string{"xact.downloads.pending"}
	measuretest.WantCheck(t, planned(w, 8, "").Checklist, "R-108", scale.Warn)

	// A member without a partition is no even spread.
	w = measuretest.CalmWorld().Addressed().Consumers(measuretest.Each(6, 1)...)
	first := w.Now.Group.Value.Members[0].Partitions
	for i, n := range first["xact.downloads.pending"] {
		also(w.Now.Group.Value, 1+i, n)
	}
	clear(first)
	scaletest.WantText(t, "idle", measuretest.WantCheck(t, planned(w, 8, "").Checklist, "R-108", scale.Warn).Note, "1 member without a partition")
}

// Kafka Streams in a classic group owns its repartition topic beside the one it reads.
func TestR037StreamsOwnTheirRepartitionTopics(t *testing.T) {
	w := measuretest.CalmWorld().Workers(2).Addressed()
	w.Topics, w.Now.Partitions.Value = []string{"in"}, 6
	w.Now.Lag.Value = scale.SumLag([]scale.PartitionLag{{Topic: "in"}}, []string{"in"})
	w.Now.Group.Value = scale.Group{State: "Stable", Members: []scale.Member{
		{ID: "a", Host: measuretest.IPOf(0), Partitions: map[string][]int32{"in": {0, 1, 2}, "app-repartition": {0, 1, 2}}},
		{ID: "b", Host: measuretest.IPOf(1), Partitions: map[string][]int32{"in": {3, 4, 5}, "app-repartition": {3, 4, 5}}},
	}}
	scaletest.WantText(t, "even", measuretest.WantCheck(t, planned(w, 3, "").Checklist, "R-108", scale.Pass).After, "6 partitions over 2 members, 3 each")
	delete(w.Now.Group.Value.Members[1].Partitions, "in")
	w.Now.Group.Value.Members[0].Partitions["in"] = []int32{0, 1}
	scaletest.WantText(t, "4 of 6", measuretest.WantCheck(t, planned(w, 3, "").Checklist, "R-108", scale.Fail).Note, "4 partitions without an owner")
}

// unready says of every pod that it is not ready, as during a probe that fails.
func unready(w *measuretest.World) *measuretest.World {
	return w.Change(func(l *scale.Workload) {
		l.Ready = 0
		for i := range l.Pods {
			l.Pods[i].Ready = false
		}
	})
}

// Pods that fail their probe read all the same: how many consumers each runs is seen, and
// bounds the count.
func TestPodsThatAreNotReadyTellHowManyConsumersAPodRuns(t *testing.T) {
	w := unready(measuretest.CalmWorld().Workers(2).Addressed().Consumers(4, 4))
	if n, known := perPod(w).Get(); !known || n != 4 {
		t.Errorf("got %d, %v (%s), want 4", n, known, perPod(w).Why())
	}
	if r := refused(w, 24); r == nil || r.Code != scale.RefusedAbovePartitions {
		t.Errorf("24 pods of 4 consumers on 24 partitions: got %v, want a refusal", r)
	}
	w = measuretest.CalmWorld().Workers(3).Addressed().Consumers(4, 1, 1)
	w.Change(func(l *scale.Workload) { l.Pods[0].Ready = false })
	if n, known := perPod(w).Get(); !known || n != 1 {
		t.Errorf("ready pods with one each beside an unready one with four: got %d, %v, want 1", n, known)
	}
}

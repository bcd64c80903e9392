package scale

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// sharing turns the world's group into a share group whose members all read everything.
func (w *world) sharing(members int) *world {
	g := Group{Name: w.Group, State: "Stable", Type: GroupShare, Protocol: "simple"}
	all := make([]int32, 24)
	for i := range all {
		all[i] = int32(i)
	}
	for i := range members {
		g.Members = append(g.Members, Member{ID: fmt.Sprint("m-", i), Epoch: 3,
			Partitions: map[string][]int32{"xact.downloads.pending": all}})
	}
	w.s.Group = Known(g, w.s.At, Broker)
	w.s.Lag.Value.Type = GroupShare
	return w.workers(members)
}

// The golden rule does not hold where workers read the same partitions: nothing that takes
// the partition count for a ceiling may do so.
func TestPartitionsDoNotBoundAShareGroup(t *testing.T) {
	w := calmWorld().sharing(30) // on 24 partitions
	for _, to := range []int{29, 31, 48, 200} {
		if r := w.refuse(to); r != nil {
			t.Errorf("%d is refused: %s", to, r.Why)
		}
	}
	if f := w.outcome(t, "R-014"); f.Outcome != Silent || strings.Contains(f.Sentence, "24") {
		t.Errorf("R-014: %v, %q", f.Outcome, f.Sentence)
	}
	r := w.recommend()
	if r.Action == ScaleDown && r.To == 24 {
		t.Errorf("recommends %d: %v", r.To, r.Reasons)
	}
	plan := w.plan(31, "more")
	for _, text := range append(append(plan.Warnings, plan.Notes...), r.Reasons...) {
		if strings.Contains(text, "idle") || strings.Contains(text, "busiest") || strings.Contains(text, "partition") {
			t.Errorf("the card says %q", text)
		}
	}
	if plan.Now.Idle != 0 || plan.After.Idle != 0 || !plan.Open {
		t.Errorf("idle %d and %d, open %v, want none and open", plan.Now.Idle, plan.After.Idle, plan.Open)
	}
	for _, risk := range plan.Risks {
		if risk.Class == RiskPartitions {
			t.Errorf("a risk by partitions: %s", risk.Why)
		}
	}
	wantCheck(t, plan.Checklist, "R-108", Pass)
	d := Diagnose(w.Component, w.Policy, w.s, w.past)
	wantCheck(t, d.Findings, "R-131", Pass)
	if _, bounded := w.s.MostUseful(); bounded {
		t.Error("the form is bounded by the partitions")
	}
	n := PlanCapacity(w.Component, w.Policy, w.s, w.past, Demand{Rate: 3000, Seconds: 1, Each: 100})
	if n.Workers < 30 || strings.Contains(n.Headline, "all that helps") || len(n.Remedies) > 0 {
		t.Errorf("a plan for 3,000 msg/s: %d, %q, %v", n.Workers, n.Headline, n.Remedies)
	}
}

// More load asks for more workers than there are partitions.
func TestShareGroupIsScaledBeyondItsPartitions(t *testing.T) {
	w := calmWorld().lag(60_000)
	w.Component.High = 0
	w.sharing(24)
	w.s.Rates = Known(Rates{Arrival: 3000, Consumption: 2400, Over: 5 * time.Minute}, w.s.At, Broker)
	w.remember(4*time.Hour, func(ago time.Duration, p *Point) {
		age := (4*time.Hour - ago).Seconds()
		p.Ends, p.Commits, p.Lag = 3000*age, 2400*age, max(1, 60_000-600*ago.Seconds())
	})
	r := w.recommend()
	if r.Action != ScaleUp || r.To <= 24 {
		t.Fatalf("got %v to %d, want more than 24: %v %v", r.Action, r.To, r.Reasons, r.Vetoes)
	}
	for _, o := range r.Options {
		if o.Replicas == r.To && o.Idle == 0 && o.Efficient {
			return
		}
	}
	t.Errorf("%d is not among the options", r.To)
}

// A lag that sits on few partitions is no hot spot where every worker takes from them.
func TestHotPartitionOfAShareGroup(t *testing.T) { // T-33
	w := calmWorld().lag(0).sharing(6)
	w.s.Lag.Value.Partitions[7].Lag, w.s.Lag.Value.Partitions[7].End = 60_000, 65_000
	w.s.Lag.Value.Partitions[7].Arrival = 5000
	w.s.Lag.Value = SumLag(w.s.Lag.Value.Partitions, w.s.Lag.Value.Topics)
	w.s.Lag.Value.Type = GroupShare
	for _, veto := range w.recommend().Vetoes {
		if strings.Contains(veto, "partition") {
			t.Errorf("veto %q", veto)
		}
	}
	if d := w.plan(12, "").After.Drain; d.Never && strings.Contains(d.Sentence, "partition") {
		t.Errorf("drain: %s", d.Sentence)
	}
}

// What was known of the group's type holds while the group cannot be read: a share group is
// not bounded by partitions because Kafka does not answer.
func TestTypeOutlivesTheReading(t *testing.T) {
	w := calmWorld().sharing(30)
	w.s.GroupType = GroupShare
	w.s.Group = Unknown[Group]("no answer", w.s.At, Broker)
	w.s.Lag = Unknown[Lag]("no answer", w.s.At, Broker)
	if r := w.refuse(40); r != nil {
		t.Errorf("refused: %s", r.Why)
	}
	w.s.GroupType = ""
	if r := w.refuse(40); r == nil || r.Code != RefusedAbovePartitions {
		t.Errorf("a group of which nothing is known: got %v, want the bound of the partitions", r)
	}
}

// The team's own maximum stands, and without one there is no "max" to scale to.
func TestMaximumOfAShareGroup(t *testing.T) {
	w := calmWorld().sharing(30)
	w.Component.Max = 40
	if r := w.refuse(41); r == nil || r.Code != RefusedAboveMaximum || strings.Contains(r.Why+r.Next, "partition") {
		t.Errorf("got %v, want the team's maximum", r)
	}
	w.Component.High = 0
	if n, r := Resolve(w.Component, w.Policy, w.s, Recommendation{}, Target{Kind: TargetMax}); n != 40 || r != nil {
		t.Errorf("max is %d (%v), want 40", n, r)
	}
	w.Component.Max = 0
	if _, r := Resolve(w.Component, w.Policy, w.s, Recommendation{}, Target{Kind: TargetMax}); r == nil || !strings.Contains(r.Why, "share group") {
		t.Errorf("got %v, want that a share group has no maximum", r)
	}
}

// Every partition needs somebody who reads it.
func TestSpreadOfAShareGroup(t *testing.T) {
	w := calmWorld().sharing(6)
	for i := range w.s.Group.Value.Members {
		w.s.Group.Value.Members[i].Partitions = map[string][]int32{"xact.downloads.pending": {0, 1, 2, 3}}
	}
	check := wantCheck(t, w.plan(7, "").Checklist, "R-108", Fail)
	wantText(t, "note", check.Note, "20 partitions that nobody reads")
	w.s.Group.Value.Members = nil
	wantCheck(t, w.plan(7, "").Checklist, "R-108", Fail)
}

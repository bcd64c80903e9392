package judge

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// More load asks for more workers than there are partitions.
func TestShareGroupIsScaledBeyondItsPartitions(t *testing.T) {
	w := measuretest.CalmWorld().Lag(60_000)
	w.Component.High = 0
	w.Sharing(24)
	w.Now.Rates = scale.Known(scale.Rates{Arrival: 3000, Consumption: 2400, Over: 5 * time.Minute}, w.Now.At, scale.Broker)
	w.Remember(4*time.Hour, func(ago time.Duration, p *scale.Point) {
		age := (4*time.Hour - ago).Seconds()
		p.Ends, p.Commits, p.Lag = 3000*age, 2400*age, max(1, 60_000-600*ago.Seconds())
	})
	r := recommended(w)
	if r.Action != scale.ScaleUp || r.To <= 24 {
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
	w := measuretest.CalmWorld().Lag(0).Sharing(6)
	w.Now.Lag.Value.Partitions[7].Lag, w.Now.Lag.Value.Partitions[7].End = 60_000, 65_000
	w.Now.Lag.Value.Partitions[7].Arrival = 5000
	w.Now.Lag.Value = scale.SumLag(w.Now.Lag.Value.Partitions, w.Now.Lag.Value.Topics)
	w.Now.Lag.Value.Type = scale.GroupShare
	for _, veto := range recommended(w).Vetoes {
		if strings.Contains(veto, "partition") {
			t.Errorf("veto %q", veto)
		}
	}
	if d := planned(w, 12, "").After.Drain; d.Never && strings.Contains(d.Sentence, "partition") {
		t.Errorf("drain: %s", d.Sentence)
	}
}

// What was known of the group's type holds while the group cannot be read: a share group is
// not bounded by partitions because Kafka does not answer.
func TestTypeOutlivesTheReading(t *testing.T) {
	w := measuretest.CalmWorld().Sharing(30)
	w.Now.GroupType = scale.GroupShare
	w.Now.Group = scale.Unknown[scale.Group]("no answer", w.Now.At, scale.Broker)
	w.Now.Lag = scale.Unknown[scale.Lag]("no answer", w.Now.At, scale.Broker)
	if r := refused(w, 40); r != nil {
		t.Errorf("refused: %s", r.Why)
	}
	w.Now.GroupType = ""
	if r := refused(w, 40); r == nil || r.Code != scale.RefusedAbovePartitions {
		t.Errorf("a group of which nothing is known: got %v, want the bound of the partitions", r)
	}
}

// The team's own maximum stands, and without one there is no "max" to scale to.
func TestMaximumOfAShareGroup(t *testing.T) {
	w := measuretest.CalmWorld().Sharing(30)
	w.Component.Max = 40
	if r := refused(w, 41); r == nil || r.Code != scale.RefusedAboveMaximum || strings.Contains(r.Why+r.Next, "partition") {
		t.Errorf("got %v, want the team's maximum", r)
	}
	w.Component.High = 0
	if n, r := Resolve(w.Component, w.Policy, w.Now, ledger.Recommendation{}, Target{Kind: TargetMax}); n != 40 || r != nil {
		t.Errorf("max is %d (%v), want 40", n, r)
	}
	w.Component.Max = 0
	if _, r := Resolve(w.Component, w.Policy, w.Now, ledger.Recommendation{}, Target{Kind: TargetMax}); r == nil || !strings.Contains(r.Why, "share group") {
		t.Errorf("got %v, want that a share group has no maximum", r)
	}
}

// Every partition needs somebody who reads it.
func TestSpreadOfAShareGroup(t *testing.T) {
	w := measuretest.CalmWorld().Sharing(6)
	for i := range w.Now.Group.Value.Members {
		w.Now.Group.Value.Members[i].Partitions = map[string][]int32{"xact.downloads.pending": {0, 1, 2, 3}}
	}
	check := measuretest.WantCheck(t, planned(w, 7, "").Checklist, "R-108", scale.Fail)
	scaletest.WantText(t, "note", check.Note, "20 partitions that nobody reads")
	w.Now.Group.Value.Members = nil
	measuretest.WantCheck(t, planned(w, 7, "").Checklist, "R-108", scale.Fail)
}

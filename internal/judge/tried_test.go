package judge

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// tried is the world of a critical lag after a scale-up from 4 to 6 that was judged some
// time ago.
func tried(verdict scale.Verdict, ago time.Duration) *measuretest.World {
	w := measuretest.Spike(14_200)
	w.Now.Tried = &scale.Tried{Operation: "download-worker-7", From: 4, To: 6, Wrote: scaletest.Start.Add(-ago - 15*time.Minute), Verdict: verdict, Judged: scaletest.Start.Add(-ago)}
	return w
}

// B.11: after a scale-up that did not help, more of the same is not advised for an hour,
// and the alert offers none; every other verdict leaves the way free.
func TestNoFurtherScaleUpIsAdvisedAfterAUselessOne(t *testing.T) {
	for _, verdict := range []scale.Verdict{scale.VerdictIneffective, scale.VerdictHarmful} {
		r := recommended(tried(verdict, 12*time.Minute))
		if r.Action != scale.Hold || len(r.Vetoes) == 0 {
			t.Fatalf("%s: got %s to %d with vetoes %q, want hold with a veto", verdict, r.Action, r.To, r.Vetoes)
		}
		scaletest.WantText(t, "the veto", r.Vetoes[0], "download-worker-7 went from 4 to 6 and did not help", string(verdict), "12 min ago", "for another 48 min")
		scaletest.WantText(t, "the remedies", joinedReasons(ledger.Recommendation{Reasons: r.Remedies}), "/scale diagnose download-worker", "going back to 4")
	}
	back := tried(scale.VerdictIneffective, 12*time.Minute)
	back.Now.Tried.From, back.Now.Tried.To = 6, 9
	if text := joinedReasons(ledger.Recommendation{Reasons: recommended(back).Remedies}); strings.Contains(text, "going back") {
		t.Errorf("set back to 6 already: got %q", text)
	}
	if r := recommended(tried(scale.VerdictIneffective, time.Hour)); r.Action != scale.ScaleUp {
		t.Errorf("got %s (%q) an hour later, want up", r.Action, r.Vetoes)
	}
	for _, verdict := range []scale.Verdict{scale.VerdictWorked, scale.VerdictGrew, scale.VerdictPartial, scale.VerdictUndecided, scale.VerdictNotApplied, scale.VerdictRegressed} {
		if r := recommended(tried(verdict, time.Minute)); r.Action != scale.ScaleUp {
			t.Errorf("%s: got %s (%q), want up", verdict, r.Action, r.Vetoes)
		}
	}
}

// B.10: the verdict on the last scale-up comes before the next one is advised.
func TestTheVerdictOnTheLastScaleUpIsWaitedFor(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Now.Tried = &scale.Tried{Operation: "download-worker-7", From: 4, To: 6, Wrote: scaletest.Start.Add(-2 * time.Minute), Due: scaletest.Start.Add(3 * time.Minute)}
	r := recommended(w)
	if r.Action != scale.Hold || len(r.Vetoes) == 0 {
		t.Fatalf("got %s with vetoes %q, want hold with a veto", r.Action, r.Vetoes)
	}
	scaletest.WantText(t, "the veto", r.Vetoes[0], "download-worker-7 went from 4 to 6 2 min ago", "judged in 3 min")
	w.Now.Tried.Due = scaletest.Start
	if r := recommended(w); r.Action != scale.ScaleUp {
		t.Errorf("got %s (%q) once the report is due, want up: a report that does not come must not block", r.Action, r.Vetoes)
	}
}

// A typed number stays a person's right: it is proposed, with the warning, and by two
// people where the policy says so.
func TestATypedNumberAfterAUselessOneIsWarnedOf(t *testing.T) {
	w := tried(scale.VerdictIneffective, 12*time.Minute)
	w.TwoPeople.AfterIneffective = true
	if r := refused(w, 9); r != nil {
		t.Fatalf("got refusal %q, want a proposal", r.Why)
	}
	plan := planned(w, 9, "because I know better")
	scaletest.WantText(t, "the warnings", joinedReasons(ledger.Recommendation{Reasons: plan.Warnings}), "did not help")
	if len(plan.Risks) != 1 || plan.Risks[0].Class != scale.RiskAgain {
		t.Errorf("got risks %+v, want %s", plan.Risks, scale.RiskAgain)
	}
	w.TwoPeople.AfterIneffective = false
	if plan := planned(w, 9, "because I know better"); len(plan.Risks) != 0 || !plan.Prominent {
		t.Errorf("got risks %+v, prominent %v, want none and prominent where one person is enough", plan.Risks, plan.Prominent)
	}
	if plan := planned(w, 5, "less of it"); len(plan.Risks) != 0 {
		t.Errorf("got risks %+v for going down, want none", plan.Risks)
	}
}

// B.8: without a backlog the capacity of a worker comes from the slots it keeps busy.
func TestCapacityBySlots(t *testing.T) {
	for name, c := range map[string]struct {
		throughput, busy float64
		want             float64
		basis            string
	}{
		"two fifths of them busy":     {450, 12, 150, measure.BasisSlots},
		"as many as a full one uses":  {450, 24, 75, measure.BasisSlots},
		"all slots busy":              {450, 30, 75, measure.BasisSlots},
		"hardly any busy":             {10, 2, 100, measure.BasisRunbook},
		"nothing processed":           {0, 15, 100, measure.BasisRunbook},
		"busier than there are slots": {450, 60, 75, measure.BasisSlots},
	} {
		t.Run(name, func(t *testing.T) {
			w := measuretest.CalmWorld()
			w.Now.Signals.Throughput, w.Now.Signals.Busy = scale.Known(c.throughput, scaletest.Start, "pods"), scale.Known(c.busy, scaletest.Start, "pods")
			got := recommended(w).Capacity
			if got.Basis != c.basis || got.PerWorker != c.want {
				t.Errorf("got %.1f %s, want %.1f %s", got.PerWorker, got.Basis, c.want, c.basis)
			}
		})
	}
	w := measuretest.CalmWorld()
	w.Now.Signals.Busy = scale.Unknown[float64]("no such metric", scaletest.Start, "pods")
	if got := recommended(w).Capacity; got.Basis != measure.BasisRunbook {
		t.Errorf("got %+v without the metric, want the runbook's figure", got)
	}
}

// B.8: nine workers on 24 partitions are not all busy: those with three partitions are,
// and say what a worker manages. The mean over all nine would call them slower.
func TestCapacityIsThatOfTheBusyWorkers(t *testing.T) {
	w := measuretest.CalmWorld().Workers(9).Lag(48_000)
	w.Now.Group.Value = measuretest.GroupOf(9, 24)
	for i := range w.Now.Lag.Value.Partitions {
		p := &w.Now.Lag.Value.Partitions[i]
		p.Arrival, p.Consumption = 31, 100.0/3
		if i%9 >= 6 {
			p.Lag, p.Consumption = 20, 31 // the three with two partitions keep up
		}
	}
	w.Remember(10*time.Minute, func(_ time.Duration, p *scale.Point) { p.Replicas, p.Lag = 9, 48_000 })
	got := recommended(w).Capacity
	if got.Basis != measure.BasisMeasured || got.PerWorker < 99 || got.PerWorker > 101 {
		t.Errorf("got %.1f %s, want 100 measured", got.PerWorker, got.Basis)
	}
	// Before the backlog they did what there was to do, and the rates still speak of that.
	w.Remember(10*time.Minute, func(ago time.Duration, p *scale.Point) {
		if p.Replicas = 9; ago <= time.Minute {
			p.Lag = 48_000
		}
	})
	if got := recommended(w).Capacity; got.Basis == measure.BasisMeasured {
		t.Errorf("got %.1f %s a minute into the backlog, want no rates that reach back before it", got.PerWorker, got.Basis)
	}
}

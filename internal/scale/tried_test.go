package scale

import (
	"testing"
	"time"
)

// tried is the world of a critical lag after a scale-up from 4 to 6 that was judged some
// time ago.
func tried(verdict Verdict, ago time.Duration) *world {
	w := spike(14_200)
	w.s.Tried = &Tried{Operation: "download-worker-7", From: 4, To: 6, Wrote: start.Add(-ago - 15*time.Minute), Verdict: verdict, Judged: start.Add(-ago)}
	return w
}

// B.11: after a scale-up that did not help, more of the same is not advised for an hour,
// and the alert offers none; every other verdict leaves the way free.
func TestNoFurtherScaleUpIsAdvisedAfterAUselessOne(t *testing.T) {
	for _, verdict := range []Verdict{VerdictIneffective, VerdictHarmful} {
		r := tried(verdict, 12*time.Minute).recommend()
		if r.Action != Hold || len(r.Vetoes) == 0 {
			t.Fatalf("%s: got %s to %d with vetoes %q, want hold with a veto", verdict, r.Action, r.To, r.Vetoes)
		}
		wantText(t, "the veto", r.Vetoes[0], "download-worker-7 went from 4 to 6 and did not help", string(verdict), "12 min ago", "for another 48 min")
		wantText(t, "the remedies", joinedReasons(Recommendation{Reasons: r.Remedies}), "/scale diagnose download-worker", "going back to 4")
	}
	if r := tried(VerdictIneffective, time.Hour).recommend(); r.Action != ScaleUp {
		t.Errorf("got %s (%q) an hour later, want up", r.Action, r.Vetoes)
	}
	for _, verdict := range []Verdict{VerdictWorked, VerdictGrew, VerdictPartial, VerdictUndecided, VerdictNotApplied, VerdictRegressed} {
		if r := tried(verdict, time.Minute).recommend(); r.Action != ScaleUp {
			t.Errorf("%s: got %s (%q), want up", verdict, r.Action, r.Vetoes)
		}
	}
}

// B.10: the verdict on the last scale-up comes before the next one is advised.
func TestTheVerdictOnTheLastScaleUpIsWaitedFor(t *testing.T) {
	w := spike(14_200)
	w.s.Tried = &Tried{Operation: "download-worker-7", From: 4, To: 6, Wrote: start.Add(-2 * time.Minute), Due: start.Add(3 * time.Minute)}
	r := w.recommend()
	if r.Action != Hold || len(r.Vetoes) == 0 {
		t.Fatalf("got %s with vetoes %q, want hold with a veto", r.Action, r.Vetoes)
	}
	wantText(t, "the veto", r.Vetoes[0], "download-worker-7 went from 4 to 6 2 min ago", "judged in 3 min")
	w.s.Tried.Due = start
	if r := w.recommend(); r.Action != ScaleUp {
		t.Errorf("got %s (%q) once the report is due, want up: a report that does not come must not block", r.Action, r.Vetoes)
	}
}

// A typed number stays a person's right: it is proposed, with the warning, and by two
// people where the policy says so.
func TestATypedNumberAfterAUselessOneIsWarnedOf(t *testing.T) {
	w := tried(VerdictIneffective, 12*time.Minute)
	w.TwoPeople.AfterIneffective = true
	if r := w.refuse(9); r != nil {
		t.Fatalf("got refusal %q, want a proposal", r.Why)
	}
	plan := w.plan(9, "because I know better")
	wantText(t, "the warnings", joinedReasons(Recommendation{Reasons: plan.Warnings}), "did not help")
	if len(plan.Risks) != 1 || plan.Risks[0].Class != RiskAgain {
		t.Errorf("got risks %+v, want %s", plan.Risks, RiskAgain)
	}
	w.TwoPeople.AfterIneffective = false
	if plan := w.plan(9, "because I know better"); len(plan.Risks) != 0 || !plan.Loud {
		t.Errorf("got risks %+v, loud %v, want none and loud where one person is enough", plan.Risks, plan.Loud)
	}
	if plan := w.plan(5, "less of it"); len(plan.Risks) != 0 {
		t.Errorf("got risks %+v for going down, want none", plan.Risks)
	}
}

func TestTheLastScaleUpIsFound(t *testing.T) {
	up := func(id string, state State, reports ...Report) Operation {
		op := Operation{ID: id, Change: Replicas{4, 6}, Reports: reports, Events: []Event{{State: state}}}
		op.Rollout.WrittenAt = start
		return op
	}
	made := func(v Verdict) Report { return Report{MadeAt: start.Add(5 * time.Minute), Verdict: v} }
	due := Report{Due: start.Add(5 * time.Minute)}
	down := up("down", Done, made(VerdictHolds))
	down.Change = Replicas{6, 4}
	never := up("never", Declined)
	never.Rollout.WrittenAt = time.Time{}
	closed := Report{Due: start, Closed: "a newer scale took over"}
	for name, c := range map[string]struct {
		ops     []Operation
		want    string
		verdict Verdict
	}{
		"none":                            {nil, "", ""},
		"only down and never written":     {[]Operation{down, never}, "", ""},
		"the newest verdict counts":       {[]Operation{up("a", Done, made(VerdictPartial), made(VerdictIneffective))}, "a", VerdictIneffective},
		"one that is still watched":       {[]Operation{up("a", Watching, due, due)}, "a", ""},
		"behind a rollback":               {[]Operation{down, up("a", Superseded, made(VerdictIneffective), closed)}, "a", VerdictIneffective},
		"one closed before any judgement": {[]Operation{up("b", Superseded, closed), up("a", Done, made(VerdictWorked))}, "a", VerdictWorked},
	} {
		t.Run(name, func(t *testing.T) {
			got := LastTried(c.ops)
			if got == nil {
				got = &Tried{}
			}
			if got.Operation != c.want || got.Verdict != c.verdict {
				t.Errorf("got %q, %q, want %q, %q", got.Operation, got.Verdict, c.want, c.verdict)
			}
		})
	}
}

// B.8: without a backlog the capacity of a worker comes from the slots it keeps busy.
func TestCapacityBySlots(t *testing.T) {
	for name, c := range map[string]struct {
		throughput, busy float64
		want             float64
		basis            string
	}{
		"two fifths of them busy":     {450, 12, 150, BasisSlots},
		"as many as a full one uses":  {450, 24, 75, BasisSlots},
		"all slots busy":              {450, 30, 75, BasisSlots},
		"hardly any busy":             {10, 2, 100, BasisRunbook},
		"nothing processed":           {0, 15, 100, BasisRunbook},
		"busier than there are slots": {450, 60, 75, BasisSlots},
	} {
		t.Run(name, func(t *testing.T) {
			w := calmWorld()
			w.s.Signals.Throughput, w.s.Signals.Busy = Known(c.throughput, start, "pods"), Known(c.busy, start, "pods")
			got := w.recommend().Capacity
			if got.Basis != c.basis || got.PerWorker != c.want {
				t.Errorf("got %.1f %s, want %.1f %s", got.PerWorker, got.Basis, c.want, c.basis)
			}
		})
	}
	w := calmWorld()
	w.s.Signals.Busy = Unknown[float64]("no such metric", start, "pods")
	if got := w.recommend().Capacity; got.Basis != BasisRunbook {
		t.Errorf("got %+v without the metric, want the runbook's figure", got)
	}
}

// B.8: nine workers on 24 partitions are not all busy: those with three partitions are,
// and say what a worker manages. The mean over all nine would call them slower.
func TestCapacityIsThatOfTheBusyWorkers(t *testing.T) {
	w := calmWorld().workers(9).lag(48_000)
	w.s.Group.Value = groupOf(9, 24)
	for i := range w.s.Lag.Value.Partitions {
		p := &w.s.Lag.Value.Partitions[i]
		p.Arrival, p.Consumption = 31, 100.0/3
		if i%9 >= 6 {
			p.Lag, p.Consumption = 20, 31 // the three with two partitions keep up
		}
	}
	w.remember(10*time.Minute, func(_ time.Duration, p *Point) { p.Replicas, p.Lag = 9, 48_000 })
	got := w.recommend().Capacity
	if got.Basis != BasisMeasured || got.PerWorker < 99 || got.PerWorker > 101 {
		t.Errorf("got %.1f %s, want 100 measured", got.PerWorker, got.Basis)
	}
	// Before the backlog they did what there was to do, and the rates still speak of that.
	w.remember(10*time.Minute, func(ago time.Duration, p *Point) {
		if p.Replicas = 9; ago <= time.Minute {
			p.Lag = 48_000
		}
	})
	if got := w.recommend().Capacity; got.Basis == BasisMeasured {
		t.Errorf("got %.1f %s a minute into the backlog, want no rates that reach back before it", got.PerWorker, got.Basis)
	}
}

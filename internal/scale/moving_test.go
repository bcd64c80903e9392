package scale

import (
	"strings"
	"testing"
	"time"
)

// poisoned is a group whose partition 7 stands still behind one record with so many messages,
// while the others keep up with the rest of 450 msg/s but for a commit interval.
func poisoned(stuck int64) *world {
	w := calmWorld().lag(1_000).moving(450.0 / 24)
	p := &w.s.Lag.Value.Partitions[7]
	p.Lag, p.End, p.Consumption, p.Still = stuck, p.Committed+stuck, 0, 12*time.Minute
	w.s.Lag.Value = SumLag(w.s.Lag.Value.Partitions, []string{"xact.downloads.pending"})
	arrives := 450 * 23.0 / 24
	w.s.Rates.Value = Rates{Arrival: 450, Consumption: arrives, Over: 5 * time.Minute}
	w.s.Signals.Throughput.Value = arrives
	total := float64(w.s.Lag.Value.Total)
	return w.remember(time.Hour, func(ago time.Duration, p *Point) {
		p.Lag = max(1_000, total-450/24.0*ago.Seconds())
		p.Commits = p.Ends - p.Lag
	})
}

// What stands still belongs to no forecast: whatever it grows to, the others have nothing to
// drain, and the sentence says what it leaves out.
func TestForecastsLeaveOutWhatDoesNotMove(t *testing.T) {
	for _, stuck := range []int64{1_500, 3_000, 9_000, 20_000, 100_000} {
		w := poisoned(stuck)
		v := look(w.Component, w.Policy, w.s, w.past)
		if got := v.drain(6); got.Never || got.Sentence != "nothing to drain besides partition 7, which does not move" {
			t.Errorf("%d messages behind the record: got %q", stuck, got.Sentence)
		}
		if v.capacity.PerWorker < 95 {
			t.Errorf("%d messages behind the record: a worker is taken to manage %.0f msg/s (%s), want no less than the runbook's", stuck, v.capacity.PerWorker, v.capacity.Basis)
		}
	}
	w := poisoned(20_000)
	for i := range w.s.Lag.Value.Partitions {
		if p := &w.s.Lag.Value.Partitions[i]; i != 7 {
			p.Lag, p.End = 1_000, p.Committed+1_000
		}
	}
	w.s.Lag.Value = SumLag(w.s.Lag.Value.Partitions, nil)
	v := look(w.Component, w.Policy, w.s, w.past)
	if got := v.drain(8).Sentence; !strings.HasSuffix(got, ", without partition 7, which does not move") || strings.Contains(got, "never") {
		t.Errorf("a backlog on the others: got %q", got)
	}
}

// The lag that others of the same member show between two commits holds nobody up: the
// partition behind the record does not wait for its turn among them.
func TestNobodyWaitsForPartitionsThatAreKeptUpWith(t *testing.T) {
	w := poisoned(12_000)
	for i := range w.s.Lag.Value.Partitions {
		if p := &w.s.Lag.Value.Partitions[i]; i != 7 {
			p.Lag, p.End = 180, p.Committed+180
		}
	}
	w.s.Lag.Value.Partitions[7].Still = 3 * time.Minute
	w.s.Lag.Value = SumLag(w.s.Lag.Value.Partitions, nil)
	if v := look(w.Component, w.Policy, w.s, w.past); len(v.stalled) != 1 {
		t.Errorf("got %d that stand still after 3 min, want 1", len(v.stalled))
	}
}

// Samples for which Kafka was too late say nothing about the commits, and those before them do.
func TestASampleWithoutCommitsIsLookedPast(t *testing.T) {
	for missing, want := range map[time.Duration]int{30 * time.Second: 1, 90 * time.Second: 1, 3 * time.Minute: 0} {
		w := poisoned(12_000)
		for i := range w.past {
			if ago := start.Sub(w.past[i].At); ago >= 105*time.Second && ago <= 105*time.Second+missing {
				w.past[i].Commits, w.past[i].Ends, w.past[i].Lag = Missing, Missing, Missing
			}
		}
		if v := look(w.Component, w.Policy, w.s, w.past); len(v.stalled) != want {
			t.Errorf("no commits for %s: got %d that stand still, want %d", missing, len(v.stalled), want)
		}
	}
}

// a backlog that grows behind one record alone is no demand.
func TestWhatDoesNotMoveIsNoDemand(t *testing.T) {
	w := poisoned(20_000)
	f := w.outcome(t, "R-006")
	if f.Outcome != Silent || f.Sentence != "throughput 72 msg/s per worker is low because there is little to do besides partition 7, which does not move" {
		t.Errorf("got %s, %q", f.Outcome, f.Sentence)
	}
}

// A mean of all workers is called one, because what a busy one manages is another number.
func TestThroughputIsCalledAMean(t *testing.T) {
	w := spike(20_000)
	w.s.Signals.Throughput.Value = 534
	w.s.Rates.Value.Consumption = 534
	w.remember(time.Hour, func(ago time.Duration, p *Point) {
		p.Lag = 20_000 - min(20, 20_000/ago.Seconds())*ago.Seconds()
		if ago < 10*time.Minute {
			p.Lag = 20_000 - 20*ago.Seconds()
		}
		p.Commits = p.Ends - p.Lag
	})
	wantText(t, "the finding", w.outcome(t, "R-006").Sentence, "throughput 89 msg/s < 100 msg/s per worker on average of 6 in 5 min → Info")
	if got := w.outcome(t, "R-006").Limit; got != "< 100 msg/s per worker" {
		t.Errorf("the limit: got %q", got)
	}
}

// B.8: one partition gets most of the traffic and one member is full. Another one whose
// commit is late looks busy for a moment, and is no measure of what a worker manages.
func TestALateCommitMakesNobodyBusy(t *testing.T) {
	w := calmWorld().lag(1_200)
	for i := range w.s.Lag.Value.Partitions {
		p := &w.s.Lag.Value.Partitions[i]
		p.Arrival, p.Consumption, p.Lag = 6, 6, 30
		if i%6 == 2 {
			p.Lag = 90 // half a minute of its traffic.
		}
	}
	hot := w.s.Lag.Value.Partitions
	hot[7].Lag, hot[7].Arrival, hot[7].Consumption = 300_000, 300, 82
	for _, i := range []int{1, 13, 19} {
		hot[i].Lag = 600
	}
	w.s.Lag.Value = SumLag(hot, nil)
	w.remember(time.Hour, func(_ time.Duration, p *Point) { p.Lag = 300_000 })
	if got := w.recommend().Capacity; got.Basis != BasisMeasured || got.PerWorker < 95 || got.PerWorker > 105 {
		t.Errorf("got %.0f msg/s (%s), want the 100 of the member that is full", got.PerWorker, got.Basis)
	}
}

// A report on a change that met a record nobody gets past says so, whatever the numbers of
// the others are.
func TestAReportNamesWhatDoesNotMove(t *testing.T) {
	before := poisoned(12_000)
	op := operation(before, 8)
	op.Rollout.WrittenAt, op.Rollout.StableAt = start.Add(-15*time.Minute), start.Add(-14*time.Minute)
	w := poisoned(30_000).workers(8)
	w.s.Group.Value = groupOf(8, 24)
	for i := range w.s.Lag.Value.Partitions {
		w.s.Lag.Value.Partitions[i].Oldest = 3 * time.Second
	}
	w.s.Lag.Value.Partitions[7].Oldest = 25 * time.Minute
	for i := range w.past {
		w.past[i].Replicas = 8
	}
	r := MakeReport(w.Component, w.Policy, op, 1, w.s, w.past)
	if r.Verdict != VerdictIneffective || !strings.Contains(r.Why, "partition 7 of xact.downloads.pending stands still") {
		t.Errorf("got %s because %q", r.Verdict, r.Why)
	}
	wantText(t, "the forecast", r.Forecast, "30,000 of them on partition 7, which does not move")
	if strings.Contains(r.Forecast, "longer than predicted") {
		t.Errorf("got %q, want no comparison with what the forecast left out", r.Forecast)
	}
	wantText(t, "R-118", wantCheck(t, r.Checks, "R-118", Fail).After, "(oldest 25 min)")
	now := lookBack(w.Component, w.Policy, op, w.s, w.past)
	wantText(t, "R-044", now.consumptionCheck().Note, "keeps up with arrivals of 431 msg/s without partition 7, which does not move")
}

// What reads alike is not told apart, neither a time and the forecast nor a latency before
// and after.
func TestWhatReadsAlikeIsNotCompared(t *testing.T) {
	d := Drain{Known: true, Low: 55 * time.Second, Expected: 85 * time.Second, High: 2*time.Minute + 2*time.Second}
	if got := goneAfter(2*time.Minute+10*time.Second, d, ""); !strings.HasSuffix(got, "as predicted") {
		t.Errorf("2 min beside 2 min: got %q", got)
	}
	l := changed(15 * time.Minute)
	l.op.Before.Signals.Latency.Value, l.w.s.Signals.Latency.Value = 0.0902, 0.0899
	check := lookBack(l.w.Component, l.w.Policy, l.op, l.w.s, l.w.past).latencyCheck()
	if check.Before != "0.09 s" || check.After != "0.09 s" || check.Note != "not over 5.0 s" {
		t.Errorf("got %s", check.line())
	}
}

// a count that does not fit is named with the pods it lacks, because another count
// may stand beside it.
func TestRoomSaysForWhichCount(t *testing.T) {
	w := spike(14_200)
	w.s.Room.Value.NodePods = 0
	for to, want := range map[int]string{12: "12 do not fit: the nodes have room for no more pods of this size, 6 are needed", 20: "20 do not fit: the nodes have room for no more pods of this size, 14 are needed"} {
		if got := w.view().roomVeto(to); got != want {
			t.Errorf("to %d: got %q, want %q", to, got, want)
		}
	}
}

// more transfers at once are advised only where CPU and memory are known to have room.
func TestConcurrencyIsRaisedOnlyWhereThereIsRoom(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*world)
		want bool
	}{
		"room for both":        {func(*world) {}, true},
		"use unknown":          {func(w *world) { w.s.Usage = Unknown[Usage]("no metrics API", start, "metrics.k8s.io") }, false},
		"CPU unbounded":        {func(w *world) { w.s.Usage.Value.CPULimit, w.s.Usage.Value.CPURequest = -1, -1 }, false},
		"memory unbounded":     {func(w *world) { w.s.Usage.Value.MemoryLimit, w.s.Usage.Value.MemoryRequest = -1, -1 }, false},
		"some did not answer":  {func(w *world) { w.s.Usage.Value.Pods = 5 }, false},
		"CPU is full":          {func(w *world) { w.s.Usage.Value.CPULimit = 0.9 }, false},
		"memory is full":       {func(w *world) { w.s.Usage.Value.MemoryLimit = 0.9 }, false},
		"one pod is full":      {func(w *world) { w.s.Usage.Value.MemoryPeak = 0.9 }, false},
		"at the limits itself": {func(w *world) { w.s.Usage.Value.CPULimit, w.s.Usage.Value.MemoryPeak = 0.8, 0.85 }, true},
	} {
		w := calmWorld().lag(20_000)
		c.edit(w)
		v := look(w.Component, w.Policy, w.s, w.past)
		if got := strings.Contains(strings.Join(v.tuningAdvice(), "\n"), "raising it"); got != c.want {
			t.Errorf("%s: advised %v, want %v", name, got, c.want)
		}
	}
}

// A setting that is what the runbook names is no step to take: it is told last, as a fact.
func TestWhatMatchesIsNoStep(t *testing.T) {
	w := calmWorld().change(func(l *Workload) {
		l.Env = map[string]string{"KAFKA_MAX_POLL_INTERVAL_MS": "300000", "KAFKA_SESSION_TIMEOUT_MS": "10000"}
	})
	steps := look(w.Component, w.Policy, w.s, w.past).rebalanceAdvice()
	if last := steps[len(steps)-1]; !strings.Contains(last, "which matches it: nothing to change there") {
		t.Errorf("got %q, want what matches last", steps)
	}
	if !strings.Contains(steps[1], "KAFKA_SESSION_TIMEOUT_MS is 10000") {
		t.Errorf("got %q", steps)
	}
}

// one number for what arrives and another for what waits as well, each told
// for what it is; and why the answer is above the sum.
func TestThePlanSaysWhatItsCountIsFor(t *testing.T) {
	w := spike(60_000)
	n := w.needs(Demand{})
	text := strings.Join(n.Notes, "\n")
	wantText(t, "the notes", text, "workers hold what arrives; working off the 60,000 messages that wait in 10 min as well takes")
	if strings.Contains(strings.Join(w.needs(Demand{Rate: 750}).Notes, "\n"), "hold what arrives") {
		t.Error("a typed rate is no question about the backlog")
	}
	wantText(t, "a count between two steps", strings.Join(w.needs(Demand{Rate: 750}).Notes, "\n"), "9 workers on 24 partitions are worth 8; 12 is the next count that is enough (T-05)")
	slow := calmWorld().lag(20_000)
	slow.s.Signals.Breaker.Value.Open = 6
	if got := slow.needs(Demand{Rate: 1000}).Held; got != "the bottleneck is elsewhere: 6 of 6 circuit breakers are open" {
		t.Errorf("held by %q", got)
	}
	full := spike(60_000)
	full.s.Room.Value.NodePods = 0
	if got := full.needs(Demand{}).Held; got != "12 do not fit: the nodes have room for no more pods of this size, 6 are needed" {
		t.Errorf("held by %q", got)
	}
}

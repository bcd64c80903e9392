package scale

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// spike is the runbook's incident: 900 msg/s on six workers, and a backlog.
func spike(lag int64) *world {
	w := calmWorld().lag(lag)
	w.s.Rates.Value = Rates{Arrival: 900, Consumption: 600, Over: 5 * time.Minute}
	return w
}

func TestR140RecommendationArguesInOrder(t *testing.T) {
	r := spike(14_200).recommend()
	if r.Action != ScaleUp || r.From != 6 || r.To != 12 || r.RunbookLow != 8 || r.RunbookHigh != 12 {
		t.Fatalf("got %s from %d to %d, runbook %d–%d", r.Action, r.From, r.To, r.RunbookLow, r.RunbookHigh)
	}
	want := []string{
		"lag 14,200 > 10,000 → Critical, now",
		"2–4 partitions per worker → 6–12; high lag: 8–12",
		"900 msg/s × 1.2 and 14,200 waiting messages in 10 min need 11.0 busy workers at 100 msg/s each (runbook) → 12, 2 partitions on the busiest worker",
		"9–11 load the busiest worker like 8",
		"the lag is 16 s of traffic at 900 msg/s",
	}
	if !slices.Equal(r.Reasons, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(r.Reasons, "\n"), strings.Join(want, "\n"))
	}
}

func TestTargetIsTheSmallestCountThatCarriesTheNeed(t *testing.T) {
	tests := []struct {
		name    string
		from    int
		lag     int64
		arrival float64
		action  Action
		want    int
	}{
		// under critical lag at least 8, though 6 would carry 400 msg/s.
		{"high lag alone", 4, 11_000, 300, ScaleUp, 8},
		{"arrivals decide", 6, 14_200, 900, ScaleUp, 12},
		// 1,000 × 1.2 needs 12, plus the backlog 24; but 12 drains it in time.
		{"a deep backlog does not double the fleet", 6, 60_000, 980, ScaleUp, 12},
		{"a very deep one neither", 6, 200_000, 885, ScaleUp, 12},
		{"arrivals that the range cannot carry do", 6, 60_000, 1150, ScaleUp, 24},
		{"above the recommended range", 12, 60_000, 1300, ScaleUp, 24},
		{"enough already", 12, 14_200, 450, Hold, 12},
		{"at the ceiling", 24, 60_000, 3000, Hold, 24},
	}
	for _, tt := range tests {
		w := spike(tt.lag).workers(tt.from)
		w.s.Group.Value = groupOf(tt.from, 24)
		w.s.Rates.Value = Rates{Arrival: tt.arrival, Consumption: min(tt.arrival, 100*float64(tt.from))}
		r := w.recommend()
		if r.Action != tt.action || r.To != tt.want {
			t.Errorf("%s: got %s to %d, want %s to %d: %q %q", tt.name, r.Action, r.To, tt.action, tt.want, r.Reasons, r.Vetoes)
		}
	}
}

func TestACountInRangeUnderTheSumIsExplained(t *testing.T) {
	w := spike(60_000)
	w.s.Rates.Value.Arrival = 980
	wantText(t, "reason", strings.Join(w.recommend().Reasons, "\n"), "need 12.8 busy workers",
		"12 carries the arrivals with headroom and drains the backlog in about")
}

func TestEnoughIsNotBelievedAgainstRisingLag(t *testing.T) {
	w := spike(14_200).workers(12)
	w.s.Group.Value = groupOf(12, 24)
	w.s.Rates.Value = Rates{Arrival: 450, Consumption: 300}
	if r := w.recommend(); r.Action != Hold {
		t.Fatalf("trend unknown: got %s, want hold", r.Action)
	}
	w.past = steps(41, func(i int, p *Point) {
		p.Replicas, p.Ends, p.Commits, p.Lag = 12, 450*15*float64(i), 300*15*float64(i), 2250*float64(i)
	})
	if r := w.recommend(); r.Action != ScaleUp || r.To != 24 {
		t.Errorf("lag that rises under 12 workers: got %s to %d, want up to 24: %q", r.Action, r.To, r.Reasons)
	}
}

func TestUnknownArrivalsLeaveTheRuleOfThumb(t *testing.T) {
	w := spike(14_200)
	w.s.Rates = Unknown[Rates]("the bot has just started", start, "Kafka")
	r := w.recommend()
	if r.Action != ScaleUp || r.To != 8 {
		t.Errorf("got %s to %d, want up to 8", r.Action, r.To)
	}
	wantText(t, "reason", strings.Join(r.Reasons, "\n"), "arrivals are unknown (the bot has just started)", "rule of thumb decides: 8")
}

func TestCeilingOfTheTeamBinds(t *testing.T) {
	w := spike(14_200)
	w.Component.Max = 10
	r := w.recommend()
	if r.Action != ScaleUp || r.To != 8 || len(r.Remedies) == 0 {
		t.Errorf("maximum 10: got %s to %d with remedies %q, want up to 8 and what else to do", r.Action, r.To, r.Remedies)
	}
	wantText(t, "said", strings.Join(r.Reasons, "\n"), "even 8 workers do not carry that")
}

func TestUnknownWorldIsUndecided(t *testing.T) {
	for name, edit := range map[string]func(*world){
		"workload":           func(w *world) { w.s.Workload = Unknown[Workload]("forbidden", start, "Kubernetes") },
		"lag":                func(w *world) { w.s.Lag = Unknown[Lag]("Kafka does not answer", start, "Kafka") },
		"stale lag":          func(w *world) { w.s.Lag.At = start.Add(-61 * time.Second) },
		"partitions":         func(w *world) { w.s.Partitions = Reading[int]{} },
		"no partition read":  func(w *world) { w.s.Lag.Value.Unknown = 24 },
		"nothing whatsoever": func(w *world) { w.s = Snapshot{At: start} },
	} {
		w := spike(50_000)
		edit(w)
		if r := w.recommend(); r.Action != Undecided || r.To != r.From || len(r.Reasons) == 0 {
			t.Errorf("%s unknown: got %s from %d to %d, %q", name, r.Action, r.From, r.To, r.Reasons)
		}
	}
}

func TestVetoesHoldWithSentencesAndRemedies(t *testing.T) {
	tests := []struct {
		name         string
		edit         func(*world)
		veto, remedy string
	}{
		{"T-33 hot partition", func(w *world) { w.onPartitions(14_200, 7) }, "partition 7 of xact.downloads.pending holds over 80 % of the lag", "message key"},
		{"poison record", func(w *world) { w.onPartitions(14_200, 7).moving(10); w.still(7) }, "partition 7 of xact.downloads.pending stands still at offset 5,000", "dead-letter"},
		{"R-130 slow transfer", func(w *world) { w.s.Signals.Download.Value = 12 }, "transfer takes 12.0 s at p95", "external service"},
		{"R-121 breaker", func(w *world) { w.s.Signals.Breaker.Value.Open = 1 }, "1 of 6 circuit breakers is open", "external service"},
		{"R-136 pods pending", func(w *world) {
			w.workers(9).change(func(l *Workload) {
				l.Pods[8].Ready, l.Pods[8].Trouble, l.Pods[8].Cause = false, "0/3 nodes are available", CauseNodes
			})
		}, "1 of 9 replicas is not ready yet: 0/3 nodes are available", "add nodes"},
		{"R-103 no room", func(w *world) { w.s.Room.Value.NodePods = 2 }, "room for 2 more pods of this size, 6 are needed", "add nodes"},
		{"R-103 quota", func(w *world) { w.s.Room.Value.QuotaPods, w.s.Room.Value.Quota = 1, []string{"pods 19 of 20"} }, "quota allows 1 more pod", "quota"},
		{"T-37 rollout", func(w *world) { w.change(func(l *Workload) { l.Rolling = true }) }, "a rollout is in progress (worker:1.4)", "wait"},
		{"R-110 rebalancing", func(w *world) { w.s.Group.Value.State = "CompletingRebalance" }, "the group is rebalancing (CompletingRebalance)", "wait"},
		{"T-01 HPA", func(w *world) {
			w.s.Owner.Value = Owner{Kind: OwnerHPA, Name: "dw-hpa", Min: 4, Max: 12, Within: 30 * time.Second}
		},
			"HPA dw-hpa sets the replica count between 4 and 12 and undoes a manual change within about 30 s", "raise minReplicas of HPA dw-hpa to 12 instead"},
		{"T-03 conflict", func(w *world) { w.s.Owner.Value = Owner{Kind: OwnerConflict, Name: "HPA a", Other: "ScaledObject b"} }, "two owners", "remove one"},
		{"T-04 KEDA paused", func(w *world) {
			w.s.Owner.Value = Owner{Kind: OwnerKEDA, Name: "so", Paused: "at 6 replicas", Within: time.Minute}
		}, "paused at 6 replicas", "paused-replicas of ScaledObject so to 12"},
	}
	for _, tt := range tests {
		w := spike(14_200)
		tt.edit(w)
		r := w.recommend()
		if r.Action != Hold || r.To != r.From {
			t.Errorf("%s: got %s to %d, want hold", tt.name, r.Action, r.To)
		}
		wantText(t, tt.name, strings.Join(r.Vetoes, "\n"), tt.veto)
		wantText(t, tt.name, strings.Join(r.Remedies, "\n"), tt.remedy)
		if r.Urgency != UrgencyCritical {
			t.Errorf("%s: got urgency %s; a veto does not make the lag less urgent", tt.name, r.Urgency)
		}
	}
}

// onPartitions puts all lag on the named partitions.
func (w *world) onPartitions(total int64, numbers ...int) *world {
	w.lag(0)
	partitions := w.s.Lag.Value.Partitions
	for _, n := range numbers {
		partitions[n].Lag = total / int64(len(numbers))
		partitions[n].End = partitions[n].Committed + partitions[n].Lag
	}
	w.s.Lag.Value = SumLag(partitions, []string{"xact.downloads.pending"})
	return w
}

// moving makes the commits of all partitions move.
func (w *world) moving(rate float64) *world {
	for i := range w.s.Lag.Value.Partitions {
		w.s.Lag.Value.Partitions[i].Arrival, w.s.Lag.Value.Partitions[i].Consumption = rate, rate
	}
	return w
}

// still makes the commits of one partition stand still.
func (w *world) still(n int) { w.s.Lag.Value.Partitions[n].Consumption = 0 }

// A consumer hands out what it fetched of one partition after the other's: with a backlog on
// four of them each stands still for a while, and no record is to blame.
func TestAPartitionAwaitsItsTurn(t *testing.T) {
	for _, c := range []struct {
		behind []int
		still  time.Duration
		want   int
	}{
		{[]int{1, 7, 13, 19}, 3 * time.Minute, 0},
		{[]int{1, 7, 13, 19}, 8 * time.Minute, 1},
		{[]int{7, 13}, 3 * time.Minute, 0},
		{[]int{7, 13}, 4 * time.Minute, 1},
		{[]int{7}, 2 * time.Minute, 1},
		{[]int{2, 7, 8}, 2 * time.Minute, 1}, // the others are another member's.
		{[]int{1, 7, 13, 19}, 0, 1},          // records of older versions do not say.
	} {
		w := spike(0).onPartitions(28_800, c.behind...).moving(30)
		w.still(7)
		w.s.Lag.Value.Partitions[7].Still = c.still
		if v := look(w.Component, w.Policy, w.s, w.past); len(v.stalled) != c.want {
			t.Errorf("%d behind, still for %s: got %d that stand still, want %d", c.behind, c.still, len(v.stalled), c.want)
		}
	}
	crowd := spike(0).workers(2).onPartitions(28_800, 1, 3, 5, 7, 9, 11, 13, 15).moving(10)
	crowd.still(7)
	crowd.s.Lag.Value.Partitions[7].Still = longestTurn
	if v := look(crowd.Component, crowd.Policy, crowd.s, crowd.past); len(v.stalled) != 1 {
		t.Errorf("eight behind, still for %s: got %d, want no longer patience", longestTurn, len(v.stalled))
	}
	// Workers that wait for something slow take turns of many minutes.
	slow := spike(0).onPartitions(28_800, 1, 7, 13, 19).moving(3)
	slow.still(7)
	slow.s.Lag.Value.Partitions[7].Still = 20 * time.Minute
	if v := look(slow.Component, slow.Policy, slow.s, slow.past); len(v.stalled) != 0 {
		t.Errorf("9 msg/s on three others: got %d that stand still for 20 min, want none yet", len(v.stalled))
	}
}

func TestT33HotPartitionsCountAgainstWorkers(t *testing.T) {
	w := spike(0).onPartitions(14_400, 0, 1, 2, 3, 4, 5, 6, 7)
	if r := w.recommend(); r.Action != ScaleUp {
		t.Errorf("7 of 24 partitions hold 80 %% and 6 workers: got %s %q, want up", r.Action, r.Vetoes)
	}
	w.onPartitions(14_400, 0, 1, 2, 3, 4)
	if r := w.recommend(); r.Action != Hold {
		t.Errorf("4 of 24 partitions hold 80 %% and 6 workers: got %s, want hold", r.Action)
	}
	// One hot partition below a worker's capacity whose owner has three more: they lag
	// together, and more workers part them.
	w.onPartitions(14_400, 0, 6, 12, 18).moving(25)
	w.s.Lag.Value.Partitions[0].Arrival = 80
	if r := w.recommend(); r.Action != ScaleUp {
		t.Errorf("partitions bound to one owner: got %s %q, want up", r.Action, r.Vetoes)
	}
}

func TestStalledPartitionIsReportedAndNotSized(t *testing.T) {
	w := spike(0).onPartitions(40_000, 7).moving(30)
	w.still(7)
	partitions := w.s.Lag.Value.Partitions
	for i := range partitions {
		if i != 7 {
			partitions[i].Lag = 600
		}
	}
	w.s.Lag.Value = SumLag(partitions, nil)
	v := look(w.Component, w.Policy, w.s, w.past)
	if len(v.stalled) != 1 || v.stalled[0].Partition != 7 || v.backlog() != 13_800 {
		t.Errorf("got %d stalled and a backlog of %v, want 1 and 13,800", len(v.stalled), v.backlog())
	}
	wantText(t, "the forecast", v.drain(12).Sentence, ", without partition 7, which does not move")
	w.s.Group.Value.State = "PreparingRebalance"
	if v = look(w.Component, w.Policy, w.s, w.past); len(v.stalled) != 0 {
		t.Errorf("during a rebalance every commit stands still: got %d stalled", len(v.stalled))
	}
}

func TestR021AndR022SingleInstancesNeverScaleUp(t *testing.T) {
	w := spike(50_000).workers(1)
	w.Component = retryScheduler()
	r := w.recommend()
	if r.Action != Hold || r.To != 1 || r.Urgency != UrgencyCritical || len(r.Remedies) == 0 {
		t.Errorf("got %s to %d, %s, remedies %q", r.Action, r.To, r.Urgency, r.Remedies)
	}
	wantText(t, "reason", strings.Join(r.Vetoes, "\n"), "one instance only: it needs a global view")
	w.workers(3)
	if r := w.recommend(); r.Action != ScaleDown || r.To != 1 {
		t.Errorf("three instances: got %s to %d, want down to 1", r.Action, r.To)
	}
}

func TestQuietWorldHoldsWithAReason(t *testing.T) {
	r := calmWorld().recommend()
	if r.Action != Hold || r.To != 6 || r.Urgency != UrgencyNone || !r.ActBy.IsZero() || r.Changes() {
		t.Errorf("got %+v", r)
	}
	wantText(t, "reason", strings.Join(r.Reasons, "\n"), "no rule asks for a change")
	if len(r.Findings) != 10 {
		t.Errorf("got %d findings, want all ten rules", len(r.Findings))
	}
}

func TestR025LivePartitionCountIsUsed(t *testing.T) {
	w := spike(14_200)
	w.s.Partitions.Value = 36
	if r := w.recommend(); r.RunbookLow != 12 || r.To != 12 {
		t.Errorf("36 partitions: got %d from %d, want 12", r.To, r.RunbookLow)
	}
}

// FuzzRecommend: a recommendation never leaves the component's bounds, never acts on
// unknown data, and always has a reason.
func FuzzRecommend(f *testing.F) {
	f.Add(6, 24, int64(14_200), 900.0, 0.5, 1.2, uint16(0), 4, 12, 0)
	f.Add(25, 24, int64(0), 10.0, 0.1, 0.1, uint16(0), 4, 12, 10)
	f.Add(0, 1, int64(-5), -1.0, -1.0, 1e300, uint16(0xffff), -3, 0, -1)
	f.Fuzz(func(t *testing.T, replicas, partitions int, lag int64, arrival, cpu, latency float64, missing uint16, least, most, ceiling int) {
		replicas, partitions = clamp(replicas, 0, 5000), clamp(partitions, -2, 3000)
		w := calmWorld()
		w.Component.Min, w.Component.High = clamp(least, -5, 50), clamp(most, 0, 100)
		w.Component.Max = clamp(ceiling, 0, 100)
		w.change(func(l *Workload) { l.Desired, l.Ready, l.Pods = replicas, replicas, nil })
		w.lag(lag)
		w.s.Partitions.Value = partitions
		w.s.Rates.Value = Rates{Arrival: arrival, Consumption: arrival}
		w.s.Usage.Value.CPULimit = cpu
		w.s.Signals.Latency.Value = latency
		for i, forget := range []func(){
			func() { w.s.Workload = Reading[Workload]{} }, func() { w.s.Lag = Reading[Lag]{} },
			func() { w.s.Partitions = Reading[int]{} }, func() { w.s.Rates = Reading[Rates]{} },
			func() { w.s.Usage = Reading[Usage]{} }, func() { w.s.Owner = Reading[Owner]{} },
			func() { w.past = nil }, func() { w.s.Lag.Value.Unknown = 5 },
			func() {
				w.remember(time.Hour, func(_ time.Duration, p *Point) { p.Replicas, p.Lag = float32(Missing), Missing })
			},
		} {
			if missing&(1<<i) != 0 {
				forget()
			}
		}
		r := w.recommend()
		if _, err := json.Marshal(w.plan(r.To, "r")); err != nil {
			t.Errorf("a plan that cannot be stored: %v", err)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("a recommendation that cannot be stored: %v", err)
		}
		if len(r.Reasons) == 0 {
			t.Errorf("%s without a reason", r.Action)
		}
		if !r.Changes() {
			if r.To != r.From {
				t.Errorf("%s from %d to %d", r.Action, r.From, r.To)
			}
			return
		}
		if !w.s.Workload.Known() || !w.s.Lag.Known() || !w.s.Partitions.Known() {
			t.Errorf("acted on unknown data: %s to %d", r.Action, r.To)
		}
		if low := w.Component.lowest(); r.To < low || r.To > max(partitions, low) {
			t.Errorf("got %d, want between %d and %d", r.To, low, partitions)
		}
		if (r.Action == ScaleUp) != (r.To > r.From) {
			t.Errorf("%s from %d to %d", r.Action, r.From, r.To)
		}
		if refusal := w.refuse(r.To); refusal != nil {
			t.Errorf("recommends %d to %d and refuses it: %v", r.From, r.To, refusal)
		}
	})
}

// T-32, R-130: a record that cannot be handled may be the first of its partition, so that
// nobody ever commits there. That is standing still too, unless nobody owns it.
func TestAPartitionWithoutACommitStandsStill(t *testing.T) {
	w := spike(0).onPartitions(14_200, 7).moving(10)
	partitions := w.s.Lag.Value.Partitions
	partitions[7].Flag, partitions[7].Committed, partitions[7].Consumption = LagUncommitted, -1, -1
	w.s.Lag.Value = SumLag(partitions, nil)
	w.s.Lag.Value.Topics = []string{"xact.downloads.pending"}
	r := w.recommend()
	if r.Action != Hold || len(r.Vetoes) == 0 || !strings.Contains(r.Vetoes[0], "partition 7 of xact.downloads.pending stands still at the first message") {
		t.Errorf("got %s %q, want held because partition 7 stands still", r.Action, r.Vetoes)
	}
	w.s.Group.Value.Members = nil
	if v := look(w.Component, w.Policy, w.s, w.past); len(v.stalled) != 0 {
		t.Errorf("without an owner: got %d stalled, want 0", len(v.stalled))
	}
}

func clamp(n, low, high int) int { return min(max(n, low), high) }

func TestStandingStillNeedsTwoQuietMinutes(t *testing.T) {
	poison := func(edit func(ago time.Duration, p *Point)) int {
		w := spike(0).onPartitions(14_200, 7).moving(10)
		w.still(7)
		w.remember(10*time.Minute, edit)
		return len(look(w.Component, w.Policy, w.s, w.past).stalled)
	}
	if got := poison(func(time.Duration, *Point) {}); got != 1 {
		t.Errorf("watched for ten minutes: got %d, want 1", got)
	}
	if got := poison(func(ago time.Duration, p *Point) { p.Moving = ago == time.Minute }); got != 0 {
		t.Errorf("a rebalance a minute ago: got %d, want 0", got)
	}
	if got := poison(func(ago time.Duration, p *Point) {
		if ago >= 90*time.Second {
			p.Commits = Missing
		}
	}); got != 0 {
		t.Errorf("commits known for a minute and a half: got %d, want 0", got)
	}
}

func TestHopelessVetoesDoNotArgueForACount(t *testing.T) {
	w := spike(400_000)
	w.s.Signals.Breaker.Value.Open = 6
	r := w.recommend()
	text := strings.Join(append(r.Reasons, r.Remedies...), "\n")
	if strings.Contains(text, "busy workers") || strings.Contains(text, "raise the number of partitions") {
		t.Errorf("got %q", text)
	}
	wantText(t, "the way on", text, "external service", "incident response runbook")
}

// Pods that find no place do not come by asking for more: no count is argued for, the
// room is not counted a second time, and the forecast is made with those that run
// (R-136, T-08).
func TestPodsThatDoNotComeAreNotCountedOn(t *testing.T) {
	w := spike(14_200).workers(12).change(func(l *Workload) {
		for i := 6; i < 12; i++ {
			l.Pods[i].Ready, l.Pods[i].Trouble, l.Pods[i].Cause = false, "0/3 nodes are available: 3 Insufficient cpu.", CauseNodes
		}
	})
	w.s.Room.Value.NodePods = 0
	r := w.recommend()
	if r.Action != Hold || len(r.Vetoes) != 1 {
		t.Fatalf("got %s with vetoes %q, want hold with one", r.Action, r.Vetoes)
	}
	wantText(t, "the veto", r.Vetoes[0], "6 of 12 replicas are not ready yet: 0/3 nodes are available: 3 Insufficient cpu")
	if text := joinedReasons(r); strings.Contains(text, "→ 24") {
		t.Errorf("got %q, want no argument for a count", text)
	}
	now := w.plan(24, "").Now
	wantText(t, "the forecast", now.Drain.Sentence, "only 6 of 12 run: never: 900 msg/s arrive and 6 workers manage 600 msg/s")
	if now.Load < 1 {
		t.Errorf("got a load of %.2f, want that of the six that run", now.Load)
	}
	starting := spike(14_200).workers(12).change(func(l *Workload) { l.Pods[11].Ready, l.Pods[11].Cause = false, CauseStarting })
	if got := starting.plan(24, "").Now.Drain.Sentence; strings.Contains(got, "only") {
		t.Errorf("got %q for a pod that is starting, want it counted on", got)
	}
}

package judge

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestR140RecommendationArguesInOrder(t *testing.T) {
	r := recommended(measuretest.Spike(14_200))
	if r.Action != scale.ScaleUp || r.From != 6 || r.To != 12 || r.RunbookLow != 8 || r.RunbookHigh != 12 {
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
		action  scale.Action
		want    int
	}{
		// under critical lag at least 8, though 6 would carry 400 msg/s.
		{"high lag alone", 4, 11_000, 300, scale.ScaleUp, 8},
		{"arrivals decide", 6, 14_200, 900, scale.ScaleUp, 12},
		// 1,000 × 1.2 needs 12, plus the backlog 24; but 12 drains it in time.
		{"a deep backlog does not double the fleet", 6, 60_000, 980, scale.ScaleUp, 12},
		{"a very deep one neither", 6, 200_000, 885, scale.ScaleUp, 12},
		{"arrivals that the range cannot carry do", 6, 60_000, 1150, scale.ScaleUp, 24},
		{"above the recommended range", 12, 60_000, 1300, scale.ScaleUp, 24},
		{"enough already", 12, 14_200, 450, scale.Hold, 12},
		{"at the ceiling", 24, 60_000, 3000, scale.Hold, 24},
	}
	for _, tt := range tests {
		w := measuretest.Spike(tt.lag).Workers(tt.from)
		w.Now.Group.Value = measuretest.GroupOf(tt.from, 24)
		w.Now.Rates.Value = scale.Rates{Arrival: tt.arrival, Consumption: min(tt.arrival, 100*float64(tt.from))}
		r := recommended(w)
		if r.Action != tt.action || r.To != tt.want {
			t.Errorf("%s: got %s to %d, want %s to %d: %q %q", tt.name, r.Action, r.To, tt.action, tt.want, r.Reasons, r.Vetoes)
		}
	}
}

func TestACountInRangeUnderTheSumIsExplained(t *testing.T) {
	w := measuretest.Spike(60_000)
	w.Now.Rates.Value.Arrival = 980
	scaletest.WantText(t, "reason", strings.Join(recommended(w).Reasons, "\n"), "need 12.8 busy workers",
		"12 carries the arrivals with headroom and drains the backlog in about")
}

func TestEnoughIsNotBelievedAgainstRisingLag(t *testing.T) {
	w := measuretest.Spike(14_200).Workers(12)
	w.Now.Group.Value = measuretest.GroupOf(12, 24)
	w.Now.Rates.Value = scale.Rates{Arrival: 450, Consumption: 300}
	if r := recommended(w); r.Action != scale.Hold {
		t.Fatalf("trend unknown: got %s, want hold", r.Action)
	}
	w.Past = measuretest.Steps(41, func(i int, p *scale.Point) {
		p.Replicas, p.Ends, p.Commits, p.Lag = 12, 450*15*float64(i), 300*15*float64(i), 2250*float64(i)
	})
	if r := recommended(w); r.Action != scale.ScaleUp || r.To != 24 {
		t.Errorf("lag that rises under 12 workers: got %s to %d, want up to 24: %q", r.Action, r.To, r.Reasons)
	}
}

func TestUnknownArrivalsLeaveTheRuleOfThumb(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Now.Rates = scale.Unknown[scale.Rates]("the bot has just started", scaletest.Start, "Kafka")
	r := recommended(w)
	if r.Action != scale.ScaleUp || r.To != 8 {
		t.Errorf("got %s to %d, want up to 8", r.Action, r.To)
	}
	scaletest.WantText(t, "reason", strings.Join(r.Reasons, "\n"), "arrivals are unknown (the bot has just started)", "rule of thumb decides: 8")
}

func TestCeilingOfTheTeamBinds(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Component.Max = 10
	r := recommended(w)
	if r.Action != scale.ScaleUp || r.To != 8 || len(r.Remedies) == 0 {
		t.Errorf("maximum 10: got %s to %d with remedies %q, want up to 8 and what else to do", r.Action, r.To, r.Remedies)
	}
	scaletest.WantText(t, "said", strings.Join(r.Reasons, "\n"), "even 8 workers do not carry that")
}

func TestUnknownWorldIsUndecided(t *testing.T) {
	for name, edit := range map[string]func(*measuretest.World){
		"workload": func(w *measuretest.World) {
			w.Now.Workload = scale.Unknown[scale.Workload]("forbidden", scaletest.Start, "Kubernetes")
		},
		"lag": func(w *measuretest.World) {
			w.Now.Lag = scale.Unknown[scale.Lag]("Kafka does not answer", scaletest.Start, "Kafka")
		},
		"stale lag":          func(w *measuretest.World) { w.Now.Lag.At = scaletest.Start.Add(-61 * time.Second) },
		"partitions":         func(w *measuretest.World) { w.Now.Partitions = scale.Reading[int]{} },
		"no partition read":  func(w *measuretest.World) { w.Now.Lag.Value.Unknown = 24 },
		"nothing whatsoever": func(w *measuretest.World) { w.Now = scale.Snapshot{At: scaletest.Start} },
	} {
		w := measuretest.Spike(50_000)
		edit(w)
		if r := recommended(w); r.Action != scale.Undecided || r.To != r.From || len(r.Reasons) == 0 {
			t.Errorf("%s unknown: got %s from %d to %d, %q", name, r.Action, r.From, r.To, r.Reasons)
		}
	}
}

func TestVetoesHoldWithSentencesAndRemedies(t *testing.T) {
	tests := []struct {
		name         string
		edit         func(*measuretest.World)
		veto, remedy string
	}{
		{"T-33 hot partition", func(w *measuretest.World) { w.OnPartitions(14_200, 7) }, "partition 7 of xact.downloads.pending holds over 80 % of the lag", "message key"},
		{"poison record", func(w *measuretest.World) { w.OnPartitions(14_200, 7).Moving(10); w.Still(7) }, "partition 7 of xact.downloads.pending stands still at offset 5,000", "dead-letter"},
		{"R-130 slow transfer", func(w *measuretest.World) { w.Now.Signals.Download.Value = 12 }, "transfer takes 12.0 s at p95", "external service"},
		{"R-121 breaker", func(w *measuretest.World) { w.Now.Signals.Breaker.Value.Open = 1 }, "1 of 6 circuit breakers is open", "external service"},
		{"R-136 pods pending", func(w *measuretest.World) {
			w.Workers(9).Change(func(l *scale.Workload) {
				l.Pods[8].Ready, l.Pods[8].Trouble, l.Pods[8].Cause = false, "0/3 nodes are available", scale.CauseNodes
			})
		}, "1 of 9 replicas is not ready yet: 0/3 nodes are available", "add nodes"},
		{"R-103 no room", func(w *measuretest.World) { w.Now.Room.Value.NodePods = 2 }, "room for 2 more pods of this size, 6 are needed", "add nodes"},
		{"R-103 quota", func(w *measuretest.World) {
			w.Now.Room.Value.QuotaPods, w.Now.Room.Value.Quota = 1, []string{"pods 19 of 20"}
		}, "quota allows 1 more pod", "quota"},
		{"T-37 rollout", func(w *measuretest.World) { w.Change(func(l *scale.Workload) { l.Rolling = true }) }, "a rollout is in progress (worker:1.4)", "wait"},
		{"R-110 rebalancing", func(w *measuretest.World) { w.Now.Group.Value.State = "CompletingRebalance" }, "the group is rebalancing (CompletingRebalance)", "wait"},
		{"T-01 HPA", func(w *measuretest.World) {
			w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerHPA, Name: "dw-hpa", Min: 4, Max: 12, Within: 30 * time.Second}
		},
			"HPA dw-hpa sets the replica count between 4 and 12 and undoes a manual change within about 30 s", "raise minReplicas of HPA dw-hpa to 12 instead"},
		{"T-03 conflict", func(w *measuretest.World) {
			w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerConflict, Name: "HPA a", Other: "ScaledObject b"}
		}, "two owners", "remove one"},
		{"T-04 KEDA paused", func(w *measuretest.World) {
			w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Paused: "at 6 replicas", Within: time.Minute}
		}, "paused at 6 replicas", "paused-replicas of ScaledObject so to 12"},
	}
	for _, tt := range tests {
		w := measuretest.Spike(14_200)
		tt.edit(w)
		r := recommended(w)
		if r.Action != scale.Hold || r.To != r.From {
			t.Errorf("%s: got %s to %d, want hold", tt.name, r.Action, r.To)
		}
		scaletest.WantText(t, tt.name, strings.Join(r.Vetoes, "\n"), tt.veto)
		scaletest.WantText(t, tt.name, strings.Join(r.Remedies, "\n"), tt.remedy)
		if r.Urgency != scale.UrgencyCritical {
			t.Errorf("%s: got urgency %s; a veto does not make the lag less urgent", tt.name, r.Urgency)
		}
	}
}

func TestT33HotPartitionsCountAgainstWorkers(t *testing.T) {
	w := measuretest.Spike(0).OnPartitions(14_400, 0, 1, 2, 3, 4, 5, 6, 7)
	if r := recommended(w); r.Action != scale.ScaleUp {
		t.Errorf("7 of 24 partitions hold 80 %% and 6 workers: got %s %q, want up", r.Action, r.Vetoes)
	}
	w.OnPartitions(14_400, 0, 1, 2, 3, 4)
	if r := recommended(w); r.Action != scale.Hold {
		t.Errorf("4 of 24 partitions hold 80 %% and 6 workers: got %s, want hold", r.Action)
	}
	// One hot partition below a worker's capacity whose owner has three more: they lag
	// together, and more workers part them.
	w.OnPartitions(14_400, 0, 6, 12, 18).Moving(25)
	w.Now.Lag.Value.Partitions[0].Arrival = 80
	if r := recommended(w); r.Action != scale.ScaleUp {
		t.Errorf("partitions bound to one owner: got %s %q, want up", r.Action, r.Vetoes)
	}
}

func TestR021AndR022SingleInstancesNeverScaleUp(t *testing.T) {
	w := measuretest.Spike(50_000).Workers(1)
	w.Component = measuretest.RetryScheduler()
	r := recommended(w)
	if r.Action != scale.Hold || r.To != 1 || r.Urgency != scale.UrgencyCritical || len(r.Remedies) == 0 {
		t.Errorf("got %s to %d, %s, remedies %q", r.Action, r.To, r.Urgency, r.Remedies)
	}
	scaletest.WantText(t, "reason", strings.Join(r.Vetoes, "\n"), "one instance only: it needs a global view")
	w.Workers(3)
	if r := recommended(w); r.Action != scale.ScaleDown || r.To != 1 {
		t.Errorf("three instances: got %s to %d, want down to 1", r.Action, r.To)
	}
}

func TestQuietWorldHoldsWithAReason(t *testing.T) {
	r := recommended(measuretest.CalmWorld())
	if r.Action != scale.Hold || r.To != 6 || r.Urgency != scale.UrgencyNone || !r.ActBy.IsZero() || r.Changes() {
		t.Errorf("got %+v", r)
	}
	scaletest.WantText(t, "reason", strings.Join(r.Reasons, "\n"), "no rule asks for a change")
	if len(r.Findings) != 10 {
		t.Errorf("got %d findings, want all ten rules", len(r.Findings))
	}
}

func TestR025LivePartitionCountIsUsed(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Now.Partitions.Value = 36
	if r := recommended(w); r.RunbookLow != 12 || r.To != 12 {
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
		w := measuretest.CalmWorld()
		w.Component.Min, w.Component.High = clamp(least, -5, 50), clamp(most, 0, 100)
		w.Component.Max = clamp(ceiling, 0, 100)
		w.Change(func(l *scale.Workload) { l.Desired, l.Ready, l.Pods = replicas, replicas, nil })
		w.Lag(lag)
		w.Now.Partitions.Value = partitions
		w.Now.Rates.Value = scale.Rates{Arrival: arrival, Consumption: arrival}
		w.Now.Usage.Value.CPULimit = cpu
		w.Now.Signals.Latency.Value = latency
		for i, forget := range []func(){
			func() { w.Now.Workload = scale.Reading[scale.Workload]{} }, func() { w.Now.Lag = scale.Reading[scale.Lag]{} },
			func() { w.Now.Partitions = scale.Reading[int]{} }, func() { w.Now.Rates = scale.Reading[scale.Rates]{} },
			func() { w.Now.Usage = scale.Reading[scale.Usage]{} }, func() { w.Now.Owner = scale.Reading[scale.Owner]{} },
			func() { w.Past = nil }, func() { w.Now.Lag.Value.Unknown = 5 },
			func() {
				w.Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.Replicas, p.Lag = float32(scale.Missing), scale.Missing })
			},
		} {
			if missing&(1<<i) != 0 {
				forget()
			}
		}
		r := recommended(w)
		if _, err := json.Marshal(planned(w, r.To, "r")); err != nil {
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
		if !w.Now.Workload.Known() || !w.Now.Lag.Known() || !w.Now.Partitions.Known() {
			t.Errorf("acted on unknown data: %s to %d", r.Action, r.To)
		}
		if low := w.Component.Lowest(); r.To < low || r.To > max(partitions, low) {
			t.Errorf("got %d, want between %d and %d", r.To, low, partitions)
		}
		if (r.Action == scale.ScaleUp) != (r.To > r.From) {
			t.Errorf("%s from %d to %d", r.Action, r.From, r.To)
		}
		if refusal := refused(w, r.To); refusal != nil {
			t.Errorf("recommends %d to %d and refuses it: %v", r.From, r.To, refusal)
		}
	})
}

// T-32, R-130: a record that cannot be handled may be the first of its partition, so that
// nobody ever commits there. That is standing still too, unless nobody owns it.
func TestAPartitionWithoutACommitStandsStill(t *testing.T) {
	w := measuretest.Spike(0).OnPartitions(14_200, 7).Moving(10)
	partitions := w.Now.Lag.Value.Partitions
	partitions[7].Flag, partitions[7].Committed, partitions[7].Consumption = scale.LagUncommitted, -1, -1
	w.Now.Lag.Value = scale.SumLag(partitions, nil)
	w.Now.Lag.Value.Topics = []string{"xact.downloads.pending"}
	r := recommended(w)
	if r.Action != scale.Hold || len(r.Vetoes) == 0 || !strings.Contains(r.Vetoes[0], "partition 7 of xact.downloads.pending stands still at the first message") {
		t.Errorf("got %s %q, want held because partition 7 stands still", r.Action, r.Vetoes)
	}
	w.Now.Group.Value.Members = nil
	if v := NewView(w.Component, w.Policy, w.Now, w.Past); len(v.Stalled) != 0 {
		t.Errorf("without an owner: got %d stalled, want 0", len(v.Stalled))
	}
}

func clamp(n, low, high int) int { return min(max(n, low), high) }

func TestHopelessVetoesDoNotArgueForACount(t *testing.T) {
	w := measuretest.Spike(400_000)
	w.Now.Signals.Breaker.Value.Open = 6
	r := recommended(w)
	text := strings.Join(append(r.Reasons, r.Remedies...), "\n")
	if strings.Contains(text, "busy workers") || strings.Contains(text, "raise the number of partitions") {
		t.Errorf("got %q", text)
	}
	scaletest.WantText(t, "the way on", text, "external service", "incident response runbook")
}

// Pods that find no place do not come by asking for more: no count is argued for, the
// room is not counted a second time, and the forecast is made with those that run
// (R-136, T-08).
func TestPodsThatDoNotComeAreNotCountedOn(t *testing.T) {
	w := measuretest.Spike(14_200).Workers(12).Change(func(l *scale.Workload) {
		for i := 6; i < 12; i++ {
			l.Pods[i].Ready, l.Pods[i].Trouble, l.Pods[i].Cause = false, "0/3 nodes are available: 3 Insufficient cpu.", scale.CauseNodes
		}
	})
	w.Now.Room.Value.NodePods = 0
	r := recommended(w)
	if r.Action != scale.Hold || len(r.Vetoes) != 1 {
		t.Fatalf("got %s with vetoes %q, want hold with one", r.Action, r.Vetoes)
	}
	scaletest.WantText(t, "the veto", r.Vetoes[0], "6 of 12 replicas are not ready yet: 0/3 nodes are available: 3 Insufficient cpu")
	if text := joinedReasons(r); strings.Contains(text, "→ 24") {
		t.Errorf("got %q, want no argument for a count", text)
	}
	now := planned(w, 24, "").Now
	scaletest.WantText(t, "the forecast", now.Drain.Sentence, "only 6 of 12 run: never: 900 msg/s arrive and 6 workers manage 600 msg/s")
	if now.Load < 1 {
		t.Errorf("got a load of %.2f, want that of the six that run", now.Load)
	}
	starting := measuretest.Spike(14_200).Workers(12).Change(func(l *scale.Workload) { l.Pods[11].Ready, l.Pods[11].Cause = false, scale.CauseStarting })
	if got := planned(starting, 24, "").Now.Drain.Sentence; strings.Contains(got, "only") {
		t.Errorf("got %q for a pod that is starting, want it counted on", got)
	}
}

// the recommendation names the rule it follows, with the lag and the limit.
func TestTheRecommendationNamesItsRule(t *testing.T) {
	r := recommended(measuretest.Spike(14_200))
	if r.Action != scale.ScaleUp || len(r.Findings) == 0 || r.Findings[0].Rule != "R-001" || r.Findings[0].Outcome != scale.Fires {
		t.Fatalf("got %s by %+v, want up by R-001", r.Action, r.Findings[:min(1, len(r.Findings))])
	}
	scaletest.WantText(t, "the reason", strings.Join(r.Reasons, "\n"), "lag 14,200 > 10,000 → Critical, now")
}

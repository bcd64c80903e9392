package scale

import (
	"strings"
	"testing"
	"time"
)

// story plays a scale-up second by second: what arrives, what the workers manage, the
// pause of the rebalance. It makes the history that reports look back on.
type story struct {
	*world
	op Operation
	// rise is how long before the write arrivals went from 450 to arrival messages per
	// second; later are the arrivals after the write, as arrival when zero.
	rise           time.Duration
	arrival, later float64
	// each is what one busy worker manages after the write; before it is 100.
	each float64
	to   int
}

// Times of the story: pods join 50 s after the write, and the rebalance takes 20 s.
const (
	joins  = 50 * time.Second
	pauses = 20 * time.Second
)

// tell plays the story until some time after the write and returns the world then.
func (st *story) tell(after time.Duration) *world {
	w := calmWorld()
	w.past = nil
	ends, commits := 1e6, 1e6
	for at := -20 * time.Minute; at <= after; at += time.Second {
		workers, each, in := 6, 100.0, 450.0
		if at >= -st.rise {
			in = st.arrival
		}
		if at >= 0 {
			each = st.each
			if st.later > 0 {
				in = st.later
			}
		}
		if at >= joins {
			workers = st.to
		}
		moving := at >= joins && at < joins+pauses
		ends += in
		if !moving {
			commits = min(ends, commits+float64(workers)*each)
		}
		if int(at.Seconds())%15 == 0 {
			p := Point{At: start.Add(at), Ends: ends, Commits: commits, Lag: ends - commits, Moving: moving || at == joins+pauses,
				Replicas: 6, CPU: 0.5, Memory: 0.5, Errors: 0.001, Latency: 1, Throughput: 500}
			if at >= 0 {
				p.Replicas = float32(st.to)
			}
			w.past = append(w.past, p)
		}
	}
	w.s.At = start.Add(after)
	st.readAt(w, after)
	return w
}

// readAt makes everything known at the moment of the world.
func (st *story) readAt(w *world, after time.Duration) {
	last := w.past[len(w.past)-1]
	n := 6
	if after >= 0 {
		n = st.to
	}
	w.lag(int64(last.Lag)).workers(n)
	if after >= joins+pauses {
		w.s.Group.Value = groupOf(n, 24)
	}
	if rates, ok := Measure(w.past, w.Policy); ok {
		w.s.Rates = Known(rates, w.s.At, "Kafka")
	}
	now := w.s.At
	s := &w.s
	s.Group.At, s.Owner.At, s.Usage.At, s.Room.At, s.Partitions.At = now, now, now, now, now
	s.Signals.Latency.At, s.Signals.Errors.At, s.Signals.Throughput.At = now, now, now
	s.Signals.Download.At, s.Signals.Breaker.At = now, now
	s.Downstream = map[string]Reading[int64]{"result-processor": Known(int64(120), now, "Kafka")}
}

// begin proposes the change at the write and settles it when the rebalance is over.
func (st *story) begin() *story {
	st.world = st.tell(-time.Second)
	w := st.world
	advice := w.recommend()
	st.op = Operation{ID: "download-worker-17", Component: w.Name, Change: Replicas{From: 6, To: st.to}, Before: w.s,
		Advice: advice, Plan: MakePlan(w.Component, w.Policy, w.s, w.past, advice, st.to, "r"),
		Rollout: Rollout{WrittenAt: start, ReadyAt: start.Add(joins), RebalanceAt: start.Add(joins), StableAt: start.Add(joins + pauses)}}
	for _, h := range w.Policy.Times.Horizons {
		st.op.Reports = append(st.op.Reports, Report{Horizon: h.Name, Due: start.Add(h.After)})
	}
	return st
}

// report makes the report of a horizon, in the world that edit bends.
func (st *story) report(horizon int, edit func(*world)) Report {
	w := st.tell(st.Policy.Times.Horizons[horizon].After)
	if edit != nil {
		edit(w)
	}
	r := MakeReport(w.Component, w.Policy, st.op, horizon, w.s, w.past)
	st.op.Reports[horizon] = r
	return r
}

func TestStoryOfAScaleUpThatWorks(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	if r := st.recommend(); r.Action != ScaleUp || r.To != 12 {
		t.Fatalf("the proposal: got %s to %d", r.Action, r.To)
	}
	want := []struct {
		rules []string
	}{
		{[]string{"R-114", "R-115", "R-116", "R-117", "R-044", "T-35"}},
		{[]string{"R-118", "R-119", "R-120", "R-121", "T-35"}},
		{[]string{"R-122", "R-123", "R-124", "R-125"}},
	}
	for i, tt := range want {
		r := st.report(i, nil)
		if len(r.Checks) != len(tt.rules) {
			t.Errorf("%s: got %d checks, want %d", r.Horizon, len(r.Checks), len(tt.rules))
		}
		for _, rule := range tt.rules {
			check := wantCheck(t, r.Checks, rule, Pass)
			if check.After == "" || check.Source == "" || check.Name == "" {
				t.Errorf("R-126 %s: got %+v, want a number and its source", rule, check)
			}
		}
		if r.Verdict != VerdictWorked || r.RollBack || r.Diagnose || r.Next == "" {
			t.Errorf("%s: got %s because %q, next %q", r.Horizon, r.Verdict, r.Why, r.Next)
		}
		if n := len(r.Chart); n < 15 || n > maxChart || !r.Chart[0].At.Before(start) || r.Chart[0].Replicas != 6 || r.Chart[n-1].Replicas != 12 {
			t.Errorf("%s: got a chart of %d points from %+v", r.Horizon, n, r.Chart[:min(1, n)])
		}
		if !r.MadeAt.Equal(start.Add(st.Policy.Times.Horizons[i].After)) || r.Due.IsZero() {
			t.Errorf("%s: got made at %s, due %s", r.Horizon, r.MadeAt, r.Due)
		}
	}
	wantText(t, "R-041 forecast", st.op.Reports[0].Forecast, "Predicted: about ", "backlog was gone", "after the write, as predicted")
	wantText(t, "before and after", wantCheck(t, st.op.Reports[0].Checks, "R-114", Pass).Before, "6/6 ready")
	wantText(t, "rebalance time", wantCheck(t, st.op.Reports[0].Checks, "R-115", Pass).Note, "took 20 s")
}

func TestVerdicts(t *testing.T) {
	tests := []struct {
		name    string
		st      story
		horizon int
		edit    func(*story, *world)
		want    Verdict
		why     string
		offer   func(Report) bool
	}{
		{"worked: cleared what six could not carry", story{arrival: 900, rise: time.Minute, each: 100, to: 12}, 0, nil,
			VerdictWorked, "", func(r Report) bool { return !r.RollBack && !r.Diagnose }},
		{"worked: throughput rose while lag is deep", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, nil,
			VerdictWorked, "throughput rose as expected: 1,200 msg/s with a backlog, 600 msg/s before, 1,200 msg/s expected", nil},
		{"demand grew", story{arrival: 900, later: 1400, rise: 10 * time.Minute, each: 100, to: 12}, 0, nil,
			VerdictGrew, "arrivals grew from 900 msg/s to 1,400 msg/s", func(r Report) bool { return r.Suggest == 24 && !r.RollBack }},
		{"partial", story{arrival: 900, rise: 10 * time.Minute, each: 75, to: 12}, 0, nil,
			VerdictPartial, "less than expected", func(r Report) bool { return r.Diagnose }},
		{"ineffective: a shared bottleneck", story{arrival: 900, rise: 10 * time.Minute, each: 52, to: 12}, 1, nil,
			VerdictIneffective, "throughput hardly rose: 624 msg/s", func(r Report) bool { return r.RollBack && r.Diagnose && r.Suggest == 0 }},
		{"ineffective although lag falls", story{arrival: 900, later: 300, rise: 10 * time.Minute, each: 52, to: 12}, 0, nil,
			VerdictIneffective, "lag fell because arrivals did", func(r Report) bool { return r.RollBack }},
		{"ineffective: a little less than before", story{arrival: 900, rise: 10 * time.Minute, each: 49.5, to: 12}, 0, nil,
			VerdictIneffective, "throughput did not rise: 594 msg/s", func(r Report) bool { return r.RollBack }},
		{"harmful", story{arrival: 900, rise: 10 * time.Minute, each: 40, to: 12}, 0, nil,
			VerdictHarmful, "throughput fell", func(r Report) bool { return r.RollBack && r.Diagnose }},
		{"nine does what eight would, and that is no failure", story{arrival: 780, rise: 10 * time.Minute, each: 100, to: 9}, 0, nil,
			VerdictWorked, "800 msg/s expected", nil},
		{"not applied: pods pending", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, func(_ *story, w *world) {
			w.change(func(l *Workload) {
				l.Ready = 6
				for i := 6; i < 12; i++ {
					l.Pods[i].Ready, l.Pods[i].Phase, l.Pods[i].Trouble = false, "Pending", "Insufficient cpu"
				}
			})
		}, VerdictNotApplied, "only 6 of 12 pods are ready: download-worker-6, Insufficient cpu", func(r Report) bool { return r.RollBack && r.Diagnose }},
		{"not applied: members own nothing", story{arrival: 900, rise: 10 * time.Minute, each: 50, to: 12}, 0, func(_ *story, w *world) {
			w.s.Group.Value = groupOf(6, 24)
		}, VerdictNotApplied, "only 6 members own partitions", nil},
		{"not applied: reverted", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, func(st *story, _ *world) {
			st.op.Rollout.RevertedBy, st.op.Rollout.RevertedTo = "HPA dw-hpa", 6
		}, VerdictNotApplied, "HPA dw-hpa set the count back to 6", func(r Report) bool { return !r.RollBack }},
		{"not applied: somebody scaled since", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, func(_ *story, w *world) {
			w.workers(7).s.Workload.At = w.s.At
		}, VerdictNotApplied, "7 replicas are wanted now, not 12", func(r Report) bool { return strings.Contains(r.Next, "propose 12 again") && !r.RollBack }},
		{"undecided: lag unknown", story{arrival: 900, rise: time.Minute, each: 100, to: 12}, 0, func(_ *story, w *world) {
			w.s.Lag = Unknown[Lag]("Kafka does not answer", w.s.At, "Kafka")
		}, VerdictUndecided, "lag is unknown: Kafka does not answer", nil},
		{"undecided: the runbook's figure alone stands for before", story{arrival: 900, rise: 10 * time.Minute, each: 40, to: 12}, 0, func(st *story, w *world) {
			st.op.Advice.Capacity = Capacity{PerWorker: 100, Basis: BasisRunbook}
			for i := range w.past {
				if w.past[i].At.Before(st.op.Rollout.WrittenAt) {
					w.past[i].Commits = Missing
				}
			}
		}, VerdictUndecided, "before was not measured", func(r Report) bool { return !r.RollBack }},
		{"undecided: cleared, and six would have done", story{arrival: 900, later: 100, rise: time.Minute, each: 100, to: 8}, 0, nil,
			VerdictUndecided, "is gone", nil},
		{"undecided: nothing seen since it settled", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, func(st *story, w *world) {
			st.op.Rollout.StableAt = w.s.At.Add(-20 * time.Second)
		}, VerdictUndecided, "too little has been seen", nil},
		{"what had worked stays so while a quiet group keeps up", story{arrival: 900, later: 450, rise: time.Minute, each: 100, to: 12}, 2, func(st *story, w *world) {
			st.op.Reports[1].Verdict = VerdictWorked
			w.lag(2_336).s.Lag.At = w.s.At
		}, VerdictWorked, "the change had worked, and 12 workers keep up with the 450 msg/s that arrive now; lag is 2,336", func(r Report) bool { return !r.Diagnose && !r.RollBack }},
		{"undecided: a quiet group keeps up, and nothing was seen before", story{arrival: 900, later: 450, rise: time.Minute, each: 100, to: 12}, 2, func(_ *story, w *world) {
			w.lag(2_336).s.Lag.At = w.s.At
		}, VerdictUndecided, "too little is waiting to show what the new workers add", nil},
		{"regressed at the end", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 2, func(st *story, w *world) {
			st.op.Reports[1].Verdict = VerdictWorked
			w.lag(30_000).s.Lag.At = w.s.At
		}, VerdictRegressed, "lag is back at 30,000", func(r Report) bool { return r.Diagnose }},
	}
	for _, tt := range tests {
		st := tt.st
		st.begin()
		r := st.report(tt.horizon, func(w *world) {
			if tt.edit != nil {
				tt.edit(&st, w)
			}
		})
		if r.Verdict != tt.want {
			t.Errorf("%s: got %s because %s, want %s", tt.name, r.Verdict, r.Why, tt.want)
			continue
		}
		wantText(t, tt.name, r.Why, tt.why)
		if tt.offer != nil && !tt.offer(r) {
			t.Errorf("%s: got roll back %v, diagnose %v, suggest %d", tt.name, r.RollBack, r.Diagnose, r.Suggest)
		}
		if r.Next == "" {
			t.Errorf("%s: says not what to do next", tt.name)
		}
	}
}

func TestT24DeepBacklogIsJudgedAgainstTheForecast(t *testing.T) {
	// 300,000 messages cannot be gone in 15 minutes, with 300 msg/s to spare.
	st := (&story{arrival: 900, rise: 1000 * time.Second, each: 100, to: 12}).begin()
	st.op.Plan.After.Drain = Drain{Known: true, Low: 15 * time.Minute, Expected: 18 * time.Minute, High: 22 * time.Minute}
	check := wantCheck(t, st.report(1, nil).Checks, "R-118", Warn)
	wantText(t, "on track", check.Note, "on track", "within the forecast")
	st.op.Plan.After.Drain.High = 15 * time.Minute
	check = wantCheck(t, st.report(1, nil).Checks, "R-118", Fail)
	wantText(t, "too slow", check.Note, "falling too slowly", "at most 15 min")
	st.op.Plan.After.Drain = Drain{}
	wantCheck(t, st.report(1, nil).Checks, "R-118", Warn)
	rising := (&story{arrival: 900, later: 1400, rise: 1000 * time.Second, each: 100, to: 12}).begin()
	wantCheck(t, rising.report(1, nil).Checks, "R-118", Fail)
}

func TestT25TrendIsTakenAfterTheRebalance(t *testing.T) {
	// Lag at 5 minutes is still above the start value, but it falls.
	st := (&story{arrival: 1000, rise: 10 * time.Minute, each: 88, to: 12}).begin()
	r := st.report(0, nil)
	check := wantCheck(t, r.Checks, "R-117", Pass)
	wantText(t, "falling", check.After, "falling by 56 msg/s")
	grew := (&story{arrival: 900, later: 1400, rise: 10 * time.Minute, each: 100, to: 12}).begin()
	wantText(t, "rising", wantCheck(t, grew.report(0, nil).Checks, "R-117", Fail).Note, "lag rises")
	flat := (&story{arrival: 900, later: 1200, rise: 10 * time.Minute, each: 100, to: 12}).begin()
	wantCheck(t, flat.report(0, nil).Checks, "R-117", Warn)
}

func TestReportChecks(t *testing.T) {
	oneHour, fifteen, five := 2, 1, 0
	tests := []struct {
		name    string
		horizon int
		edit    func(*world)
		rule    string
		want    Result
		note    string
	}{
		{"R-036 8 of 9", five, func(w *world) {
			w.change(func(l *Workload) { l.Pods[3].Ready, l.Pods[3].Waiting, l.Ready = false, "CrashLoopBackOff", 11 })
		}, "R-114", Fail, "download-worker-3: CrashLoopBackOff"},
		{"rollout in between", five, func(w *world) { w.change(func(l *Workload) { l.Rolling = true }) }, "R-114", Warn, "T-37"},
		{"still rebalancing", five, func(w *world) { w.s.Group.Value.State = "PreparingRebalance" }, "R-115", Fail, "hands out"},
		{"T-36 pods that have not joined", five, func(w *world) { w.s.Group.Value = groupOf(8, 24) }, "R-115", Fail, "8 members for 12 pods"},
		{"foreign members", five, func(w *world) { w.s.Group.Value = groupOf(13, 24) }, "R-115", Warn, "somebody else consumes"},
		{"R-037 one has far more", five, func(w *world) {
			w.s.Group.Value = groupOf(12, 20)
			w.s.Group.Value.Members[0].Partitions["xact.downloads.pending"] = []int32{0, 12, 20, 21, 22, 23}
		}, "R-115", Fail, "one member owns 6"},
		{"T-27 spike", five, func(w *world) {
			w.s.Signals.Errors.Value = ErrorRate{Share: 0.03, Kinds: map[string]float64{"timeout": 9}}
		}, "R-116", Fail, "timeout 9/s"},
		{"T-27 twice nothing is no spike", five, func(w *world) { w.s.Signals.Errors.Value.Share = 0.009 }, "R-116", Pass, ""},
		{"T-27 high before as well", five, func(w *world) {
			for i := range w.past {
				w.past[i].Errors = 0.02
			}
			w.s.Signals.Errors.Value.Share = 0.03
		}, "R-116", Warn, "not more than 2 times the rate before"},
		{"T-35 backlog moved on", five, func(w *world) { w.s.Downstream["result-processor"] = Known(int64(30_000), w.s.At, "Kafka") }, "T-35", Warn, "moves there"},
		{"R-044 consumption", five, func(w *world) { w.s.Rates.Value = Rates{Arrival: 900, Consumption: 500} }, "R-044", Fail, "not higher than before"},
		{"R-119 at the limit", fifteen, func(w *world) { w.s.Usage.Value.CPUPeak = 0.97 }, "R-119", Fail, "R-132"},
		{"R-119 memory", fifteen, func(w *world) { w.s.Usage.Value.MemoryLimit = 0.96 }, "R-119", Fail, "R-072"},
		{"R-119 half the pods", fifteen, func(w *world) { w.s.Usage.Value.Pods = 3 }, "R-119", ResultUnsure, "3 of 6 pods"},
		{"R-120 slower", fifteen, func(w *world) { w.s.Signals.Latency.Value = 6 }, "R-120", Fail, "not lower"},
		{"R-120 under the trigger", fifteen, func(w *world) { w.s.Signals.Latency.Value = 4.9 }, "R-120", Pass, ""},
		{"R-121 open", fifteen, func(w *world) { w.s.Signals.Breaker.Value.Open = 1 }, "R-121", Fail, "service"},
		{"R-122 not low", oneHour, func(w *world) { w.lag(5000).s.Lag.At = w.s.At }, "R-122", Fail, "not under 5,000"},
		{"R-122 low, not good", oneHour, func(w *world) { w.lag(4800).s.Lag.At = w.s.At }, "R-122", Pass, "not under 1,000"},
		{"R-123 at one percent", oneHour, func(w *world) { w.s.Signals.Errors.Value.Share = 0.01 }, "R-123", Fail, ""},
		{"R-124 restarts", oneHour, func(w *world) {
			w.change(func(l *Workload) { l.Pods[2].Restarts, l.Pods[2].LastExit = 3, "OOMKilled" })
		}, "R-124", Fail, "download-worker-2 restarted 3× (OOMKilled)"},
		{"R-125 falls behind", oneHour, func(w *world) { w.s.Rates.Value = Rates{Arrival: 900, Consumption: 800} }, "R-125", Fail, "95 %"},
	}
	for _, tt := range tests {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		r := st.report(tt.horizon, tt.edit)
		check := wantCheck(t, r.Checks, tt.rule, tt.want)
		wantText(t, tt.name, check.Note, tt.note)
		if tt.want == Fail && !r.Diagnose {
			t.Errorf("%s: a failed check offers no diagnosis", tt.name)
		}
	}
}

func TestT28UnknownIsUnknownInEveryReport(t *testing.T) {
	for horizon := range 3 {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		st.Component.Metrics.Writes = Metric{Name: "delta_writes_total"}
		w := st.tell(st.Policy.Times.Horizons[horizon].After)
		r := MakeReport(st.Component, w.Policy, st.op, horizon, Snapshot{At: w.s.At}, nil)
		for _, check := range r.Checks {
			if check.Result != ResultUnsure || check.Note == "" || check.After != "unknown" {
				t.Errorf("%s %s: got %s, %q because %q", r.Horizon, check.Rule, check.Result, check.After, check.Note)
			}
		}
		if r.Verdict != VerdictUndecided || len(r.Chart) != 0 {
			t.Errorf("%s: got %s and %d points", r.Horizon, r.Verdict, len(r.Chart))
		}
	}
}

func TestR047WriteRateIsComparedWhereItIsNamed(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	st.op.Before.Signals.Writes = Known(40.0, start, "scrape")
	bend := func(rate float64) func(*world) {
		return func(w *world) {
			w.Component.Metrics.Writes = Metric{Name: "delta_writes_total"}
			w.s.Signals.Writes = Known(rate, w.s.At, "scrape")
		}
	}
	check := wantCheck(t, st.report(0, bend(62)).Checks, "R-047", Pass)
	if check.Before != "40/s" || check.After != "62/s" {
		t.Errorf("got %q to %q", check.Before, check.After)
	}
	wantCheck(t, st.report(0, bend(30)).Checks, "R-047", Warn)
}

func TestReportsOfScaleDowns(t *testing.T) {
	st := (&story{arrival: 300, rise: 0, each: 100, to: 5}).begin()
	st.op.Change = Replicas{From: 6, To: 5}
	r := st.report(0, nil)
	if r.Verdict != VerdictHolds || r.RollBack || r.Forecast != "" {
		t.Errorf("lag stays low: got %s because %q", r.Verdict, r.Why)
	}
	wantCheck(t, r.Checks, "R-053", Pass)
	bad := (&story{arrival: 450, later: 580, rise: 0, each: 100, to: 5}).begin()
	r = bad.report(0, nil)
	if r.Verdict != VerdictHarmful || !r.RollBack {
		t.Errorf("R-054 lag rises: got %s because %q", r.Verdict, r.Why)
	}
	wantText(t, "R-054", r.Next, "go back one step, to 6 (R-054)")
	wantCheck(t, r.Checks, "R-053", Fail)
	r = bad.report(0, func(w *world) { w.s.Lag = Reading[Lag]{} })
	if r.Verdict != VerdictUndecided {
		t.Errorf("lag unknown: got %s", r.Verdict)
	}
}

func TestChangeWithoutABacklogIsJudgedByItsTriggers(t *testing.T) {
	st := &story{arrival: 450, each: 100, to: 8}
	st.world = st.tell(-time.Second)
	st.begin()
	st.op.Advice.Findings = []Finding{{Rule: "R-002", Outcome: Fires, Sentence: "p95 latency 6.0 s > 5.0 s"}}
	if r := st.report(0, nil); r.Verdict != VerdictWorked {
		t.Errorf("latency recovered: got %s because %q", r.Verdict, r.Why)
	}
	r := st.report(0, func(w *world) { w.s.Signals.Latency.Value = 6 })
	if r.Verdict != VerdictIneffective || !r.RollBack {
		t.Errorf("latency still high: got %s because %q", r.Verdict, r.Why)
	}
	r = st.report(0, func(w *world) { w.s.Signals.Latency = Reading[float64]{} })
	if r.Verdict != VerdictUndecided {
		t.Errorf("latency unknown: got %s because %q", r.Verdict, r.Why)
	}
	st.op.Advice.Findings = nil
	if r := st.report(0, nil); r.Verdict != VerdictNoBacklog || r.Why != "all checks passed; lag is 0" {
		t.Errorf("no trigger: got %s because %q, want that there was nothing to judge by", r.Verdict, r.Why)
	}
	r = st.report(0, func(w *world) { w.s.Signals.Errors = Reading[ErrorRate]{} })
	if r.Verdict != VerdictUndecided || !strings.Contains(r.Why, "there was no backlog to judge by, and 1 check has no answer") {
		t.Errorf("no trigger, a check without an answer: got %s because %q", r.Verdict, r.Why)
	}
	r = st.report(0, func(w *world) { w.s.Signals.Errors.Value.Share = 0.5 })
	if r.Verdict != VerdictUndecided || !strings.Contains(r.Why, "1 check failed") {
		t.Errorf("no trigger, a failed check: got %s because %q", r.Verdict, r.Why)
	}
}

func TestForecastAgainstFact(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	tests := []struct {
		name  string
		drain Drain
		later float64
		want  []string
	}{
		{"faster", Drain{Known: true, Low: 5 * time.Minute, Expected: 6 * time.Minute, High: 9 * time.Minute, Sentence: "about 6 min"}, 0, []string{"Predicted: about 6 min.", "faster than predicted."}},
		{"slower", Drain{Known: true, Low: time.Minute, Expected: time.Minute, High: 80 * time.Second, Sentence: "about 60 s"}, 0, []string{"slower than predicted."}},
		{"never", Drain{Known: true, Never: true, Sentence: "never"}, 0, []string{"Predicted: never. The backlog was gone"}},
		{"none", Drain{Why: "arrivals are unknown"}, 0, []string{"No forecast was made: arrivals are unknown."}},
		{"void", Drain{Known: true, Low: time.Minute, Expected: 3 * time.Minute, High: 4 * time.Minute, Sentence: "about 3 min"}, 1400, []string{"After 5 min, 132,200 wait.", "Arrivals went from", "no longer applies"}},
	}
	for _, tt := range tests {
		st.later = tt.later
		st.op.Plan.After.Drain = tt.drain
		text := st.report(0, nil).Forecast
		wantText(t, tt.name, text, tt.want...)
		if strings.Contains(text, "no longer applies") && strings.Contains(text, "predicted.") {
			t.Errorf("%s: a forecast that no longer applies is compared with: %q", tt.name, text)
		}
	}
}

func TestSuggestsFewerWhenTheLoadHasGone(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	st.op.Reports[1].Verdict = VerdictWorked
	r := st.report(2, func(w *world) {
		idle := idleWorld().workers(12)
		w.past, w.s = idle.past, idle.s
		w.s.Group.Value = groupOf(12, 24)
		for i := range w.past {
			w.past[i].Replicas = 12
		}
	})
	if r.Suggest != 10 {
		t.Errorf("got %d because %q, want 10", r.Suggest, r.Next)
	}
}

// A report's chart ends with the lag that the report speaks of, and its peaks are kept
//
func TestTheChartEndsWhereTheReportDoes(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	r := st.report(1, func(w *world) { w.lag(1_254).s.Lag.At = w.s.At })
	last := r.Chart[len(r.Chart)-1]
	if total, known := r.Lag.Get(); !known || total != 1_254 || last.Lag != 1_254 || !last.At.Equal(r.MadeAt) {
		t.Errorf("got a lag of %d and a chart that ends at %d (%s), want 1,254 at %s", total, last.Lag, last.At, r.MadeAt)
	}
	if len(r.Chart) > maxChart {
		t.Errorf("got %d points, want at most %d", len(r.Chart), maxChart)
	}
	for i := 1; i < len(r.Chart); i++ {
		if !r.Chart[i].At.After(r.Chart[i-1].At) {
			t.Errorf("point %d is at %s, not after %s", i, r.Chart[i].At, r.Chart[i-1].At)
		}
	}
	r = st.report(1, func(w *world) { w.s.Lag = Unknown[Lag]("Kafka does not answer", w.s.At, Broker) })
	if last := r.Chart[len(r.Chart)-1]; last.Lag >= 0 || r.Lag.Known() {
		t.Errorf("got %d at the end of a report without a lag, want unknown", last.Lag)
	}
}

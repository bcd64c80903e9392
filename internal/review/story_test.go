package review

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// story plays a scale-up second by second: what arrives, what the workers manage, the
// pause of the rebalance. It makes the history that reports look back on.
type story struct {
	*measuretest.World
	op Scaled
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
func (st *story) tell(after time.Duration) *measuretest.World {
	w := measuretest.CalmWorld()
	w.Past = nil
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
			p := scale.Point{At: scaletest.Start.Add(at), Ends: ends, Commits: commits, Lag: ends - commits, Moving: moving || at == joins+pauses,
				Replicas: 6, CPU: 0.5, Memory: 0.5, Errors: 0.001, Latency: 1, Throughput: 500}
			if at >= 0 {
				p.Replicas = float32(st.to)
			}
			w.Past = append(w.Past, p)
		}
	}
	w.Now.At = scaletest.Start.Add(after)
	st.readAt(w, after)
	return w
}

// readAt makes everything known at the moment of the world.
func (st *story) readAt(w *measuretest.World, after time.Duration) {
	last := w.Past[len(w.Past)-1]
	n := 6
	if after >= 0 {
		n = st.to
	}
	w.Lag(int64(last.Lag)).Workers(n)
	if after >= joins+pauses {
		w.Now.Group.Value = measuretest.GroupOf(n, 24)
	}
	if rates, ok := measure.Measure(w.Past, w.Policy); ok {
		w.Now.Rates = scale.Known(rates, w.Now.At, "Kafka")
	}
	now := w.Now.At
	s := &w.Now
	s.Group.At, s.Owner.At, s.Usage.At, s.Room.At, s.Partitions.At = now, now, now, now, now
	s.Signals.Latency.At, s.Signals.Errors.At, s.Signals.Throughput.At = now, now, now
	s.Signals.Download.At, s.Signals.Breaker.At = now, now
	s.Downstream = map[string]scale.Reading[int64]{"result-processor": scale.Known(int64(120), now, "Kafka")}
}

// begin proposes the change at the write and settles it when the rebalance is over.
func (st *story) begin() *story {
	st.World = st.tell(-time.Second)
	w := st.World
	advice := judgetest.Recommended(w)
	st.op = scaled(ledger.Operation{ID: "download-worker-17", Component: w.Name, Before: w.Now,
		Advice: advice, Plan: judge.MakePlan(w.Component, w.Policy, w.Now, w.Past, advice, st.to, "r")}, 6, st.to)
	st.op.Operation = st.op.WithRollout(ledger.Rollout{
		WrittenAt: scaletest.Start, ReadyAt: scaletest.Start.Add(joins), RebalanceAt: scaletest.Start.Add(joins), StableAt: scaletest.Start.Add(joins + pauses)})
	for _, h := range w.Policy.Times.Horizons {
		st.op.Reports = append(st.op.Reports, ledger.Report{Horizon: h.Name, Due: scaletest.Start.Add(h.After)})
	}
	return st
}

// report makes the report of a horizon, in the world that edit bends.
func (st *story) report(horizon int, edit func(*measuretest.World)) ledger.Report {
	w := st.tell(st.Policy.Times.Horizons[horizon].After)
	if edit != nil {
		edit(w)
	}
	r := MakeReport(w.Component, w.Policy, st.op, horizon, w.Now, w.Past)
	st.op.Reports[horizon] = r
	return r
}

func TestStoryOfAScaleUpThatWorks(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	if r := judgetest.Recommended(st.World); r.Action != scale.ScaleUp || r.To != 12 {
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
			check := measuretest.WantCheck(t, r.Checks, rule, scale.Pass)
			if check.After == "" || check.Source == "" || check.Name == "" {
				t.Errorf("R-126 %s: got %+v, want a number and its source", rule, check)
			}
		}
		if r.Verdict != scale.VerdictWorked || r.RollBack || r.Diagnose || r.Next == "" {
			t.Errorf("%s: got %s because %q, next %q", r.Horizon, r.Verdict, r.Why, r.Next)
		}
		if n := len(r.Chart); n < 15 || n > maxChart || !r.Chart[0].At.Before(scaletest.Start) || r.Chart[0].Replicas != 6 || r.Chart[n-1].Replicas != 12 {
			t.Errorf("%s: got a chart of %d points from %+v", r.Horizon, n, r.Chart[:min(1, n)])
		}
		if !r.MadeAt.Equal(scaletest.Start.Add(st.Policy.Times.Horizons[i].After)) || r.Due.IsZero() {
			t.Errorf("%s: got made at %s, due %s", r.Horizon, r.MadeAt, r.Due)
		}
	}
	scaletest.WantText(t, "R-041 forecast", st.op.Reports[0].Forecast, "Predicted: about ", "backlog was gone", "after the write, as predicted")
	scaletest.WantText(t, "before and after", measuretest.WantCheck(t, st.op.Reports[0].Checks, "R-114", scale.Pass).Before, "6/6 ready")
	scaletest.WantText(t, "rebalance time", measuretest.WantCheck(t, st.op.Reports[0].Checks, "R-115", scale.Pass).Note, "took 20 s")
}

func TestVerdicts(t *testing.T) {
	tests := []struct {
		name    string
		st      story
		horizon int
		edit    func(*story, *measuretest.World)
		want    scale.Verdict
		why     string
		offer   func(ledger.Report) bool
	}{
		{"worked: cleared what six could not carry", story{arrival: 900, rise: time.Minute, each: 100, to: 12}, 0, nil,
			scale.VerdictWorked, "", func(r ledger.Report) bool { return !r.RollBack && !r.Diagnose }},
		{"worked: throughput rose while lag is deep", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, nil,
			scale.VerdictWorked, "throughput rose as expected: 1,200 msg/s with a backlog, 600 msg/s before, 1,200 msg/s expected", nil},
		{"demand grew", story{arrival: 900, later: 1400, rise: 10 * time.Minute, each: 100, to: 12}, 0, nil,
			scale.VerdictGrew, "arrivals grew from 900 msg/s to 1,400 msg/s", func(r ledger.Report) bool { return r.Suggest == 24 && !r.RollBack }},
		{"partial", story{arrival: 900, rise: 10 * time.Minute, each: 75, to: 12}, 0, nil,
			scale.VerdictPartial, "less than expected", func(r ledger.Report) bool { return r.Diagnose }},
		{"ineffective: a shared bottleneck", story{arrival: 900, rise: 10 * time.Minute, each: 52, to: 12}, 1, nil,
			scale.VerdictIneffective, "throughput hardly rose: 624 msg/s", func(r ledger.Report) bool { return r.RollBack && r.Diagnose && r.Suggest == 0 }},
		{"ineffective although lag falls", story{arrival: 900, later: 300, rise: 10 * time.Minute, each: 52, to: 12}, 0, nil,
			scale.VerdictIneffective, "lag fell because arrivals did", func(r ledger.Report) bool { return r.RollBack }},
		{"ineffective: a little less than before", story{arrival: 900, rise: 10 * time.Minute, each: 49.5, to: 12}, 0, nil,
			scale.VerdictIneffective, "throughput did not rise: 594 msg/s", func(r ledger.Report) bool { return r.RollBack }},
		{"harmful", story{arrival: 900, rise: 10 * time.Minute, each: 40, to: 12}, 0, nil,
			scale.VerdictHarmful, "throughput fell", func(r ledger.Report) bool { return r.RollBack && r.Diagnose }},
		{"nine does what eight would, and that is no failure", story{arrival: 780, rise: 10 * time.Minute, each: 100, to: 9}, 0, nil,
			scale.VerdictWorked, "800 msg/s expected", nil},
		{"not applied: pods pending", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, func(_ *story, w *measuretest.World) {
			w.Change(func(l *scale.Workload) {
				l.Ready = 6
				for i := 6; i < 12; i++ {
					l.Pods[i].Ready, l.Pods[i].Phase, l.Pods[i].Trouble = false, "Pending", "Insufficient cpu"
				}
			})
		}, scale.VerdictNotApplied, "only 6 of 12 pods are ready: download-worker-6, Insufficient cpu", func(r ledger.Report) bool { return r.RollBack && r.Diagnose }},
		{"not applied: members own nothing", story{arrival: 900, rise: 10 * time.Minute, each: 50, to: 12}, 0, func(_ *story, w *measuretest.World) {
			w.Now.Group.Value = measuretest.GroupOf(6, 24)
		}, scale.VerdictNotApplied, "only 6 members own partitions", nil},
		{"not applied: reverted", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, func(st *story, _ *measuretest.World) {
			st.op.Steps[0].Rollout.RevertedBy, st.op.Steps[0].Rollout.RevertedTo = "HPA dw-hpa", 6
		}, scale.VerdictNotApplied, "HPA dw-hpa set the count back to 6", func(r ledger.Report) bool { return !r.RollBack }},
		{"not applied: somebody scaled since", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, func(_ *story, w *measuretest.World) {
			w.Workers(7).Now.Workload.At = w.Now.At
		}, scale.VerdictNotApplied, "7 replicas are wanted now, not 12", func(r ledger.Report) bool { return strings.Contains(r.Next, "propose 12 again") && !r.RollBack }},
		{"undecided: lag unknown", story{arrival: 900, rise: time.Minute, each: 100, to: 12}, 0, func(_ *story, w *measuretest.World) {
			w.Now.Lag = scale.Unknown[scale.Lag]("Kafka does not answer", w.Now.At, "Kafka")
		}, scale.VerdictUndecided, "lag is unknown: Kafka does not answer", nil},
		{"undecided: the runbook's figure alone stands for before", story{arrival: 900, rise: 10 * time.Minute, each: 40, to: 12}, 0, func(st *story, w *measuretest.World) {
			st.op.Advice.Capacity = scale.Capacity{PerWorker: 100, Basis: measure.BasisRunbook}
			for i := range w.Past {
				if w.Past[i].At.Before(st.op.Rollout().WrittenAt) {
					w.Past[i].Commits = scale.Missing
				}
			}
		}, scale.VerdictUndecided, "before was not measured", func(r ledger.Report) bool { return !r.RollBack }},
		{"undecided: cleared, and six would have done", story{arrival: 900, later: 100, rise: time.Minute, each: 100, to: 8}, 0, nil,
			scale.VerdictUndecided, "is gone", nil},
		{"undecided: nothing seen since it settled", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 0, func(st *story, w *measuretest.World) {
			st.op.Steps[0].Rollout.StableAt = w.Now.At.Add(-20 * time.Second)
		}, scale.VerdictUndecided, "too little has been seen", nil},
		{"what had worked stays so while a quiet group keeps up", story{arrival: 900, later: 450, rise: time.Minute, each: 100, to: 12}, 2, func(st *story, w *measuretest.World) {
			st.op.Reports[1].Verdict = scale.VerdictWorked
			w.Lag(2_336).Now.Lag.At = w.Now.At
		}, scale.VerdictWorked, "the change had worked, and 12 workers keep up with the 450 msg/s that arrive now; lag is 2,336", func(r ledger.Report) bool { return !r.Diagnose && !r.RollBack }},
		{"undecided: a quiet group keeps up, and nothing was seen before", story{arrival: 900, later: 450, rise: time.Minute, each: 100, to: 12}, 2, func(_ *story, w *measuretest.World) {
			w.Lag(2_336).Now.Lag.At = w.Now.At
		}, scale.VerdictUndecided, "too little is waiting to show what the new workers add", nil},
		{"regressed at the end", story{arrival: 900, rise: 10 * time.Minute, each: 100, to: 12}, 2, func(st *story, w *measuretest.World) {
			st.op.Reports[1].Verdict = scale.VerdictWorked
			w.Lag(30_000).Now.Lag.At = w.Now.At
		}, scale.VerdictRegressed, "lag is back at 30,000", func(r ledger.Report) bool { return r.Diagnose }},
	}
	for _, tt := range tests {
		st := tt.st
		st.begin()
		r := st.report(tt.horizon, func(w *measuretest.World) {
			if tt.edit != nil {
				tt.edit(&st, w)
			}
		})
		if r.Verdict != tt.want {
			t.Errorf("%s: got %s because %s, want %s", tt.name, r.Verdict, r.Why, tt.want)
			continue
		}
		scaletest.WantText(t, tt.name, r.Why, tt.why)
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
	st.op.Plan.After.Drain = ledger.Drain{Known: true, Low: 15 * time.Minute, Expected: 18 * time.Minute, High: 22 * time.Minute}
	check := measuretest.WantCheck(t, st.report(1, nil).Checks, "R-118", scale.Warn)
	scaletest.WantText(t, "on track", check.Note, "on track", "within the forecast")
	st.op.Plan.After.Drain.High = 15 * time.Minute
	check = measuretest.WantCheck(t, st.report(1, nil).Checks, "R-118", scale.Fail)
	scaletest.WantText(t, "too slow", check.Note, "falling too slowly", "at most 15 min")
	st.op.Plan.After.Drain = ledger.Drain{}
	measuretest.WantCheck(t, st.report(1, nil).Checks, "R-118", scale.Warn)
	rising := (&story{arrival: 900, later: 1400, rise: 1000 * time.Second, each: 100, to: 12}).begin()
	measuretest.WantCheck(t, rising.report(1, nil).Checks, "R-118", scale.Fail)
}

func TestT25TrendIsTakenAfterTheRebalance(t *testing.T) {
	// Lag at 5 minutes is still above the start value, but it falls.
	st := (&story{arrival: 1000, rise: 10 * time.Minute, each: 88, to: 12}).begin()
	r := st.report(0, nil)
	check := measuretest.WantCheck(t, r.Checks, "R-117", scale.Pass)
	scaletest.WantText(t, "falling", check.After, "falling by 56 msg/s")
	grew := (&story{arrival: 900, later: 1400, rise: 10 * time.Minute, each: 100, to: 12}).begin()
	scaletest.WantText(t, "rising", measuretest.WantCheck(t, grew.report(0, nil).Checks, "R-117", scale.Fail).Note, "lag rises")
	flat := (&story{arrival: 900, later: 1200, rise: 10 * time.Minute, each: 100, to: 12}).begin()
	measuretest.WantCheck(t, flat.report(0, nil).Checks, "R-117", scale.Warn)
}

func TestReportChecks(t *testing.T) {
	oneHour, fifteen, five := 2, 1, 0
	tests := []struct {
		name    string
		horizon int
		edit    func(*measuretest.World)
		rule    string
		want    scale.Result
		note    string
	}{
		{"R-036 8 of 9", five, func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) { l.Pods[3].Ready, l.Pods[3].Waiting, l.Ready = false, "CrashLoopBackOff", 11 })
		}, "R-114", scale.Fail, "download-worker-3: CrashLoopBackOff"},
		{"rollout in between", five, func(w *measuretest.World) { w.Change(func(l *scale.Workload) { l.Rolling = true }) }, "R-114", scale.Warn, "T-37"},
		{"still rebalancing", five, func(w *measuretest.World) { w.Now.Group.Value.State = "PreparingRebalance" }, "R-115", scale.Fail, "hands out"},
		{"T-36 pods that have not joined", five, func(w *measuretest.World) { w.Now.Group.Value = measuretest.GroupOf(8, 24) }, "R-115", scale.Fail, "8 members for 12 pods"},
		{"foreign members", five, func(w *measuretest.World) { w.Now.Group.Value = measuretest.GroupOf(13, 24) }, "R-115", scale.Warn, "somebody else consumes"},
		{"R-037 one has far more", five, func(w *measuretest.World) {
			w.Now.Group.Value = measuretest.GroupOf(12, 20)
			w.Now.Group.Value.Members[0].Partitions["xact.downloads.pending"] = []int32{0, 12, 20, 21, 22, 23}
		}, "R-115", scale.Fail, "one member owns 6"},
		{"T-27 spike", five, func(w *measuretest.World) {
			w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.03, Kinds: map[string]float64{"timeout": 9}}
		}, "R-116", scale.Fail, "timeout 9/s"},
		{"T-27 twice nothing is no spike", five, func(w *measuretest.World) { w.Now.Signals.Errors.Value.Share = 0.009 }, "R-116", scale.Pass, ""},
		{"T-27 high before as well", five, func(w *measuretest.World) {
			for i := range w.Past {
				w.Past[i].Errors = 0.02
			}
			w.Now.Signals.Errors.Value.Share = 0.03
		}, "R-116", scale.Warn, "not more than 2 times the rate before"},
		{"T-35 backlog moved on", five, func(w *measuretest.World) {
			w.Now.Downstream["result-processor"] = scale.Known(int64(30_000), w.Now.At, "Kafka")
		}, "T-35", scale.Warn, "moves there"},
		{"R-044 consumption", five, func(w *measuretest.World) { w.Now.Rates.Value = scale.Rates{Arrival: 900, Consumption: 500} }, "R-044", scale.Fail, "not higher than before"},
		{"R-119 at the limit", fifteen, func(w *measuretest.World) { w.Now.Usage.Value.CPUPeak = 0.97 }, "R-119", scale.Fail, "R-132"},
		{"R-119 memory", fifteen, func(w *measuretest.World) { w.Now.Usage.Value.MemoryLimit = 0.96 }, "R-119", scale.Fail, "R-072"},
		{"R-119 half the pods", fifteen, func(w *measuretest.World) { w.Now.Usage.Value.Pods = 3 }, "R-119", scale.ResultUnsure, "3 of 6 pods"},
		{"R-120 slower", fifteen, func(w *measuretest.World) { w.Now.Signals.Latency.Value = 6 }, "R-120", scale.Fail, "not lower"},
		{"R-120 under the trigger", fifteen, func(w *measuretest.World) { w.Now.Signals.Latency.Value = 4.9 }, "R-120", scale.Pass, ""},
		{"R-121 open", fifteen, func(w *measuretest.World) { w.Now.Signals.Breaker.Value.Open = 1 }, "R-121", scale.Fail, "service"},
		{"R-122 not low", oneHour, func(w *measuretest.World) { w.Lag(5000).Now.Lag.At = w.Now.At }, "R-122", scale.Fail, "not under 5,000"},
		{"R-122 low, not good", oneHour, func(w *measuretest.World) { w.Lag(4800).Now.Lag.At = w.Now.At }, "R-122", scale.Pass, "not under 1,000"},
		{"R-123 at one percent", oneHour, func(w *measuretest.World) { w.Now.Signals.Errors.Value.Share = 0.01 }, "R-123", scale.Fail, ""},
		{"R-124 restarts", oneHour, func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) { l.Pods[2].Restarts, l.Pods[2].LastExit = 3, "OOMKilled" })
		}, "R-124", scale.Fail, "download-worker-2 restarted 3× (OOMKilled)"},
		{"R-125 falls behind", oneHour, func(w *measuretest.World) { w.Now.Rates.Value = scale.Rates{Arrival: 900, Consumption: 800} }, "R-125", scale.Fail, "95 %"},
	}
	for _, tt := range tests {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		r := st.report(tt.horizon, tt.edit)
		check := measuretest.WantCheck(t, r.Checks, tt.rule, tt.want)
		scaletest.WantText(t, tt.name, check.Note, tt.note)
		if tt.want == scale.Fail && !r.Diagnose {
			t.Errorf("%s: a failed check offers no diagnosis", tt.name)
		}
	}
}

func TestT28UnknownIsUnknownInEveryReport(t *testing.T) {
	for horizon := range 3 {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		st.Component.Metrics.Writes = scale.Metric{Name: "delta_writes_total"}
		w := st.tell(st.Policy.Times.Horizons[horizon].After)
		r := MakeReport(st.Component, w.Policy, st.op, horizon, scale.Snapshot{At: w.Now.At}, nil)
		for _, check := range r.Checks {
			if check.Result != scale.ResultUnsure || check.Note == "" || check.After != "unknown" {
				t.Errorf("%s %s: got %s, %q because %q", r.Horizon, check.Rule, check.Result, check.After, check.Note)
			}
		}
		if r.Verdict != scale.VerdictUndecided || len(r.Chart) != 0 {
			t.Errorf("%s: got %s and %d points", r.Horizon, r.Verdict, len(r.Chart))
		}
	}
}

func TestR047WriteRateIsComparedWhereItIsNamed(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	st.op.Before.Signals.Writes = scale.Known(40.0, scaletest.Start, "scrape")
	bend := func(rate float64) func(*measuretest.World) {
		return func(w *measuretest.World) {
			w.Component.Metrics.Writes = scale.Metric{Name: "delta_writes_total"}
			w.Now.Signals.Writes = scale.Known(rate, w.Now.At, "scrape")
		}
	}
	check := measuretest.WantCheck(t, st.report(0, bend(62)).Checks, "R-047", scale.Pass)
	if check.Before != "40/s" || check.After != "62/s" {
		t.Errorf("got %q to %q", check.Before, check.After)
	}
	measuretest.WantCheck(t, st.report(0, bend(30)).Checks, "R-047", scale.Warn)
}

func TestReportsOfScaleDowns(t *testing.T) {
	st := (&story{arrival: 300, rise: 0, each: 100, to: 5}).begin()
	r := st.report(0, nil)
	if r.Verdict != scale.VerdictHolds || r.RollBack || r.Forecast != "" {
		t.Errorf("lag stays low: got %s because %q", r.Verdict, r.Why)
	}
	measuretest.WantCheck(t, r.Checks, "R-053", scale.Pass)
	bad := (&story{arrival: 450, later: 580, rise: 0, each: 100, to: 5}).begin()
	r = bad.report(0, nil)
	if r.Verdict != scale.VerdictHarmful || !r.RollBack {
		t.Errorf("R-054 lag rises: got %s because %q", r.Verdict, r.Why)
	}
	scaletest.WantText(t, "R-054", r.Next, "go back one step, to 6 (R-054)")
	measuretest.WantCheck(t, r.Checks, "R-053", scale.Fail)
	r = bad.report(0, func(w *measuretest.World) { w.Now.Lag = scale.Reading[scale.Lag]{} })
	if r.Verdict != scale.VerdictUndecided {
		t.Errorf("lag unknown: got %s", r.Verdict)
	}
}

func TestChangeWithoutABacklogIsJudgedByItsTriggers(t *testing.T) {
	st := &story{arrival: 450, each: 100, to: 8}
	st.World = st.tell(-time.Second)
	st.begin()
	st.op.Advice.Findings = []scale.Finding{{Rule: "R-002", Outcome: scale.Fires, Sentence: "p95 latency 6.0 s > 5.0 s"}}
	if r := st.report(0, nil); r.Verdict != scale.VerdictWorked {
		t.Errorf("latency recovered: got %s because %q", r.Verdict, r.Why)
	}
	r := st.report(0, func(w *measuretest.World) { w.Now.Signals.Latency.Value = 6 })
	if r.Verdict != scale.VerdictIneffective || !r.RollBack {
		t.Errorf("latency still high: got %s because %q", r.Verdict, r.Why)
	}
	r = st.report(0, func(w *measuretest.World) { w.Now.Signals.Latency = scale.Reading[float64]{} })
	if r.Verdict != scale.VerdictUndecided {
		t.Errorf("latency unknown: got %s because %q", r.Verdict, r.Why)
	}
	st.op.Advice.Findings = nil
	if r := st.report(0, nil); r.Verdict != scale.VerdictNoBacklog || r.Why != "all checks passed; lag is 0" {
		t.Errorf("no trigger: got %s because %q, want that there was nothing to judge by", r.Verdict, r.Why)
	}
	r = st.report(0, func(w *measuretest.World) { w.Now.Signals.Errors = scale.Reading[scale.ErrorRate]{} })
	if r.Verdict != scale.VerdictUndecided || !strings.Contains(r.Why, "there was no backlog to judge by, and 1 check has no answer") {
		t.Errorf("no trigger, a check without an answer: got %s because %q", r.Verdict, r.Why)
	}
	r = st.report(0, func(w *measuretest.World) { w.Now.Signals.Errors.Value.Share = 0.5 })
	if r.Verdict != scale.VerdictUndecided || !strings.Contains(r.Why, "1 check failed") {
		t.Errorf("no trigger, a failed check: got %s because %q", r.Verdict, r.Why)
	}
}

func TestForecastAgainstFact(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	tests := []struct {
		name  string
		drain ledger.Drain
		later float64
		want  []string
	}{
		{"faster", ledger.Drain{Known: true, Low: 5 * time.Minute, Expected: 6 * time.Minute, High: 9 * time.Minute, Sentence: "about 6 min"}, 0, []string{"Predicted: about 6 min.", "faster than predicted."}},
		{"slower", ledger.Drain{Known: true, Low: time.Minute, Expected: time.Minute, High: 80 * time.Second, Sentence: "about 60 s"}, 0, []string{"slower than predicted."}},
		{"never", ledger.Drain{Known: true, Never: true, Sentence: "never"}, 0, []string{"Predicted: never. The backlog was gone"}},
		{"none", ledger.Drain{Why: "arrivals are unknown"}, 0, []string{"No forecast was made: arrivals are unknown."}},
		{"void", ledger.Drain{Known: true, Low: time.Minute, Expected: 3 * time.Minute, High: 4 * time.Minute, Sentence: "about 3 min"}, 1400, []string{"After 5 min, 132,200 wait.", "Arrivals went from", "no longer applies"}},
	}
	for _, tt := range tests {
		st.later = tt.later
		st.op.Plan.After.Drain = tt.drain
		text := st.report(0, nil).Forecast
		scaletest.WantText(t, tt.name, text, tt.want...)
		if strings.Contains(text, "no longer applies") && strings.Contains(text, "predicted.") {
			t.Errorf("%s: a forecast that no longer applies is compared with: %q", tt.name, text)
		}
	}
}

func TestSuggestsFewerWhenTheLoadHasGone(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	st.op.Reports[1].Verdict = scale.VerdictWorked
	r := st.report(2, func(w *measuretest.World) {
		idle := measuretest.IdleWorld().Workers(12)
		w.Past, w.Now = idle.Past, idle.Now
		w.Now.Group.Value = measuretest.GroupOf(12, 24)
		for i := range w.Past {
			w.Past[i].Replicas = 12
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
	r := st.report(1, func(w *measuretest.World) { w.Lag(1_254).Now.Lag.At = w.Now.At })
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
	r = st.report(1, func(w *measuretest.World) {
		w.Now.Lag = scale.Unknown[scale.Lag]("Kafka does not answer", w.Now.At, scale.Broker)
	})
	if last := r.Chart[len(r.Chart)-1]; last.Lag >= 0 || r.Lag.Known() {
		t.Errorf("got %d at the end of a report without a lag, want unknown", last.Lag)
	}
}

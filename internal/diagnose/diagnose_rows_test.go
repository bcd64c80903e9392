package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// scaledAgo makes a history in which the present 9 workers came so long ago, after 6 before,
// while lag rises by so many messages per second.
func scaledAgo(w *measuretest.World, ago time.Duration, rises float64) *measuretest.World {
	total := float64(w.Now.Lag.Value.Total)
	w.Workers(9)
	w.Now.Group.Value = measuretest.GroupOf(9, 24)
	return w.Remember(2*time.Hour, func(age time.Duration, p *scale.Point) {
		p.Lag = total - rises*age.Seconds()
		p.Commits = p.Ends - p.Lag
		if age >= ago {
			p.Replicas = 6
		}
	})
}

// what each branch of the diagnosis shows, how it is judged and why.
func TestWhatTheDiagnosisShows(t *testing.T) {
	for _, c := range []struct {
		rule, name string
		world      *measuretest.World
		edit       func(*measuretest.World)
		want       string
	}{
		{"R-129", "rises after a scale-up", scaledAgo(measuretest.CalmWorld().Lag(20_000), 10*time.Minute, 20), nil, "fail:  → 20,000, rising by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-129", "rises, and the added ones do not run", scaledAgo(measuretest.CalmWorld().Lag(20_000), 10*time.Minute, 20), func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) { l.Pods = l.Pods[:6] })
		}, "warn:  → 20,000, rising by 20 msg/s (scaled from 6 to 9 10 min ago, and none of the added ones is ready)"},
		{"R-129", "rises, and is good", scaledAgo(measuretest.CalmWorld().Lag(1000), 10*time.Minute, 20), nil, "pass:  → 1,000, rising by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-129", "rises, and is just not good", scaledAgo(measuretest.CalmWorld().Lag(1001), 10*time.Minute, 20), nil, "fail:  → 1,001, rising by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-129", "falls", scaledAgo(measuretest.CalmWorld().Lag(20_000), 10*time.Minute, -20), nil, "pass:  → 20,000, falling by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-129", "an hour ago", scaledAgo(measuretest.CalmWorld().Lag(20_000), time.Hour, 20), nil, "fail:  → 20,000, rising by 20 msg/s (scaled from 6 to 9 1 h ago)"},
		{"R-129", "longer ago", scaledAgo(measuretest.CalmWorld().Lag(20_000), time.Hour+time.Second, 20), nil, "pass:  → 20,000, rising by 20 msg/s (no scale-up in the last hour)"},
		{"R-129", "taken back", measuretest.CalmWorld().Lag(20_000).Remember(2*time.Hour, func(ago time.Duration, p *scale.Point) {
			p.Lag = 20_000
			if ago >= 10*time.Minute && ago < 40*time.Minute {
				p.Replicas = 9
			}
		}), nil, "pass:  → 20,000, stable (scaled from 6 to 9 in the last hour, and back to 6 10 min ago)"},
		{"R-129", "taken back, and added longer ago", measuretest.CalmWorld().Lag(20_000).Remember(2*time.Hour, func(ago time.Duration, p *scale.Point) {
			p.Lag = 20_000
			if ago >= 10*time.Minute && ago < 80*time.Minute {
				p.Replicas = 9
			}
		}), nil, "pass:  → 20,000, stable (no scale-up in the last hour)"},
		{"R-129", "nobody knows the trend", measuretest.CalmWorld().Lag(20_000), func(w *measuretest.World) { w.Past = nil }, "unknown:  → 20,000, trend unknown (where lag is going is unknown)"},
		{"R-129", "nobody knows how many there were", scaledAgo(measuretest.CalmWorld().Lag(20_000), 10*time.Minute, 20), func(w *measuretest.World) {
			for i := range w.Past {
				if w.Past[i].Replicas == 6 {
					w.Past[i].Replicas = float32(scale.Missing)
				}
			}
		}, "pass:  → 20,000, rising by 20 msg/s (no scale-up in the last hour)"},
		{"R-129", "a partition is not read", scaledAgo(measuretest.CalmWorld().Lag(24_000), 10*time.Minute, 20), func(w *measuretest.World) {
			w.Now.Lag.Value.Partitions[0].Flag = scale.LagUnknown
			w.Now.Lag.Value = scale.SumLag(w.Now.Lag.Value.Partitions, nil)
		}, "fail:  → at least 23,000, rising by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-130", "nothing is slow", measuretest.CalmWorld(), nil, "pass:  → transfer p95 0.8 s ()"},
		{"R-130", "the transfer is slow", measuretest.CalmWorld(), func(w *measuretest.World) { w.Now.Signals.Download.Value = 9 }, "fail:  → the transfer takes 9.0 s at p95, over 5.0 s ()"},
		{"R-130", "as slow as it may be", measuretest.CalmWorld(), func(w *measuretest.World) { w.Now.Signals.Download.Value = 5 }, "pass:  → transfer p95 5.0 s ()"},
		{"R-130", "no limit is set", measuretest.CalmWorld(), func(w *measuretest.World) { w.Up.SlowDownload, w.Now.Signals.Download.Value = 0, 9 }, "pass:  → transfer p95 9.0 s ()"},
		{"R-130", "no limit is set, and the largest bucket is passed", measuretest.CalmWorld(), func(w *measuretest.World) { w.Up.SlowDownload, w.Now.Signals.Download = 0, measuretest.AtLeast(9) }, "pass:  → transfer p95 at least 9.0 s ()"},
		{"R-130", "nobody knows", measuretest.CalmWorld(), func(w *measuretest.World) {
			w.Now.Signals.Download = scale.Unknown[float64]("no metrics", scaletest.Start, "")
		}, "unknown:  → unknown (no metrics)"},
		{"R-130", "one breaker is open", measuretest.CalmWorld(), func(w *measuretest.World) { w.Now.Signals.Breaker.Value.Open = 1 }, "fail:  → 1 of 6 circuit breakers is open ()"},
		{"R-130", "two are", measuretest.CalmWorld(), func(w *measuretest.World) { w.Now.Signals.Breaker.Value.Open = 2 }, "fail:  → 2 of 6 circuit breakers are open ()"},
		{"R-132", "below", measuretest.CalmWorld(), nil, "pass:  → CPU 50 % of limit, memory 50 % of limit ()"},
		{"R-132", "one pod's CPU at its bound", measuretest.CalmWorld(), func(w *measuretest.World) { w.Now.Usage.Value.CPUPeak = 0.95 }, "fail:  → CPU 50 % of limit, memory 50 % of limit ()"},
		{"R-132", "one pod's CPU just below", measuretest.CalmWorld(), func(w *measuretest.World) { w.Now.Usage.Value.CPUPeak = 0.949 }, "pass:  → CPU 50 % of limit, memory 50 % of limit ()"},
		{"R-132", "no bound for memory", measuretest.CalmWorld(), func(w *measuretest.World) { w.Now.Usage.Value.MemoryLimit, w.Now.Usage.Value.MemoryRequest = -1, -1 }, "unknown:  → CPU 50 % of limit, memory unknown (the pods set neither a limit nor a request for memory)"},
		{"R-132", "no bound for CPU", measuretest.CalmWorld(), func(w *measuretest.World) { w.Now.Usage.Value.CPULimit, w.Now.Usage.Value.CPURequest = -1, -1 }, "unknown:  → CPU unknown, memory 50 % of limit (the pods set neither a limit nor a request for CPU)"},
		{"R-132", "no bounds", measuretest.CalmWorld(), func(w *measuretest.World) {
			w.Now.Usage.Value = scale.Usage{CPULimit: -1, CPURequest: -1, MemoryLimit: -1, MemoryRequest: -1, Pods: 6, Of: 6}
		}, "unknown:  → CPU unknown, memory unknown (the pods set neither a limit nor a request)"},
		{"R-132", "idle", measuretest.CalmWorld(), func(w *measuretest.World) { w.Now.Usage.Value = scale.Usage{Pods: 6, Of: 6} }, "pass:  → CPU 0 % of limit, memory 0 % of limit ()"},
		{"R-132", "killed for memory", measuretest.CalmWorld(), func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) {
				for i := range 4 {
					l.Pods[i].LastExit, l.Pods[i].Restarts = "OOMKilled", i+1
				}
			})
		}, "fail:  → killed for memory (download-worker-0 (1 restart), download-worker-1 (2 restarts), download-worker-2 (3 restarts) and 1 more)"},
		{"R-132", "being killed for memory", measuretest.CalmWorld(), func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) { l.Pods[0].Cause = scale.CauseMemory })
		}, "fail:  → killed for memory (download-worker-0 (0 restarts))"},
	} {
		if c.edit != nil {
			c.edit(c.world)
		}
		d := Diagnose(c.world.Component, c.world.Policy, c.world.Now, c.world.Past)
		i := slices.IndexFunc(d.Findings, func(f scale.Check) bool { return string(f.Rule) == c.rule })
		if got := measuretest.Line(d.Findings[i]); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.rule, c.name, got, c.want)
		}
		if d.Findings[i].Name == "" || d.Findings[i].Source == "" {
			t.Errorf("%s %s: got name %q, source %q", c.rule, c.name, d.Findings[i].Name, d.Findings[i].Source)
		}
	}
}

// The headline is that of the first branch that failed, else of the first that warns, and
// one worker manages what several manage.
func TestTheDiagnosisLeadsWithTheFirstFailure(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.05}
	w.Now.Usage.Value.CPUPeak = 0.99
	w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerConflict, Name: "HPA a", Other: "ScaledObject b"}
	if d := Diagnose(w.Component, w.Policy, w.Now, w.Past); d.Headline != "CPU is at its bound." {
		t.Errorf("two failures and a warning: got %q, want the first failure", d.Headline)
	}
	w = measuretest.CalmWorld()
	w.Now.Group.Value, w.Now.Signals.Errors.Value = measuretest.GroupOf(4, 24), scale.ErrorRate{Share: 0.05}
	if d := Diagnose(w.Component, w.Policy, w.Now, w.Past); d.Headline != "Ready pods do not take part in the group." {
		t.Errorf("two warnings: got %q, want the first", d.Headline)
	}
	w = measuretest.CalmWorld()
	w.Now.Signals.Download = scale.Reading[float64]{}
	if d := Diagnose(w.Component, w.Policy, w.Now, w.Past); d.Headline != "Nothing stands out, but 1 question could not be answered." {
		t.Errorf("one question: got %q", d.Headline)
	}
	w = measuretest.Spike(20_000).Workers(1)
	w.Min, w.Now.Group.Value = 1, measuretest.GroupOf(1, 24)
	if d := Diagnose(w.Component, w.Policy, w.Now, w.Past); d.Headline != "Nothing is broken: there is more to do than 1 worker manages." {
		t.Errorf("one worker: got %q", d.Headline)
	}
}

// T-33: each reason against more workers comes with what to do instead,
// in order, and nothing else.
func TestEachReasonComesWithItsRemedies(t *testing.T) {
	incident := "follow the incident response runbook if that does not help (R-137)"
	for name, c := range map[string]struct {
		edit     func(*measuretest.World)
		veto     string
		remedies []string
	}{
		"a slow transfer": {func(w *measuretest.World) { w.Now.Signals.Download.Value = 9 }, "the bottleneck is elsewhere: the transfer takes 9.0 s at p95, over 5.0 s", []string{
			"look at the external service and the transfer time first (R-130)", "do not raise concurrency while it is slow (R-076)", incident}},
		"one record": {func(w *measuretest.World) { w.OnPartitions(14_200, 7).Moving(10); w.Still(7) }, "; no number of workers gets past one record", []string{
			"find the record that is retried there and move it to the dead-letter topic (R-137)",
			"restart the worker that owns the partition once the record is out of the way", incident}},
		"one partition": {func(w *measuretest.World) { w.OnPartitions(14_200, 7).Moving(10) }, "partition 7 of xact.downloads.pending holds over 80 % of the lag, fewer than the 6 workers; each partition has one worker already", []string{
			"check the message key: one key or few keys get most of the traffic (T-33)",
			"make processing of one message faster (R-070, R-074)", "then consider more partitions (R-089)", incident}},
		"two partitions": {func(w *measuretest.World) { w.OnPartitions(14_200, 7, 8).Moving(10) }, "partitions 7 and 8 of xact.downloads.pending hold 80 % of the lag, fewer than the 6 workers", nil},
		"a rebalance": {func(w *measuretest.World) { w.Now.Group.Value.State = "PreparingRebalance" }, "the group is rebalancing (PreparingRebalance)", []string{
			"wait until the group is stable again (R-110, R-133)"}},
	} {
		w := measuretest.Spike(14_200)
		c.edit(w)
		r := judgetest.Recommended(w)
		scaletest.WantText(t, name, strings.Join(r.Vetoes, "\n"), c.veto)
		if c.remedies != nil && !slices.Equal(r.Remedies, c.remedies) {
			t.Errorf("%s: got remedies %q, want %q", name, r.Remedies, c.remedies)
		}
	}
	w := measuretest.CalmWorld()
	w.Now.Group.Value.State, w.Now.Group.Value.RebalancingSince = "PreparingRebalance", scaletest.Start.Add(-3*time.Minute)
	if got := newView(w.Component, w.Policy, w.Now, w.Past).RebalanceVeto(); got != "the group is rebalancing (PreparingRebalance for 3 min)" {
		t.Errorf("a rebalance since when: got %q", got)
	}
	w = measuretest.CalmWorld().SlowDown(0.74, 2*time.Minute)
	w.Policy.Up.Lag.Value = 1000
	scaletest.WantText(t, "slower workers", strings.Join(judgetest.Recommended(w).Remedies, "\n"), "look at what the workers call first, and at what changed last (R-130, R-109)")
	scaletest.WantText(t, "slower workers, diagnosed", strings.Join(Diagnose(w.Component, w.Policy, w.Now, w.Past).Next, "\n"),
		"look at what the workers call, and at what changed last (R-130, R-109)\nadd no workers until it is known why they are slower")
	w = measuretest.Spike(14_200)
	w.Now.Signals.Download.Value = 9
	d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
	scaletest.WantText(t, "slow, diagnosed", d.Headline, "over 5.0 s. More workers will not help.")
	scaletest.WantText(t, "slow, diagnosed", strings.Join(d.Next, "\n"), "keep the concurrency as it is while the service is slow (R-076)")
}

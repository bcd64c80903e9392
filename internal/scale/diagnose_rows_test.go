package scale

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// scaledAgo makes a history in which the present 9 workers came so long ago, after 6 before,
// while lag rises by so many messages per second.
func (w *world) scaledAgo(ago time.Duration, rises float64) *world {
	total := float64(w.s.Lag.Value.Total)
	w.workers(9)
	w.s.Group.Value = groupOf(9, 24)
	return w.remember(2*time.Hour, func(age time.Duration, p *Point) {
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
		world      *world
		edit       func(*world)
		want       string
	}{
		{"R-129", "rises after a scale-up", calmWorld().lag(20_000).scaledAgo(10*time.Minute, 20), nil, "fail:  → 20,000, rising by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-129", "rises, and is good", calmWorld().lag(1000).scaledAgo(10*time.Minute, 20), nil, "pass:  → 1,000, rising by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-129", "rises, and is just not good", calmWorld().lag(1001).scaledAgo(10*time.Minute, 20), nil, "fail:  → 1,001, rising by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-129", "falls", calmWorld().lag(20_000).scaledAgo(10*time.Minute, -20), nil, "pass:  → 20,000, falling by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-129", "an hour ago", calmWorld().lag(20_000).scaledAgo(time.Hour, 20), nil, "fail:  → 20,000, rising by 20 msg/s (scaled from 6 to 9 1 h ago)"},
		{"R-129", "longer ago", calmWorld().lag(20_000).scaledAgo(time.Hour+time.Second, 20), nil, "pass:  → 20,000, rising by 20 msg/s (no scale-up in the last hour)"},
		{"R-129", "nobody knows the trend", calmWorld().lag(20_000), func(w *world) { w.past = nil }, "unknown:  → 20,000, trend unknown (where lag is going is unknown)"},
		{"R-129", "nobody knows how many there were", calmWorld().lag(20_000).scaledAgo(10*time.Minute, 20), func(w *world) {
			for i := range w.past {
				if w.past[i].Replicas == 6 {
					w.past[i].Replicas = float32(Missing)
				}
			}
		}, "pass:  → 20,000, rising by 20 msg/s (no scale-up in the last hour)"},
		{"R-129", "a partition is not read", calmWorld().lag(24_000).scaledAgo(10*time.Minute, 20), func(w *world) {
			w.s.Lag.Value.Partitions[0].Flag = LagUnknown
			w.s.Lag.Value = SumLag(w.s.Lag.Value.Partitions, nil)
		}, "fail:  → at least 23,000, rising by 20 msg/s (scaled from 6 to 9 10 min ago)"},
		{"R-130", "nothing is slow", calmWorld(), nil, "pass:  → transfer p95 0.8 s ()"},
		{"R-130", "the transfer is slow", calmWorld(), func(w *world) { w.s.Signals.Download.Value = 9 }, "fail:  → the transfer takes 9.0 s at p95, over 5.0 s ()"},
		{"R-130", "as slow as it may be", calmWorld(), func(w *world) { w.s.Signals.Download.Value = 5 }, "pass:  → transfer p95 5.0 s ()"},
		{"R-130", "no limit is set", calmWorld(), func(w *world) { w.Up.SlowDownload, w.s.Signals.Download.Value = 0, 9 }, "pass:  → transfer p95 9.0 s ()"},
		{"R-130", "no limit is set, and the largest bucket is passed", calmWorld(), func(w *world) { w.Up.SlowDownload, w.s.Signals.Download = 0, atLeast(9) }, "pass:  → transfer p95 at least 9.0 s ()"},
		{"R-130", "nobody knows", calmWorld(), func(w *world) { w.s.Signals.Download = Unknown[float64]("no metrics", start, "") }, "unknown:  → unknown (no metrics)"},
		{"R-130", "one breaker is open", calmWorld(), func(w *world) { w.s.Signals.Breaker.Value.Open = 1 }, "fail:  → 1 of 6 circuit breakers is open ()"},
		{"R-130", "two are", calmWorld(), func(w *world) { w.s.Signals.Breaker.Value.Open = 2 }, "fail:  → 2 of 6 circuit breakers are open ()"},
		{"R-132", "below", calmWorld(), nil, "pass:  → CPU 50 % of limit, memory 50 % of limit ()"},
		{"R-132", "one pod's CPU at its bound", calmWorld(), func(w *world) { w.s.Usage.Value.CPUPeak = 0.95 }, "fail:  → CPU 50 % of limit, memory 50 % of limit ()"},
		{"R-132", "one pod's CPU just below", calmWorld(), func(w *world) { w.s.Usage.Value.CPUPeak = 0.949 }, "pass:  → CPU 50 % of limit, memory 50 % of limit ()"},
		{"R-132", "no bound for memory", calmWorld(), func(w *world) { w.s.Usage.Value.MemoryLimit, w.s.Usage.Value.MemoryRequest = -1, -1 }, "unknown:  → CPU 50 % of limit, memory unknown (the pods set neither a limit nor a request for memory)"},
		{"R-132", "no bound for CPU", calmWorld(), func(w *world) { w.s.Usage.Value.CPULimit, w.s.Usage.Value.CPURequest = -1, -1 }, "unknown:  → CPU unknown, memory 50 % of limit (the pods set neither a limit nor a request for CPU)"},
		{"R-132", "no bounds", calmWorld(), func(w *world) {
			w.s.Usage.Value = Usage{CPULimit: -1, CPURequest: -1, MemoryLimit: -1, MemoryRequest: -1, Pods: 6, Of: 6}
		}, "unknown:  → CPU unknown, memory unknown (the pods set neither a limit nor a request)"},
		{"R-132", "idle", calmWorld(), func(w *world) { w.s.Usage.Value = Usage{Pods: 6, Of: 6} }, "pass:  → CPU 0 % of limit, memory 0 % of limit ()"},
		{"R-132", "killed for memory", calmWorld(), func(w *world) {
			w.change(func(l *Workload) {
				for i := range 4 {
					l.Pods[i].LastExit, l.Pods[i].Restarts = "OOMKilled", i+1
				}
			})
		}, "fail:  → killed for memory (download-worker-0 (1 restart), download-worker-1 (2 restarts), download-worker-2 (3 restarts) and 1 more)"},
		{"R-132", "being killed for memory", calmWorld(), func(w *world) {
			w.change(func(l *Workload) { l.Pods[0].Cause = CauseMemory })
		}, "fail:  → killed for memory (download-worker-0 (0 restarts))"},
	} {
		if c.edit != nil {
			c.edit(c.world)
		}
		d := Diagnose(c.world.Component, c.world.Policy, c.world.s, c.world.past)
		i := slices.IndexFunc(d.Findings, func(f Check) bool { return f.Rule == c.rule })
		if got := d.Findings[i].line(); got != c.want {
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
	w := calmWorld()
	w.s.Signals.Errors.Value = ErrorRate{Share: 0.05}
	w.s.Usage.Value.CPUPeak = 0.99
	w.s.Owner.Value = Owner{Kind: OwnerConflict, Name: "HPA a", Other: "ScaledObject b"}
	if d := Diagnose(w.Component, w.Policy, w.s, w.past); d.Headline != "CPU is at its bound." {
		t.Errorf("two failures and a warning: got %q, want the first failure", d.Headline)
	}
	w = calmWorld()
	w.s.Group.Value, w.s.Signals.Errors.Value = groupOf(4, 24), ErrorRate{Share: 0.05}
	if d := Diagnose(w.Component, w.Policy, w.s, w.past); d.Headline != "Ready pods do not take part in the group." {
		t.Errorf("two warnings: got %q, want the first", d.Headline)
	}
	w = calmWorld()
	w.s.Signals.Download = Reading[float64]{}
	if d := Diagnose(w.Component, w.Policy, w.s, w.past); d.Headline != "Nothing stands out, but 1 question could not be answered." {
		t.Errorf("one question: got %q", d.Headline)
	}
	w = spike(20_000).workers(1)
	w.Min, w.s.Group.Value = 1, groupOf(1, 24)
	if d := Diagnose(w.Component, w.Policy, w.s, w.past); d.Headline != "Nothing is broken: there is more to do than 1 worker manages." {
		t.Errorf("one worker: got %q", d.Headline)
	}
}

// T-33: each reason against more workers comes with what to do instead,
// in order, and nothing else.
func TestEachReasonComesWithItsRemedies(t *testing.T) {
	incident := "follow the incident response runbook if that does not help (R-137)"
	for name, c := range map[string]struct {
		edit     func(*world)
		veto     string
		remedies []string
	}{
		"a slow transfer": {func(w *world) { w.s.Signals.Download.Value = 9 }, "the bottleneck is elsewhere: the transfer takes 9.0 s at p95, over 5.0 s", []string{
			"look at the external service and the transfer time first (R-130)", "do not raise concurrency while it is slow (R-076)", incident}},
		"one record": {func(w *world) { w.onPartitions(14_200, 7).moving(10); w.still(7) }, "; no number of workers gets past one record", []string{
			"find the record that is retried there and move it to the dead-letter topic (R-137)",
			"restart the worker that owns the partition once the record is out of the way", incident}},
		"one partition": {func(w *world) { w.onPartitions(14_200, 7).moving(10) }, "partition 7 of xact.downloads.pending holds over 80 % of the lag, fewer than the 6 workers; each partition has one worker already", []string{
			"check the message key: one key or few keys get most of the traffic (T-33)",
			"make processing of one message faster (R-070, R-074)", "then consider more partitions (R-089)", incident}},
		"two partitions": {func(w *world) { w.onPartitions(14_200, 7, 8).moving(10) }, "partitions 7 and 8 of xact.downloads.pending hold 80 % of the lag, fewer than the 6 workers", nil},
		"a rebalance": {func(w *world) { w.s.Group.Value.State = "PreparingRebalance" }, "the group is rebalancing (PreparingRebalance)", []string{
			"wait until the group is stable again (R-110, R-133)"}},
	} {
		w := spike(14_200)
		c.edit(w)
		r := w.recommend()
		wantText(t, name, strings.Join(r.Vetoes, "\n"), c.veto)
		if c.remedies != nil && !slices.Equal(r.Remedies, c.remedies) {
			t.Errorf("%s: got remedies %q, want %q", name, r.Remedies, c.remedies)
		}
	}
	w := calmWorld()
	w.s.Group.Value.State, w.s.Group.Value.RebalancingSince = "PreparingRebalance", start.Add(-3*time.Minute)
	if got := look(w.Component, w.Policy, w.s, w.past).rebalanceVeto(); got != "the group is rebalancing (PreparingRebalance for 3 min)" {
		t.Errorf("a rebalance since when: got %q", got)
	}
	w = calmWorld().slowDown(0.74, 2*time.Minute)
	w.Policy.Up.Lag.Value = 1000
	wantText(t, "slower workers", strings.Join(w.recommend().Remedies, "\n"), "look at what the workers call first, and at what changed last (R-130, R-109)")
	wantText(t, "slower workers, diagnosed", strings.Join(Diagnose(w.Component, w.Policy, w.s, w.past).Next, "\n"),
		"look at what the workers call, and at what changed last (R-130, R-109)\nadd no workers until it is known why they are slower")
	w = spike(14_200)
	w.s.Signals.Download.Value = 9
	d := Diagnose(w.Component, w.Policy, w.s, w.past)
	wantText(t, "slow, diagnosed", d.Headline, "over 5.0 s. More workers will not help.")
	wantText(t, "slow, diagnosed", strings.Join(d.Next, "\n"), "keep the concurrency as it is while the service is slow (R-076)")
}

// where no count helps, what is left is told in the
// runbook's order; partitions are no lever of a share group.
func TestWhatIsLeftWhereTheCountCannotHelp(t *testing.T) {
	levers := []string{
		"tune the workers: concurrency, batch size, poll size (R-074, R-077, R-081)", "give each pod more CPU or memory (R-070)",
		"raise the number of partitions; that cannot be undone easily (R-089, R-091)", "follow the incident response runbook (R-137)"}
	w := spike(60_000).workers(24)
	w.s.Group.Value = groupOf(24, 24)
	if got := w.recommend().Remedies; !slices.Equal(got, levers) {
		t.Errorf("at the ceiling: got %q, want %q", got, levers)
	}
	w = spike(14_200).workers(1)
	w.Component = retryScheduler()
	r := w.recommend()
	if !slices.Equal(r.Remedies, levers) || len(r.Vetoes) != 1 || !strings.HasPrefix(r.Vetoes[0], "retry-scheduler runs as one instance only: it needs a global view") {
		t.Errorf("one instance: got %q, vetoes %q", r.Remedies, r.Vetoes)
	}
	wantText(t, "one instance", strings.Join(r.Reasons, "\n"), "lag 14,200 > 10,000")
	r = calmWorld().single(1).recommend()
	if len(r.Vetoes)+len(r.Remedies) != 0 || r.Action != Hold || len(r.Reasons) != 1 {
		t.Errorf("one instance in calm: got %+v", r)
	}
	r = calmWorld().single(3).recommend()
	wantText(t, "three of one", strings.Join(r.Reasons, "\n"), "3 are wanted now, one is right")
	v := look(w.Component, w.Policy, w.s, w.past)
	v.open = true
	if got := v.leversBesideCount(); !slices.Equal(got, []string{levers[0], levers[1], levers[3]}) {
		t.Errorf("a share group: got %q", got)
	}
}

// single is a component of which there may be one, with so many.
func (w *world) single(n int) *world {
	w.workers(n)
	w.Component = retryScheduler()
	return w
}

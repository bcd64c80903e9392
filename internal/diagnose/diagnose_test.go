package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestDiagnoseWalksTheRunbooksBranches(t *testing.T) {
	tests := []struct {
		name     string
		edit     func(*measuretest.World)
		rule     string
		want     scale.Result
		headline string
		next     string
	}{
		{"R-129 scaled, lag rises", func(w *measuretest.World) {
			w.Workers(9).Lag(20_000)
			w.Now.Group.Value = measuretest.GroupOf(9, 24)
			w.Past = measuretest.Steps(41, func(i int, p *scale.Point) {
				p.Ends, p.Commits, p.Lag, p.Replicas = 900*15*float64(i), 600*15*float64(i), 4500*float64(i), 9
				if i < 20 {
					p.Replicas = 6
				}
			})
		}, "R-129", scale.Fail, "Scaled from 6 to 9, but lag still rises.", ""},
		{"R-130 slow transfer", func(w *measuretest.World) { w.Now.Signals.Download.Value = 9 }, "R-130", scale.Fail, "The bottleneck is elsewhere: the transfer takes 9.0 s at p95", "external service"},
		{"R-131 surplus", func(w *measuretest.World) { w.Workers(30); w.Now.Group.Value = measuretest.GroupOf(30, 24) }, "R-131", scale.Fail, "6 of 30 workers own no partition.", "scale down to 24"},
		{"R-131 ceiling", func(w *measuretest.World) { w.Workers(24).Lag(50_000); w.Now.Group.Value = measuretest.GroupOf(24, 24) }, "R-131", scale.Warn, "ceiling", "raise the number of partitions"},
		{"R-132 CPU at its bound", func(w *measuretest.World) { w.Now.Usage.Value.CPUPeak = 0.99 }, "R-132", scale.Fail, "CPU is at its bound.", "raise the CPU limit"},
		{"T-16 killed for memory", func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) {
				l.Pods[1].LastExit, l.Pods[1].Restarts = "OOMKilled", 4
				l.Env, l.Limits = map[string]string{"DOWNLOAD_CONCURRENCY": "10"}, scale.Resources{CPU: 500, Memory: 512 << 20}
			})
		}, "R-132", scale.Fail, "Pods are killed for memory.", "lower DOWNLOAD_CONCURRENCY from 10 to 5"},
		{"poison", func(w *measuretest.World) { w.OnPartitions(14_200, 7).Moving(10); w.Still(7) }, "no partition stands still", scale.Fail, "Partition 7 of xact.downloads.pending stands still", "dead-letter"},
		{"T-33 hot", func(w *measuretest.World) { w.OnPartitions(14_200, 7).Moving(10) }, "lag spread over the partitions", scale.Fail, "Partition 7 of xact.downloads.pending holds over 80 % of the lag", "message key"},
		{"R-133 rebalance", func(w *measuretest.World) {
			w.Now.Group.Value.State, w.Now.Group.Value.RebalancingSince = "PreparingRebalance", scaletest.Start.Add(-3*time.Minute)
		}, "R-133", scale.Fail, "The rebalance takes longer than 2 min.", "KAFKA_SESSION_TIMEOUT_MS"},
		{"R-133 the last one", func(w *measuretest.World) {
			w.Now.Group.Value.LastRebalance, w.Now.Group.Value.LastRebalanceAt = 150*time.Second, scaletest.Start.Add(-time.Minute)
		}, "R-133", scale.Fail, "The last rebalance took 3 min, longer than 2 min.", "KAFKA_MAX_POLL_INTERVAL_MS"},
		{"T-36 ready pods outside the group", func(w *measuretest.World) { w.Now.Group.Value = measuretest.GroupOf(4, 24) }, "R-133", scale.Warn, "Ready pods do not take part in the group.", "log of a pod"},
		{"R-136 no nodes", pendingPods(scale.CauseNodes, "0/3 nodes are available: 3 Insufficient cpu."), "R-135", scale.Fail, "Pods do not start: download-worker-5: 0/3 nodes are available", "add nodes"},
		{"R-136 image", pendingPods(scale.CauseImage, "ImagePullBackOff"), "R-135", scale.Fail, "ImagePullBackOff", "registry"},
		{"R-136 quota", func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) {
				l.Ready, l.Pods = 5, l.Pods[:5]
				l.Stuck, l.StuckCause = "exceeded quota: pods", scale.CauseQuota
			})
		}, "R-135", scale.Fail, "exceeded quota", "raise the resource quota"},
		{"errors", func(w *measuretest.World) { w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.05, Timeouts: 0.04} }, "R-005", scale.Warn, "5 % of the messages fail.", "service that times out"},
		{"T-03 two owners", func(w *measuretest.World) {
			w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerConflict, Name: "HPA a", Other: "ScaledObject b"}
		}, "T-01", scale.Fail, "Two owners", "remove one"},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		tt.edit(w)
		d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
		measuretest.WantCheck(t, d.Findings, tt.rule, tt.want)
		scaletest.WantText(t, tt.name, d.Headline, tt.headline)
		scaletest.WantText(t, tt.name, strings.Join(d.Next, "\n"), tt.next)
	}
}

func pendingPods(cause scale.PodCause, trouble string) func(*measuretest.World) {
	return func(w *measuretest.World) {
		w.Change(func(l *scale.Workload) {
			l.Ready = 5
			l.Pods[5].Ready, l.Pods[5].Phase, l.Pods[5].Trouble, l.Pods[5].Cause = false, "Pending", trouble, cause
		})
	}
}

func TestDiagnoseAnswersEveryBranchInOrder(t *testing.T) {
	want := []string{"R-129", "R-130", "R-131", "R-132", "T-33", "T-33", "R-133", "R-135", "R-005", "T-01"}
	rules := func(d Diagnosis) []string {
		var got []string
		for _, check := range d.Findings {
			got = append(got, string(check.Rule))
		}
		return got
	}
	w := measuretest.CalmWorld()
	d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
	if got := rules(d); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if d.Headline != "Nothing stands out." || len(d.Next) != 0 || d.Component != w.Name {
		t.Errorf("a calm world: got %q and %q", d.Headline, d.Next)
	}
	blind := Diagnose(w.Component, w.Policy, scale.Snapshot{At: scaletest.Start}, nil)
	if got := rules(blind); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, check := range blind.Findings {
		if check.Result != scale.ResultUnsure || check.Note == "" {
			t.Errorf("%s of an unknown world: got %s because %q", check.Rule, check.Result, check.Note)
		}
	}
	if want := "Nothing stands out, but 10 questions could not be answered."; blind.Headline != want {
		t.Errorf("got %q, want %q", blind.Headline, want)
	}
}

func TestDiagnoseLeadsWithWhatFailed(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.05}
	w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerConflict, Name: "HPA a", Other: "ScaledObject b"}
	d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
	scaletest.WantText(t, "a failure leads over a warning before it", d.Headline, "Two owners")
}

func TestT17AdviceSaysWhetherItRaisesOrLowers(t *testing.T) {
	tests := []struct {
		env  map[string]string
		want []string
	}{
		{nil, []string{
			"KAFKA_MAX_POLL_INTERVAL_MS is not set; the runbook names 300000, which matches the Java client's default of 300000",
			"KAFKA_SESSION_TIMEOUT_MS is not set; the runbook names 30000, which lowers the Java client's default of 45000",
		}},
		{map[string]string{"KAFKA_MAX_POLL_INTERVAL_MS": "600000", "KAFKA_SESSION_TIMEOUT_MS": "10000"}, []string{
			"KAFKA_MAX_POLL_INTERVAL_MS is 600000; the runbook names 300000, which lowers it",
			"KAFKA_SESSION_TIMEOUT_MS is 10000; the runbook names 30000, which raises it",
		}},
		{map[string]string{"KAFKA_SESSION_TIMEOUT_MS": "30s"}, []string{`KAFKA_SESSION_TIMEOUT_MS is "30s", which is not a number`}},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld().Change(func(l *scale.Workload) { l.Env = tt.env })
		v := newView(w.Component, w.Policy, w.Now, w.Past)
		scaletest.WantText(t, "advice", strings.Join(v.rebalanceAdvice(), "\n"), tt.want...)
	}
}

func TestR075ConcurrencyTable(t *testing.T) {
	tests := []struct {
		memory, cpu int64
		want        int
	}{
		{512 << 20, 500, 5}, {1 << 30, 1000, 10}, {2 << 30, 2000, 20}, {768 << 20, 750, 7}, {1 << 30, 500, 5}, {256 << 20, 250, 5},
		{8 << 30, 8000, 20}, {1 << 30, 0, 10}, {0, 0, 0},
	}
	for _, tt := range tests {
		if got := Concurrency(scale.Resources{CPU: tt.cpu, Memory: tt.memory}); got != tt.want {
			t.Errorf("%d bytes and %dm: got %d, want %d", tt.memory, tt.cpu, got, tt.want)
		}
	}
}

func TestTuningAdviceUsesLiveSettings(t *testing.T) {
	w := measuretest.CalmWorld().Lag(20_000).Change(func(l *scale.Workload) {
		l.Env = map[string]string{"DOWNLOAD_CONCURRENCY": "5", "BATCH_SIZE": "50", "BATCH_TIMEOUT_SECONDS": "5", "KAFKA_MAX_POLL_RECORDS": "10",
			"KAFKA_FETCH_MIN_BYTES": "1", "KAFKA_FETCH_MAX_WAIT_MS": "50"}
	})
	d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
	scaletest.WantText(t, "R-074 to R-082", strings.Join(d.Next, "\n"), "DOWNLOAD_CONCURRENCY is 5; the runbook's table has 10", "BATCH_SIZE is 50",
		"BATCH_TIMEOUT_SECONDS is 5; the runbook's example is 10", "KAFKA_MAX_POLL_RECORDS is 10", "KAFKA_FETCH_MIN_BYTES is 1",
		"KAFKA_FETCH_MAX_WAIT_MS is 50, a latency setting; for throughput the runbook names 100–500")
	w.Now.Signals.Download.Value = 30
	d = Diagnose(w.Component, w.Policy, w.Now, w.Past)
	if strings.Contains(strings.Join(d.Next, "\n"), "raising it adds throughput") {
		t.Errorf("a slow service: got advice to add load: %q", d.Next)
	}
	w = measuretest.CalmWorld().Lag(20_000).Change(func(l *scale.Workload) {
		l.Env = map[string]string{"BATCH_TIMEOUT_SECONDS": "10", "KAFKA_FETCH_MAX_WAIT_MS": "100"}
	})
	if d := Diagnose(w.Component, w.Policy, w.Now, w.Past); strings.Contains(strings.Join(d.Next, "\n"), "BATCH_TIMEOUT") ||
		strings.Contains(strings.Join(d.Next, "\n"), "MAX_WAIT") {
		t.Errorf("settings as the runbook has them: got %q, want no word about them", d.Next)
	}
	w = measuretest.CalmWorld().Lag(20_000).Change(func(l *scale.Workload) { l.Env = nil })
	if d := Diagnose(w.Component, w.Policy, w.Now, w.Past); strings.Contains(strings.Join(d.Next, "\n"), " is ") {
		t.Errorf("settings that are not there are not guessed: got %q", d.Next)
	}
}

// when nothing is broken and there is too much to do, "why?" has an answer, and it
// is the recommendation.
func TestDiagnosisOfPlainOverload(t *testing.T) {
	w := measuretest.Spike(20_000)
	r := judgetest.Recommended(w)
	d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
	want := fmt.Sprintf("scale from 6 to %d: lag 20,000", r.To)
	if r.Action != scale.ScaleUp || d.Headline != "Nothing is broken: there is more to do than 6 workers manage." || !strings.HasPrefix(d.Next[0], want) {
		t.Errorf("got %q and %q, want it to lead to %q", d.Headline, d.Next, want)
	}
}

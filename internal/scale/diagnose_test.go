package scale

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDiagnoseWalksTheRunbooksBranches(t *testing.T) {
	tests := []struct {
		name     string
		edit     func(*world)
		rule     string
		want     Result
		headline string
		next     string
	}{
		{"R-129 scaled, lag rises", func(w *world) {
			w.workers(9).lag(20_000)
			w.s.Group.Value = groupOf(9, 24)
			w.past = steps(41, func(i int, p *Point) {
				p.Ends, p.Commits, p.Lag, p.Replicas = 900*15*float64(i), 600*15*float64(i), 4500*float64(i), 9
				if i < 20 {
					p.Replicas = 6
				}
			})
		}, "R-129", Fail, "Scaled from 6 to 9, but lag still rises.", ""},
		{"R-130 slow transfer", func(w *world) { w.s.Signals.Download.Value = 9 }, "R-130", Fail, "The bottleneck is elsewhere: the transfer takes 9.0 s at p95", "external service"},
		{"R-131 surplus", func(w *world) { w.workers(30); w.s.Group.Value = groupOf(30, 24) }, "R-131", Fail, "6 of 30 workers own no partition.", "scale down to 24"},
		{"R-131 ceiling", func(w *world) { w.workers(24).lag(50_000); w.s.Group.Value = groupOf(24, 24) }, "R-131", Warn, "ceiling", "raise the number of partitions"},
		{"R-132 CPU at its bound", func(w *world) { w.s.Usage.Value.CPUPeak = 0.99 }, "R-132", Fail, "CPU is at its bound.", "raise the CPU limit"},
		{"T-16 killed for memory", func(w *world) {
			w.change(func(l *Workload) {
				l.Pods[1].LastExit, l.Pods[1].Restarts = "OOMKilled", 4
				l.Env, l.Limits = map[string]string{"DOWNLOAD_CONCURRENCY": "10"}, Resources{CPU: 500, Memory: 512 << 20}
			})
		}, "R-132", Fail, "Pods are killed for memory.", "lower DOWNLOAD_CONCURRENCY from 10 to 5"},
		{"poison", func(w *world) { w.onPartitions(14_200, 7).moving(10); w.still(7) }, "no partition stands still", Fail, "Partition 7 of xact.downloads.pending stands still", "dead-letter"},
		{"T-33 hot", func(w *world) { w.onPartitions(14_200, 7).moving(10) }, "lag spread over the partitions", Fail, "Partition 7 of xact.downloads.pending holds over 80 % of the lag", "message key"},
		{"R-133 rebalance", func(w *world) {
			w.s.Group.Value.State, w.s.Group.Value.RebalancingSince = "PreparingRebalance", start.Add(-3*time.Minute)
		}, "R-133", Fail, "The rebalance takes longer than 2 min.", "KAFKA_SESSION_TIMEOUT_MS"},
		{"R-133 the last one", func(w *world) {
			w.s.Group.Value.LastRebalance, w.s.Group.Value.LastRebalanceAt = 150*time.Second, start.Add(-time.Minute)
		}, "R-133", Fail, "The last rebalance took 3 min, longer than 2 min.", "KAFKA_MAX_POLL_INTERVAL_MS"},
		{"T-36 ready pods outside the group", func(w *world) { w.s.Group.Value = groupOf(4, 24) }, "R-133", Warn, "Ready pods do not take part in the group.", "log of a pod"},
		{"R-136 no nodes", pendingPods(CauseNodes, "0/3 nodes are available: 3 Insufficient cpu."), "R-135", Fail, "Pods do not start: download-worker-5: 0/3 nodes are available", "add nodes"},
		{"R-136 image", pendingPods(CauseImage, "ImagePullBackOff"), "R-135", Fail, "ImagePullBackOff", "registry"},
		{"R-136 quota", func(w *world) {
			w.change(func(l *Workload) {
				l.Ready, l.Pods = 5, l.Pods[:5]
				l.Stuck, l.StuckCause = "exceeded quota: pods", CauseQuota
			})
		}, "R-135", Fail, "exceeded quota", "raise the resource quota"},
		{"errors", func(w *world) { w.s.Signals.Errors.Value = ErrorRate{Share: 0.05, Timeouts: 0.04} }, "R-005", Warn, "5 % of the messages fail.", "service that times out"},
		{"T-03 two owners", func(w *world) { w.s.Owner.Value = Owner{Kind: OwnerConflict, Name: "HPA a", Other: "ScaledObject b"} }, "T-01", Fail, "Two owners", "remove one"},
	}
	for _, tt := range tests {
		w := calmWorld()
		tt.edit(w)
		d := Diagnose(w.Component, w.Policy, w.s, w.past)
		wantCheck(t, d.Findings, tt.rule, tt.want)
		wantText(t, tt.name, d.Headline, tt.headline)
		wantText(t, tt.name, strings.Join(d.Next, "\n"), tt.next)
	}
}

func pendingPods(cause PodCause, trouble string) func(*world) {
	return func(w *world) {
		w.change(func(l *Workload) {
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
			got = append(got, check.Rule)
		}
		return got
	}
	w := calmWorld()
	d := Diagnose(w.Component, w.Policy, w.s, w.past)
	if got := rules(d); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if d.Headline != "Nothing stands out." || len(d.Next) != 0 || d.Component != w.Name {
		t.Errorf("a calm world: got %q and %q", d.Headline, d.Next)
	}
	blind := Diagnose(w.Component, w.Policy, Snapshot{At: start}, nil)
	if got := rules(blind); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, check := range blind.Findings {
		if check.Result != ResultUnsure || check.Note == "" {
			t.Errorf("%s of an unknown world: got %s because %q", check.Rule, check.Result, check.Note)
		}
	}
	if want := "Nothing stands out, but 10 questions could not be answered."; blind.Headline != want {
		t.Errorf("got %q, want %q", blind.Headline, want)
	}
}

func TestDiagnoseLeadsWithWhatFailed(t *testing.T) {
	w := calmWorld()
	w.s.Signals.Errors.Value = ErrorRate{Share: 0.05}
	w.s.Owner.Value = Owner{Kind: OwnerConflict, Name: "HPA a", Other: "ScaledObject b"}
	d := Diagnose(w.Component, w.Policy, w.s, w.past)
	wantText(t, "a failure leads over a warning before it", d.Headline, "Two owners")
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
		w := calmWorld().change(func(l *Workload) { l.Env = tt.env })
		v := look(w.Component, w.Policy, w.s, w.past)
		wantText(t, "advice", strings.Join(v.rebalanceAdvice(), "\n"), tt.want...)
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
		if got := Concurrency(Resources{CPU: tt.cpu, Memory: tt.memory}); got != tt.want {
			t.Errorf("%d bytes and %dm: got %d, want %d", tt.memory, tt.cpu, got, tt.want)
		}
	}
}

func TestTuningAdviceUsesLiveSettings(t *testing.T) {
	w := calmWorld().lag(20_000).change(func(l *Workload) {
		l.Env = map[string]string{"DOWNLOAD_CONCURRENCY": "5", "BATCH_SIZE": "50", "BATCH_TIMEOUT_SECONDS": "5", "KAFKA_MAX_POLL_RECORDS": "10",
			"KAFKA_FETCH_MIN_BYTES": "1", "KAFKA_FETCH_MAX_WAIT_MS": "50"}
	})
	d := Diagnose(w.Component, w.Policy, w.s, w.past)
	wantText(t, "R-074 to R-082", strings.Join(d.Next, "\n"), "DOWNLOAD_CONCURRENCY is 5; the runbook's table has 10", "BATCH_SIZE is 50",
		"BATCH_TIMEOUT_SECONDS is 5; the runbook's example is 10", "KAFKA_MAX_POLL_RECORDS is 10", "KAFKA_FETCH_MIN_BYTES is 1",
		"KAFKA_FETCH_MAX_WAIT_MS is 50, a latency setting; for throughput the runbook names 100–500")
	w.s.Signals.Download.Value = 30
	d = Diagnose(w.Component, w.Policy, w.s, w.past)
	if strings.Contains(strings.Join(d.Next, "\n"), "raising it adds throughput") {
		t.Errorf("a slow service: got advice to add load: %q", d.Next)
	}
	w = calmWorld().lag(20_000).change(func(l *Workload) {
		l.Env = map[string]string{"BATCH_TIMEOUT_SECONDS": "10", "KAFKA_FETCH_MAX_WAIT_MS": "100"}
	})
	if d := Diagnose(w.Component, w.Policy, w.s, w.past); strings.Contains(strings.Join(d.Next, "\n"), "BATCH_TIMEOUT") ||
		strings.Contains(strings.Join(d.Next, "\n"), "MAX_WAIT") {
		t.Errorf("settings as the runbook has them: got %q, want no word about them", d.Next)
	}
	w = calmWorld().lag(20_000).change(func(l *Workload) { l.Env = nil })
	if d := Diagnose(w.Component, w.Policy, w.s, w.past); strings.Contains(strings.Join(d.Next, "\n"), " is ") {
		t.Errorf("settings that are not there are not guessed: got %q", d.Next)
	}
}

// when nothing is broken and there is too much to do, "why?" has an answer, and it
// is the recommendation.
func TestDiagnosisOfPlainOverload(t *testing.T) {
	w := spike(20_000)
	r := w.recommend()
	d := Diagnose(w.Component, w.Policy, w.s, w.past)
	want := fmt.Sprintf("scale from 6 to %d: lag 20,000", r.To)
	if r.Action != ScaleUp || d.Headline != "Nothing is broken: there is more to do than 6 workers manage." || !strings.HasPrefix(d.Next[0], want) {
		t.Errorf("got %q and %q, want it to lead to %q", d.Headline, d.Next, want)
	}
}

package scale

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// start is the moment most tests look at the world.
var start = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// testPolicy holds the runbook's numbers, as the comments of Policy give them.
func testPolicy() Policy {
	return Policy{
		Up: UpLimits{
			Lag:                Limit{Value: 10_000, Urgency: UrgencyCritical},
			Latency:            Limit{Value: 5, Urgency: UrgencyWarning, Within: time.Hour},
			CPU:                Limit{Value: 0.80, For: 5 * time.Minute, Urgency: UrgencyWarning, Within: time.Hour},
			Memory:             Limit{Value: 0.85, For: 5 * time.Minute, Urgency: UrgencyCritical, Within: 30 * time.Minute},
			Errors:             Limit{Value: 0.01, Urgency: UrgencyWarning, Within: time.Hour},
			Throughput:         Limit{Value: 100, Urgency: UrgencyInfo, Within: 4 * time.Hour},
			ThroughputLagFloor: 1000, SlowDownload: 5,
		},
		Down: DownLimits{
			Lag: Limit{Value: 1000, For: time.Hour}, CPU: Limit{Value: 0.30, For: 4 * time.Hour},
			Memory: Limit{Value: 0.40, For: 4 * time.Hour}, MaxStep: 2, Watch: 15 * time.Minute,
		},
		Sizing: Sizing{
			MinPerWorker: 2, MaxPerWorker: 4, HighLagPerWorker: 3, TargetRate: 100, Headroom: 1.2,
			Recovery: 10 * time.Minute, PodStart: time.Minute, Rebalance: 30 * time.Second,
			LargeChange: 0.5, HotShare: 0.8, FlatSlope: 0.02,
		},
		Rollout: RolloutLimits{
			PodsLate: time.Minute, RebalanceLate: 2 * time.Minute, Deadline: 10 * time.Minute,
			RevertChecks: []time.Duration{30 * time.Second, 2 * time.Minute}, LagDrift: 0.5, LagDriftFloor: 1000,
		},
		After: AfterLimits{
			Lag15: 5000, LagLow: 5000, LagGood: 1000, ErrorSpike: 2, ErrorFloor: 0.01, Errors60: 0.01,
			AtLimit: 0.95, KeptUp: 0.95, Spread: 1, Hold: time.Hour,
		},
		Alert: AlertLimits{
			CloseShare: 0.5, CloseFor: 2 * time.Minute, Grace: 15 * time.Minute,
			Snoozes: []time.Duration{30 * time.Minute, 2 * time.Hour}, EditEvery: 15 * time.Second,
		},
		Times: Times{
			Sample: 15 * time.Second, Live: 5 * time.Second, Stale: time.Minute, Gap: time.Minute,
			Expiry: 15 * time.Minute, CriticalExpiry: 5 * time.Minute, RateWindow: 5 * time.Minute,
			Horizons: []Horizon{{"5 min", 5 * time.Minute}, {"15 min", 15 * time.Minute}, {"1 h", time.Hour}},
		},
	}
}

func downloadWorker() Component {
	return Component{
		Name: "download-worker", Namespace: "kafka-pipeline", Deployment: "download-worker", Group: "xact-download-worker",
		Topics: []string{"xact.downloads.pending"}, Min: 4, Low: 6, High: 12, Downstream: []string{"result-processor"},
		Metrics: Metrics{Download: Metric{Name: "download_duration_seconds"}},
	}
}

func retryScheduler() Component {
	return Component{Name: "retry-scheduler", Namespace: "kafka-pipeline", Deployment: "retry-scheduler",
		Group: "xact-retry-scheduler", Min: 1, Low: 1, High: 1, Single: "it needs a global view of the retry topics"}
}

// world is a component at one moment, to be bent by each test.
type world struct {
	Component
	Policy
	s    Snapshot
	past []Point
}

// calmWorld has 6 healthy workers on 24 partitions, 450 msg/s and no lag, known in full.
func calmWorld() *world {
	w := &world{Component: downloadWorker(), Policy: testPolicy()}
	w.s = Snapshot{
		Component: w.Name, At: start,
		Rates:      Known(Rates{Arrival: 450, Consumption: 450, Over: 5 * time.Minute}, start, "Kafka"),
		Owner:      Known(Owner{Kind: OwnerNone}, start, "Kubernetes"),
		Usage:      Known(Usage{CPULimit: 0.5, CPURequest: 0.8, MemoryLimit: 0.5, MemoryRequest: 0.9, CPUPeak: 0.6, MemoryPeak: 0.6, Pods: 6, Of: 6}, start, "metrics.k8s.io"),
		Room:       Known(Room{QuotaPods: -1, NodePods: 30}, start, "Kubernetes"),
		Partitions: Known(24, start, "Kafka"),
		Signals: Signals{
			Latency:    Known(1.2, start, "6 of 6 pods scraped"),
			Errors:     Known(ErrorRate{Share: 0.001}, start, "6 of 6 pods scraped"),
			Throughput: Known(450.0, start, "6 of 6 pods scraped"),
			Download:   Known(0.8, start, "6 of 6 pods scraped"),
			Breaker:    Known(Breaker{Open: 0, Of: 6}, start, "6 of 6 pods scraped"),
		},
		Downstream: map[string]Reading[int64]{"result-processor": Known(int64(120), start, "Kafka")},
	}
	w.lag(0)
	w.workers(6)
	w.s.Group = Known(groupOf(6, 24), start, "Kafka")
	w.remember(4*time.Hour+time.Minute, func(_ time.Duration, p *Point) {})
	return w
}

// lag spreads a lag evenly over the partitions.
func (w *world) lag(total int64) *world {
	partitions := make([]PartitionLag, 24)
	for i := range partitions {
		lag := total / 24
		if int64(i) < total%24 {
			lag++
		}
		partitions[i] = PartitionLag{Topic: "xact.downloads.pending", Partition: int32(i), Committed: 5000,
			End: 5000 + lag, Lag: lag, Arrival: -1, Consumption: -1}
	}
	w.s.Lag = Known(SumLag(partitions, []string{"xact.downloads.pending"}), w.s.At, "Kafka")
	return w
}

// workers sets the wanted count, all pods ready.
func (w *world) workers(n int) *world {
	load := Workload{Namespace: w.Namespace, Name: w.Deployment, UID: "uid-1", ResourceVersion: "1", Desired: n, Ready: n,
		Updated: n, Available: n, Observed: true, Image: "worker:1.4", Revision: "7", RolledAt: start.Add(-50 * time.Hour),
		Limits: Resources{CPU: 1000, Memory: 1 << 30}, Requests: Resources{CPU: 500, Memory: 512 << 20},
		Env: map[string]string{"DOWNLOAD_CONCURRENCY": "5"}}
	for i := range n {
		load.Pods = append(load.Pods, Pod{Name: fmt.Sprintf("download-worker-%d", i), Phase: "Running", Ready: true,
			Current: true, CreatedAt: start.Add(-50 * time.Hour), ReadyAt: start.Add(-50 * time.Hour)})
	}
	w.s.Workload = Known(load, w.s.At, "Kubernetes")
	return w
}

// change edits the workload in place.
func (w *world) change(edit func(*Workload)) *world {
	load := w.s.Workload.Value
	load.Pods = append([]Pod(nil), load.Pods...)
	edit(&load)
	w.s.Workload.Value = load
	return w
}

func groupOf(members, partitions int) Group {
	g := Group{Name: "xact-download-worker", State: "Stable", Type: "classic", Protocol: "cooperative-sticky"}
	for i := range members {
		g.Members = append(g.Members, Member{ID: fmt.Sprintf("m-%d", i), Partitions: map[string][]int32{}})
	}
	for i := range partitions {
		if members > 0 {
			m := g.Members[i%members].Partitions
			m["xact.downloads.pending"] = append(m["xact.downloads.pending"], int32(i))
		}
	}
	return g
}

// also hands further partitions of the component's topic to a member.
func (g Group) also(member int, partitions ...int32) Group {
	m := g.Members[member].Partitions
	m["xact.downloads.pending"] = append(m["xact.downloads.pending"], partitions...)
	return g
}

// remember writes a history that ends now, sampled every 15 seconds, of steady traffic
// at 450 msg/s; edit bends each point, told how long ago it was.
func (w *world) remember(length time.Duration, edit func(ago time.Duration, p *Point)) *world {
	w.past = nil
	for ago := length; ago >= 0; ago -= 15 * time.Second {
		age := (length - ago).Seconds()
		p := Point{At: w.s.At.Add(-ago), Ends: 1e6 + 450*age, Commits: 1e6 + 450*age, Replicas: float32(w.s.Workload.Value.Desired),
			CPU: 0.5, Memory: 0.5, Errors: 0.001, Latency: 1.2, Throughput: 450}
		edit(ago, &p)
		w.past = append(w.past, p)
	}
	return w
}

func (w *world) recommend() Recommendation { return Recommend(w.Component, w.Policy, w.s, w.past) }

func (w *world) judge() Judgement { return Judge(w.Component, w.Policy, w.s, w.past) }

func (w *world) plan(to int, reason string) Plan {
	return MakePlan(w.Component, w.Policy, w.s, w.past, w.recommend(), to, reason)
}

func (w *world) refuse(to int) *Refusal { return Refuse(w.Component, w.Policy, w.s, to) }

// outcome is what a rule says in this world.
func (w *world) outcome(t *testing.T, rule string) Finding {
	t.Helper()
	f, ok := find(w.recommend().Findings, rule)
	if !ok {
		t.Fatalf("no finding for %s", rule)
	}
	return f
}

func wantText(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s: got %q, want it to contain %q", what, got, part)
		}
	}
}

// wantCheck finds a check by its rule or its name and compares its result.
func wantCheck(t *testing.T, checks []Check, rule string, want Result) Check {
	t.Helper()
	for _, check := range checks {
		if check.Rule == rule || check.Name == rule {
			if check.Result != want {
				t.Errorf("%s (%s): got %s (%s; %s), want %s", rule, check.Name, check.Result, check.After, check.Note, want)
			}
			return check
		}
	}
	t.Errorf("no check for %s", rule)
	return Check{}
}

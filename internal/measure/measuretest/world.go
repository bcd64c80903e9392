package measuretest

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// DownloadWorker is the component most tests look at.
func DownloadWorker() scale.Component {
	return scale.Component{
		Name: "download-worker", Namespace: "kafka-pipeline", Deployment: "download-worker", Group: "xact-download-worker",
		Topics: []string{"xact.downloads.pending"}, Min: 4, Low: 6, High: 12, Downstream: []string{"result-processor"},
		Metrics: scale.Metrics{Download: scale.Metric{Name: "download_duration_seconds"}},
	}
}

// RetryScheduler is a component of which there may be one only.
func RetryScheduler() scale.Component {
	return scale.Component{Name: "retry-scheduler", Namespace: "kafka-pipeline", Deployment: "retry-scheduler",
		Group: "xact-retry-scheduler", Min: 1, Low: 1, High: 1, Single: "it needs a global view of the retry topics"}
}

// World is a component at one moment, which each test changes.
type World struct {
	scale.Component
	scale.Policy
	Now  scale.Snapshot
	Past []scale.Point
}

// CalmWorld has 6 healthy workers on 24 partitions, 450 msg/s and no lag, known in full.
func CalmWorld() *World {
	w := &World{Component: DownloadWorker(), Policy: TestPolicy()}
	w.Now = scale.Snapshot{
		Component: w.Name, At: scaletest.Start,
		Rates:      scale.Known(scale.Rates{Arrival: 450, Consumption: 450, Over: 5 * time.Minute}, scaletest.Start, "Kafka"),
		Owner:      scale.Known(scale.Owner{Kind: scale.OwnerNone}, scaletest.Start, "Kubernetes"),
		Usage:      scale.Known(scale.Usage{CPULimit: 0.5, CPURequest: 0.8, MemoryLimit: 0.5, MemoryRequest: 0.9, CPUPeak: 0.6, MemoryPeak: 0.6, Pods: 6, Of: 6}, scaletest.Start, "metrics.k8s.io"),
		Room:       scale.Known(scale.Room{QuotaPods: -1, NodePods: 30}, scaletest.Start, "Kubernetes"),
		Partitions: scale.Known(24, scaletest.Start, "Kafka"),
		Signals: scale.Signals{
			Latency:    scale.Known(1.2, scaletest.Start, "6 of 6 pods scraped"),
			Errors:     scale.Known(scale.ErrorRate{Share: 0.001}, scaletest.Start, "6 of 6 pods scraped"),
			Throughput: scale.Known(450.0, scaletest.Start, "6 of 6 pods scraped"),
			Download:   scale.Known(0.8, scaletest.Start, "6 of 6 pods scraped"),
			Breaker:    scale.Known(scale.Breaker{Open: 0, Of: 6}, scaletest.Start, "6 of 6 pods scraped"),
		},
		Downstream: map[string]scale.Reading[int64]{"result-processor": scale.Known(int64(120), scaletest.Start, "Kafka")},
	}
	w.Lag(0)
	w.Workers(6)
	w.Now.Group = scale.Known(GroupOf(6, 24), scaletest.Start, "Kafka")
	w.Remember(4*time.Hour+time.Minute, func(_ time.Duration, p *scale.Point) {})
	return w
}

// Lag spreads a lag evenly over the partitions.
func (w *World) Lag(total int64) *World {
	partitions := make([]scale.PartitionLag, 24)
	for i := range partitions {
		lag := total / 24
		if int64(i) < total%24 {
			lag++
		}
		partitions[i] = scale.PartitionLag{Topic: "xact.downloads.pending", Partition: int32(i), Committed: 5000,
			End: 5000 + lag, Lag: lag, Arrival: -1, Consumption: -1}
	}
	w.Now.Lag = scale.Known(scale.SumLag(partitions, []string{"xact.downloads.pending"}), w.Now.At, "Kafka")
	return w
}

// Workers sets the wanted count, all pods ready.
func (w *World) Workers(n int) *World {
	load := scale.Workload{Namespace: w.Namespace, Name: w.Deployment, UID: "uid-1", ResourceVersion: "1", Desired: n, Ready: n,
		Updated: n, Available: n, Observed: true, Image: "worker:1.4", Revision: "7", RolledAt: scaletest.Start.Add(-50 * time.Hour),
		Limits: scale.Resources{CPU: 1000, Memory: 1 << 30}, Requests: scale.Resources{CPU: 500, Memory: 512 << 20},
		Env: map[string]string{"DOWNLOAD_CONCURRENCY": "5"}}
	for i := range n {
		load.Pods = append(load.Pods, scale.Pod{Name: fmt.Sprintf("download-worker-%d", i), Phase: "Running", Ready: true,
			Current: true, CreatedAt: scaletest.Start.Add(-50 * time.Hour), ReadyAt: scaletest.Start.Add(-50 * time.Hour)})
	}
	w.Now.Workload = scale.Known(load, w.Now.At, "Kubernetes")
	return w
}

// Change edits the workload in place.
func (w *World) Change(edit func(*scale.Workload)) *World {
	load := w.Now.Workload.Value
	load.Pods = append([]scale.Pod(nil), load.Pods...)
	edit(&load)
	w.Now.Workload.Value = load
	return w
}

// Remember writes a history that ends now, sampled every 15 seconds, of steady traffic at 450
// msg/s. edit changes each point and is passed how long ago the point was.
func (w *World) Remember(length time.Duration, edit func(ago time.Duration, p *scale.Point)) *World {
	w.Past = nil
	for ago := length; ago >= 0; ago -= 15 * time.Second {
		age := (length - ago).Seconds()
		p := scale.Point{At: w.Now.At.Add(-ago), Ends: 1e6 + 450*age, Commits: 1e6 + 450*age, Replicas: float32(w.Now.Workload.Value.Desired),
			CPU: 0.5, Memory: 0.5, Errors: 0.001, Latency: 1.2, Throughput: 450}
		edit(ago, &p)
		w.Past = append(w.Past, p)
	}
	return w
}

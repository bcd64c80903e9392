package engine

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/memstore"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

// The fleet of the benchmarks: as many components as the product is measured with, each of 24
// partitions on six pods, with a past that fills every window.
const (
	benchFleet      = 500
	benchPartitions = 24
	benchPods       = 6
	// benchRate is what arrives on a partition, in messages per second.
	benchRate = 25.
)

// quietFleet is an engine that has watched a fleet for hours in which nothing happened.
func quietFleet(tb testing.TB) *Engine {
	tb.Helper()
	book := *runbook.Default()
	worker, ok := book.Component("download-worker")
	if !ok {
		tb.Fatal("the embedded runbook has no download-worker")
	}
	book.Components = nil
	for i := range benchFleet {
		c := worker
		c.Name, c.Aliases, c.Downstream = fmt.Sprintf("worker-%03d", i), nil, nil
		c.Deployment, c.Group, c.Topics = c.Name, c.Name, []string{c.Name}
		book.Components = append(book.Components, c)
	}
	e := New(Config{Book: &book, Store: memstore.New()})
	e.term.begin(context.Background())
	now := time.Now()
	var past []scale.Point
	for at := now.Add(-e.sampler.LongestWindow()); at.Before(now.Add(-time.Second)); at = at.Add(e.episodes.policy.Times.Sample) {
		past = append(past, sampler.PointOf(quietSnapshot(book.Components[0], at), scale.Snapshot{}, false))
	}
	for _, c := range book.Components {
		e.sampler.Precede(c.Name, past)
	}
	return e
}

// quietSnapshot is what a round reads of a component that keeps up, busy enough that nobody
// would have fewer workers.
func quietSnapshot(c scale.Component, at time.Time) scale.Snapshot {
	const source = "6 of 6 pods scraped"
	end := int64(benchRate * float64(at.UnixMilli()) / 1000)
	lag := int64(30 + 5*math.Sin(float64(at.Unix())))
	var parts []scale.PartitionLag
	group := scale.Group{Name: c.Group, State: "Stable", Type: "classic", Protocol: "cooperative-sticky"}
	w := scale.Workload{Desired: benchPods, Ready: benchPods, Updated: benchPods, Available: benchPods, Observed: true, Image: "worker:1.4"}
	for pod := range benchPods {
		ip := fmt.Sprintf("10.0.0.%d", pod)
		w.Pods = append(w.Pods, scale.Pod{Name: fmt.Sprintf("%s-5d8f7-%05d", c.Name, pod), Phase: "Running", Ready: true, Current: true, ReadyAt: at.Add(-23 * time.Hour), IPs: []string{ip}, CreatedAt: at.Add(-24 * time.Hour)})
		m := scale.Member{ID: fmt.Sprintf("consumer-%d", pod), Client: "worker", Host: "/" + ip, Partitions: map[string][]int32{}}
		for i := pod; i < benchPartitions; i += benchPods {
			m.Partitions[c.Topics[0]] = append(m.Partitions[c.Topics[0]], int32(i))
		}
		group.Members = append(group.Members, m)
	}
	for i := range benchPartitions {
		parts = append(parts, scale.PartitionLag{Topic: c.Topics[0], Partition: int32(i), Committed: end - lag, End: end, Lag: lag})
	}
	return scale.Snapshot{
		Component: c.Name, At: at,
		Lag: scale.Known(scale.SumLag(parts, c.Topics), at, scale.Broker), Group: scale.Known(group, at, scale.Broker), Workload: scale.Known(w, at, "Kubernetes"),
		Usage: scale.Known(scale.Usage{CPULimit: 0.6, CPURequest: 0.8, MemoryLimit: 0.6, MemoryRequest: 0.8, CPUPeak: 0.6, MemoryPeak: 0.6, Pods: benchPods, Of: benchPods}, at, "metrics.k8s.io"),
		Owner: scale.Known(scale.Owner{Kind: scale.OwnerNone}, at, "Kubernetes"), Room: scale.Known(scale.Room{}, at, "Kubernetes"),
		Signals: scale.Signals{
			Latency: scale.Known(1.2, at, source), Errors: scale.Known(scale.ErrorRate{Share: 0.001}, at, source),
			Throughput: scale.Known(benchPartitions*benchRate, at, source), Download: scale.Known(0.8, at, source),
			Breaker: scale.Known(scale.Breaker{Of: benchPods}, at, source), Writes: scale.Known(10., at, source), Busy: scale.Known(4., at, source),
		},
	}
}

// recordRound records what a round has read of every component.
func recordRound(e *Engine) {
	now := time.Now()
	for _, c := range e.desk.book.Components {
		e.sampler.Record(c, quietSnapshot(c, now), false)
	}
}

// BenchmarkFollow measures what it takes to look at what one round has read of 500 components
// of which none gives cause for anything: on the leader, and on the other replicas.
func BenchmarkFollow(b *testing.B) {
	e := quietFleet(b)
	recordRound(e)
	recordRound(e)
	round := e.desk.book.Components
	run := func(name string, look func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				look()
			}
		})
	}
	run("leader", func() { e.episodes.follow(context.Background(), round) })
	e.term.over()
	run("another", func() { e.episodes.follow(context.Background(), round) })
	run("record", func() { recordRound(e) })
}

// The benchmark is about components that are at rest and have a past.
func TestTheQuietFleetIsAtRest(t *testing.T) {
	e := quietFleet(t)
	recordRound(e)
	recordRound(e)
	c := e.desk.book.Components[benchFleet-1]
	if n := len(e.sampler.Past(c.Name, e.sampler.LongestWindow())); n < 400 {
		t.Errorf("a past of %d points", n)
	}
	if !judge.AtRest(c, e.episodes.policy, e.sampler.Snapshot(c.Name)) {
		t.Errorf("not at rest: %+v", e.sampler.Snapshot(c.Name))
	}
}

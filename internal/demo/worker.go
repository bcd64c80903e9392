package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/scalebot/scalebot/internal/pace"
)

const (
	// workEvery is how often a worker handles messages, in world time, and workFloor the least
	// wall time between two rounds.
	workEvery = time.Second
	workFloor = 50 * time.Millisecond
	// heartbeat decides how long a rebalance takes, because members learn of it with their next
	// heartbeat: two rounds of a cooperative rebalance are the runbook's 10–30 s.
	heartbeat      = 8 * time.Second
	heartbeatFloor = 100 * time.Millisecond
	// commitEvery is the consumers' default, and commitFloor the least wall time.
	commitEvery = 5 * time.Second
	commitFloor = 100 * time.Millisecond
	// leaveWithin bounds, in wall time, how long a worker takes to leave its group.
	leaveWithin = 2 * time.Second
	// fetchBytes bounds what is fetched of one partition at once: some thousands of this world's
	// tiny records.
	fetchBytes = 32 << 10
	// pollAtMost bounds the records of one poll.
	pollAtMost = 5000
)

// worker is one consumer in a pod: a member of its component's group that handles messages at a
// limited rate.
type worker struct {
	component component
	// name is the client's id: the pod's name, with a number if the pod runs several consumers.
	name string
	// share is how many consumers share the pod's capacity.
	share   int
	client  *kgo.Client
	clock   pace.Clock
	climate *climate
	crew    *crew
	log     *slog.Logger
	meters  *meters
	random  *rand.Rand
	quit    chan struct{}
	// committed is what the last commit contained; only the commit loop uses it.
	committed offsets
	// credit is how many messages it may still handle in the time that has passed.
	credit  float64
	blocked blocked
	// pace is the recent rate in messages per second, as float64 bits.
	pace atomic.Uint64
}

// newWorker connects a consumer; run starts its work.
func (w *World) newWorker(c component, name string, seed uint64, meters *meters) (*worker, error) {
	client, err := w.broker.client(append(commitByHand(),
		kgo.ClientID(name),
		kgo.ConsumerGroup(c.group),
		kgo.ConsumeTopics(c.topicNames()...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.Balancers(kgo.CooperativeStickyBalancer()),
		kgo.HeartbeatInterval(max(w.clock.Wall(heartbeat), heartbeatFloor)),
		kgo.SessionTimeout(45*time.Second),
		kgo.RebalanceTimeout(time.Minute),
		kgo.FetchMaxPartitionBytes(fetchBytes),
	)...)
	if err != nil {
		return nil, fmt.Errorf("connecting worker %s: %w", name, err)
	}
	return &worker{
		component: c, name: name, share: w.perPod, client: client, clock: w.clock, climate: w.climate, crew: w.crew,
		log: w.log, meters: meters, random: rand.New(rand.NewPCG(seed, 2)), quit: make(chan struct{}),
	}, nil
}

// stop tells run to end; it does not wait.
func (w *worker) stop() { close(w.quit) }

// lately is the worker's recent rate in messages per second.
func (w *worker) lately() float64 { return math.Float64frombits(w.pace.Load()) }

// run works until the worker is stopped or the context ends, then leaves the group.
func (w *worker) run(ctx context.Context) {
	w.crew.change(w.component.name, 1)
	defer w.leave(ctx)
	committing, stop := context.WithCancel(ctx)
	var commits sync.WaitGroup
	commits.Go(func() { w.commitLoop(committing) })
	defer commits.Wait()
	defer stop()
	defer w.crew.change(w.component.name, -1)
	ticker := w.clock.NewTicker(workEvery, workFloor)
	defer ticker.Stop()
	for last := w.clock.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-w.quit:
			return
		case <-ticker.C:
		}
		now := w.clock.Now()
		w.round(now, now.Sub(last))
		last = now
	}
}

func (w *worker) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveWithin)
	defer cancel()
	if err := w.client.LeaveGroupContext(ctx); err != nil {
		w.log.DebugContext(ctx, "a worker could not leave its group", "worker", w.name, "error", err)
	}
	w.client.Close()
}

// round handles as many messages as the passed time allows.
func (w *worker) round(now time.Time, passed time.Duration) {
	weather := w.climate.now()
	rate, seconds := weather.service(w.component, w.crew.count(w.component.name)/w.share)
	rate /= float64(w.share)
	// Idle time is not saved up: a worker cannot catch up on messages that did not arrive.
	w.credit = min(w.credit+rate*passed.Seconds(), rate*max(4*passed, 2*time.Second).Seconds()+1)
	w.retryBlocked(weather, now)
	// kgo returns what it has, without waiting, if the context is nil.
	var noWait context.Context
	handled := 0
	for w.credit >= 1 {
		fetched := w.client.PollRecords(noWait, min(int(w.credit), pollAtMost))
		if fetched.NumRecords() == 0 {
			break
		}
		n := w.handle(fetched, weather)
		handled += n
		w.credit -= float64(n)
	}
	w.meters.observe(w.component, weather, now, handled, seconds, w.random)
	w.average(float64(handled), passed)
}

// average updates the recent rate, with a memory of half a minute.
func (w *worker) average(handled float64, passed time.Duration) {
	if passed <= 0 {
		return
	}
	kept := math.Exp(-passed.Seconds() / 30)
	rate := kept*w.lately() + (1-kept)*handled/passed.Seconds()
	w.pace.Store(math.Float64bits(rate))
}

// handle marks the handled records for the next commit, and returns how many of them took the
// worker's time. Skipped records take none.
func (w *worker) handle(fetched kgo.Fetches, weather weather) int {
	handled := 0
	fetched.EachPartition(func(p kgo.FetchTopicPartition) {
		records := w.beforeBlock(p.Records, weather)
		if len(records) == 0 {
			return
		}
		w.client.MarkCommitRecords(records[len(records)-1])
		for _, r := range records {
			if !r.Timestamp.Before(weather.skipBefore) {
				handled++
			}
		}
	})
	return handled
}

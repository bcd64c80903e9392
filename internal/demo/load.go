package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/scalebot/scalebot/internal/pace"
)

const (
	// produceEvery is how often traffic is sent, in world time, and produceFloor the least wall
	// time between two rounds. At the demo's speed of 20 both mean the same interval, here and
	// for all periodic work in this package: a slower world does not need finer steps.
	produceEvery = 2 * time.Second
	produceFloor = 100 * time.Millisecond
	// bufferedRecords bounds what waits to be sent; more is dropped.
	bufferedRecords = 300_000
	// produceLinger, in wall time, lets the messages of a round be sent together. One request per
	// partition would also wake every consumer once for each.
	produceLinger = 2 * time.Millisecond
)

// load is the traffic: it sends every component's messages at the rate of the
// weather.
type load struct {
	client  *kgo.Client
	clock   pace.Clock
	climate *climate
	log     *slog.Logger
	random  *rand.Rand
	lanes   []*lane
	dropped atomic.Int64

	mu     sync.Mutex
	bursts map[string]int
}

// lane is one partition's share of the traffic; owed is the fraction of a message that is due but
// not yet sent.
type lane struct {
	component string
	topic     string
	partition int32
	share     float64
	hotShare  float64
	owed      float64
}

func newLoad(b *broker, clock pace.Clock, climate *climate, config Config) (*load, error) {
	client, err := b.client(
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.DisableIdempotentWrite(),
		kgo.RequiredAcks(kgo.LeaderAck()),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(produceLinger),
		kgo.MaxBufferedRecords(bufferedRecords),
	)
	if err != nil {
		return nil, fmt.Errorf("connecting the producers: %w", err)
	}
	return &load{
		client: client, clock: clock, climate: climate, log: config.Log,
		random: rand.New(rand.NewPCG(config.Seed, 1)), lanes: lanes(config.components), bursts: map[string]int{},
	}, nil
}

func lanes(components []component) []*lane {
	var all []*lane
	for _, c := range components {
		even := 1 / float64(c.partitions())
		for _, t := range c.topics {
			for p := range t.partitions {
				l := &lane{component: c.name, topic: t.name, partition: p, share: even, hotShare: even}
				if c.name == downloadWorker {
					l.hotShare = (1 - hotShare) / float64(t.partitions-1)
					if p == hotPartition {
						l.hotShare = hotShare
					}
				}
				all = append(all, l)
			}
		}
	}
	return all
}

// burst adds messages to the next round.
func (l *load) burst(component string, messages int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bursts[component] = messages
}

func (l *load) drainBursts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	bursts := l.bursts
	l.bursts = map[string]int{}
	return bursts
}

// run sends traffic until the context ends.
func (l *load) run(ctx context.Context) {
	defer l.client.Close()
	ticker := l.clock.NewTicker(produceEvery, produceFloor)
	defer ticker.Stop()
	noise := newNoise(l.random)
	for last := l.clock.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := l.clock.Now()
		span := min(now.Sub(last), l.longestSpan())
		last = now
		l.climate.calmDown(now)
		l.round(ctx, span.Seconds(), noise.step(span))
	}
}

// longestSpan bounds how much traffic one round makes up for. After a second in which the machine
// was busy elsewhere, a round would otherwise send a minute's traffic at once, which would look
// like an incident.
func (l *load) longestSpan() time.Duration {
	return max(2*produceEvery, time.Duration(4*float64(produceFloor)*l.clock.Speed()))
}

// round sends the traffic of the given number of seconds, scaled by the noise of each component.
func (l *load) round(ctx context.Context, seconds float64, noise map[string]float64) {
	weather, bursts := l.climate.now(), l.drainBursts()
	for _, lane := range l.lanes {
		share := lane.share
		if weather.hot {
			share = lane.hotShare
		}
		rate := weather.arrival[lane.component] * noise[lane.component]
		lane.owed += rate*seconds*share + float64(bursts[lane.component])*lane.share
		messages := int(lane.owed)
		lane.owed -= float64(messages)
		l.send(ctx, lane, messages)
	}
}

func (l *load) send(ctx context.Context, lane *lane, messages int) {
	records := make([]kgo.Record, messages)
	for i := range records {
		records[i].Topic, records[i].Partition = lane.topic, lane.partition
		l.client.TryProduce(ctx, &records[i], l.sent)
	}
}

// sent counts messages that could not be sent. It logs the first and then every ten thousandth,
// because a stuck broker would drop every record.
func (l *load) sent(_ *kgo.Record, err error) {
	if err != nil && l.dropped.Add(1)%10_000 == 1 {
		l.log.Warn("traffic was dropped", "records", l.dropped.Load(), "error", err)
	}
}

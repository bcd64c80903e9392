package world

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Backlog puts messages on a component's topic, evenly over its partitions.
func (w *World) Backlog(ctx context.Context, name string, messages int) error {
	c, err := w.named(name)
	if err != nil {
		return err
	}
	if err := w.producer.ProduceSync(ctx, c.records(0, messages)...).FirstErr(); err != nil {
		return fmt.Errorf("producing to %s: %w", c.Topic, err)
	}
	return nil
}

// records are messages for the component's partitions in turn, beginning with the given one.
func (c Component) records(first, n int) []*kgo.Record {
	records := make([]*kgo.Record, n)
	for i := range records {
		records[i] = &kgo.Record{Topic: c.Topic, Partition: int32(first+i) % c.Partitions, Value: []byte("x")}
	}
	return records
}

// beat is how often the stream puts messages on the topics.
const beat = 200 * time.Millisecond

// startStream makes all topics receive their everyday load until the world ends.
func (w *World) startStream() (err error) {
	if w.producer, err = w.Kafka.Client(kgo.RecordPartitioner(kgo.ManualPartitioner())); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	var stream sync.WaitGroup
	stream.Go(func() {
		ticker := time.NewTicker(beat)
		defer ticker.Stop()
		for sent := 0; ; sent++ {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				w.send(ctx, sent)
			}
		}
	})
	w.endStream = func() {
		stop()
		w.producer.Close()
		stream.Wait()
	}
	return nil
}

// send is one beat. What cannot be delivered while a broker is away waits in the producer, which retries.
func (w *World) send(ctx context.Context, turn int) {
	for _, c := range w.components() {
		n := max(1, c.Rate/int(time.Second/beat))
		for _, record := range c.records(turn*n, n) {
			w.producer.TryProduce(ctx, record, nil)
		}
	}
}

func (w *World) named(name string) (Component, error) {
	for _, c := range w.components() {
		if c.Name == name {
			return c, nil
		}
	}
	return Component{}, fmt.Errorf("the pipeline has no component %q", name)
}

// output runs a program to its end and returns all it said; that it ends with another code than 0 is an error.
func output(ctx context.Context, env []string, path string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

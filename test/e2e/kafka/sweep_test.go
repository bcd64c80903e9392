package kafka_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/IBM/sarama"
	botkafka "github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The fleet of the measurement: every group has read one of three records on each partition of a topic of its own.
const (
	sweepGroups     = 200
	sweepPartitions = 24
	sweepLag        = sweepGroups * sweepPartitions * 2
)

// BenchmarkLagSweep reads the lag of the whole fleet from three brokers, with the bot's reader and with others. All have to agree on the sum.
func BenchmarkLagSweep(b *testing.B) {
	three, err := kafka.Start(b.Context(), b.TempDir(), 3)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = three.Stop() })
	fillFleet(b, three)
	for _, reader := range []struct {
		name string
		read func(b *testing.B, c *kafka.Cluster) func(ctx context.Context) (int64, error)
	}{
		{"scalebot", sweepWithScalebot},
		{"kadm", sweepWithKadm},
		{"sarama", sweepWithSarama},
		{"kafka-consumer-groups", sweepWithTool},
	} {
		b.Run(reader.name, func(b *testing.B) {
			read := reader.read(b, three)
			if _, err := read(b.Context()); err != nil { // The first sweep connects.
				b.Fatal(err)
			}
			for b.Loop() {
				if got, err := read(b.Context()); err != nil || got != sweepLag {
					b.Fatalf("got a lag of %d, %v, want %d", got, err, sweepLag)
				}
			}
		})
	}
}

func fleetNames(i int) (group, topic string) {
	return fmt.Sprintf("sweep-group-%03d", i), fmt.Sprintf("sweep-topic-%03d", i)
}

// fillFleet makes the topics, produces and commits.
func fillFleet(b *testing.B, c *kafka.Cluster) {
	b.Helper()
	client, err := c.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	for i := range sweepGroups {
		group, topic := fleetNames(i)
		if _, err := admin.CreateTopic(b.Context(), sweepPartitions, 1, nil, topic); err != nil {
			b.Fatal(err)
		}
		var records []*kgo.Record
		var offsets kadm.Offsets
		for p := range int32(sweepPartitions) {
			for range 3 {
				records = append(records, &kgo.Record{Topic: topic, Partition: p, Value: []byte("x")})
			}
			offsets.AddOffset(topic, p, 1, -1)
		}
		if err := client.ProduceSync(b.Context(), records...).FirstErr(); err != nil {
			b.Fatal(err)
		}
		if err := commitSoon(b.Context(), admin, group, offsets); err != nil {
			b.Fatal(err)
		}
	}
}

// commitSoon commits; the coordinators make their own topic first, which takes a moment.
func commitSoon(ctx context.Context, admin *kadm.Client, group string, offsets kadm.Offsets) (err error) {
	for range 100 {
		if err = admin.CommitAllOffsets(ctx, group, offsets); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return err
}

func sweepWithScalebot(b *testing.B, c *kafka.Cluster) func(ctx context.Context) (int64, error) {
	reader, err := botkafka.New(botkafka.Config{Brokers: c.Addresses()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(reader.Close)
	components := make([]scale.Component, sweepGroups)
	for i := range components {
		group, topic := fleetNames(i)
		components[i] = scale.Component{Name: group, Group: group, Topics: []string{topic}, Reset: scale.ResetEarliest}
	}
	return func(ctx context.Context) (sum int64, err error) {
		for name, reading := range reader.Lags(ctx, components) {
			lag, ok := reading.Get()
			if !ok {
				return 0, fmt.Errorf("%s: %s", name, reading.Why())
			}
			sum += lag.Total
		}
		return sum, nil
	}
}

func sweepWithKadm(b *testing.B, c *kafka.Cluster) func(ctx context.Context) (int64, error) {
	client, err := c.Client()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	admin := kadm.NewClient(client)
	groups := make([]string, sweepGroups)
	for i := range groups {
		groups[i], _ = fleetNames(i)
	}
	return func(ctx context.Context) (sum int64, err error) {
		lags, err := admin.Lag(ctx, groups...)
		if err != nil {
			return 0, err
		}
		for _, lag := range lags {
			sum += lag.Lag.Total()
		}
		return sum, nil
	}
}

// sweepWithSarama asks group by group and partition by partition, as the library offers it.
func sweepWithSarama(b *testing.B, c *kafka.Cluster) func(ctx context.Context) (int64, error) {
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	client, err := sarama.NewClient(c.Addresses(), config)
	if err != nil {
		b.Fatal(err)
	}
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = admin.Close() })
	return func(context.Context) (sum int64, err error) {
		for i := range sweepGroups {
			group, topic := fleetNames(i)
			lag, err := saramaLag(client, admin, group, topic)
			if err != nil {
				return 0, err
			}
			sum += lag
		}
		return sum, nil
	}
}

func saramaLag(client sarama.Client, admin sarama.ClusterAdmin, group, topic string) (sum int64, err error) {
	commits, err := admin.ListConsumerGroupOffsets(group, nil)
	if err != nil {
		return 0, err
	}
	for p, commit := range commits.Blocks[topic] {
		end, err := client.GetOffset(topic, p, sarama.OffsetNewest)
		if err != nil {
			return 0, err
		}
		sum += end - commit.Offset
	}
	return sum, nil
}

func sweepWithTool(_ *testing.B, c *kafka.Cluster) func(ctx context.Context) (int64, error) {
	return func(ctx context.Context) (sum int64, err error) {
		rows, err := c.ConsumerGroups(ctx)
		if err != nil {
			return 0, err
		}
		for _, row := range rows {
			var lag int64
			if _, err := fmt.Sscan(row.Lag, &lag); err != nil {
				return 0, fmt.Errorf("reading the lag %q: %w", row.Lag, err)
			}
			sum += lag
		}
		return sum, nil
	}
}

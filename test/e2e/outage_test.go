package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// TestTheAPIServerIsAway: a decision that cannot be stored is not taken and is said to have failed; nothing of it happens later by itself, and
// once the server is back everybody goes on.
func TestTheAPIServerIsAway(t *testing.T) {
	pair(t)
	byHand(t, "event-ingester", 3)
	card := ask(t, carl, "event-ingester 4")
	id, before := operation(t, card, "event-ingester"), generation(t, "event-ingester")
	real.Kubernetes.StopAPIServer()
	asked := newest(t)
	click(t, ben, card, "approve")
	told := seeAs(t, ben, soon, "what Ben is told", after(asked), func(m message) bool { return m.private })
	t.Logf("Ben is told: %s", told.text)
	if err := real.Kubernetes.StartAPIServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	pair(t)
	if got := stateOf(t, id); got != "proposed" {
		t.Errorf("%s is %s, want it still proposed", id, got)
	}
	click(t, ben, card, "approve")
	scaled(t, "event-ingester", 4)
	becomes(t, id, "watching")
	if n := generation(t, "event-ingester") - before; n != 1 {
		t.Errorf("the Deployment was changed %d times, want once", n)
	}
}

// TestABrokerIsAway kills the broker that coordinates a group and leads a third of the partitions. What it led moves, and the bot reads the lag
// as it is; when the broker is back and leads again, too.
func TestABrokerIsAway(t *testing.T) {
	pair(t)
	client, err := real.Kafka.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	byHandTo0(t, "dlq-handler")
	if err := real.Backlog(t.Context(), "dlq-handler", 500); err != nil {
		t.Fatal(err)
	}
	lagIsRight(t, admin, "at first")
	i := coordinatorOf(t, admin, "xact-dlq-handler")
	real.Kafka.Kill(i)
	began := time.Now()
	lagIsRight(t, admin, "without the broker")
	t.Logf("read again %v after the broker was killed", time.Since(began).Round(time.Millisecond))
	if err := real.Kafka.Restart(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	until(t, soon, "the partitions to move back", func(ctx context.Context) error {
		_, err := admin.ElectLeaders(ctx, kadm.ElectPreferredReplica, nil)
		return err
	})
	lagIsRight(t, admin, "with the broker back")
	byHand(t, "dlq-handler", 1)
}

func byHandTo0(t *testing.T, deployment string) {
	t.Helper()
	kubectl(t, "scale", "deployment", deployment, "--replicas=0")
	until(t, soon, deployment+" to be without pods", func(context.Context) error {
		if pods := kubectl(t, "get", "pods", "-l", "app="+deployment, "-o", "name"); pods != "" {
			return fmt.Errorf("there is %s", pods)
		}
		return nil
	})
}

func coordinatorOf(t *testing.T, admin *kadm.Client, group string) int {
	t.Helper()
	found := admin.FindGroupCoordinators(t.Context(), group)[group]
	if found.Err != nil {
		t.Fatal(found.Err)
	}
	ids := []int32{real.Kafka.Broker(0), real.Kafka.Broker(1), real.Kafka.Broker(2)}
	return slices.Index(ids, found.NodeID)
}

// tolerance is what the stream adds in the seconds between two looks.
const tolerance = 30

// lagIsRight waits until both replicas of the bot count what is there. Nobody consumes, so that the lag only grows, and slowly.
func lagIsRight(t *testing.T, admin *kadm.Client, when string) {
	t.Helper()
	for _, bot := range fleet {
		until(t, soon, "the right lag "+when, func(ctx context.Context) error {
			truth, err := truth(ctx, admin, "xact-dlq-handler", "xact.downloads.dlq")
			if err != nil {
				return err
			}
			lag, err := bot.Metric(ctx, `scalebot_component_lag_messages{component="dlq-handler"}`)
			if err == nil && (lag < truth-tolerance || lag > truth+tolerance) {
				err = fmt.Errorf("the bot counts %v, and there are %v", lag, truth)
			}
			return err
		})
	}
}

// truth is the lag, read in the plainest way.
func truth(ctx context.Context, admin *kadm.Client, group, topic string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return 0, fmt.Errorf("reading the ends: %w", err)
	}
	commits, err := admin.FetchOffsets(ctx, group)
	if err != nil {
		return 0, fmt.Errorf("reading the commits: %w", err)
	}
	var sum float64
	ends.Each(func(end kadm.ListedOffset) {
		if commit, ok := commits.Lookup(topic, end.Partition); ok {
			sum += float64(end.Offset - commit.At)
		}
	})
	return sum, nil
}

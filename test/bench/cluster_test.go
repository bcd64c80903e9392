package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// serve is the environment variable that makes the test binary a cluster.
const serve = "LAG_BENCH_SERVE"

const (
	// records are produced to every partition; a group has committed all but behind of
	// them, so that every reader has to find partitions × behind.
	records = 12
	behind  = 5

	groups     = 500
	partitions = 24
	wide       = 10_000 // partitions of the one wide topic
)

func TestMain(m *testing.M) {
	if os.Getenv(serve) != "" {
		if err := runCluster(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runCluster prints the brokers' addresses and serves until its input ends.
func runCluster() error {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3),
		kfake.SeedTopics(partitions, names("topic")...),
		kfake.SeedTopics(wide, "wide"))
	if err != nil {
		return fmt.Errorf("starting kfake: %w", err)
	}
	defer cluster.Close()
	fmt.Println(strings.Join(cluster.ListenAddrs(), ","))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// startCluster starts the cluster in a process of its own and fills it.
func startCluster(b *testing.B) []string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serve+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatalf("waiting for the cluster: %v", err)
	}
	brokers := strings.Split(strings.TrimSpace(line), ",")
	if err := fill(b.Context(), brokers); err != nil {
		b.Fatal(err)
	}
	return brokers
}

// names are 500 names that begin with the given word.
func names(word string) []string {
	out := make([]string, groups)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%03d", word, i)
	}
	return out
}

// fill produces and commits.
func fill(ctx context.Context, brokers []string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.MaxBufferedRecords(1_000_000))
	if err != nil {
		return fmt.Errorf("connecting to fill the cluster: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	for _, name := range names("topic") {
		if err := fillTopic(ctx, client, admin, strings.Replace(name, "topic", "group", 1), name, partitions); err != nil {
			return err
		}
	}
	return fillTopic(ctx, client, admin, "wide", "wide", wide)
}

func fillTopic(ctx context.Context, client *kgo.Client, admin *kadm.Client, group, topic string, partitions int32) error {
	var offsets kadm.Offsets
	var all []*kgo.Record
	for p := range partitions {
		for range records {
			all = append(all, &kgo.Record{Topic: topic, Partition: p, Value: []byte("x")})
		}
		offsets.AddOffset(topic, p, records-behind, -1)
	}
	if err := client.ProduceSync(ctx, all...).FirstErr(); err != nil {
		return fmt.Errorf("producing to %s: %w", topic, err)
	}
	if err := admin.CommitAllOffsets(ctx, group, offsets); err != nil {
		return fmt.Errorf("committing for %s: %w", group, err)
	}
	return nil
}

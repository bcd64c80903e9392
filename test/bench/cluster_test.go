package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// serve is the environment variable that makes the test binary a server: "cluster" with
// the topics of the fleet, "runbook" with those of the embedded runbook, or "kubernetes".
const serve = "BENCH_SERVE"

const (
	// recordsEach are produced to every partition; a group has committed all but behind of
	// them, so that every reader has to find partitions × behind.
	recordsEach = 12
	behind      = 5

	groups     = 500
	partitions = 24
	wide       = 10_000 // partitions of the one wide topic
)

func TestMain(m *testing.M) {
	var err error
	switch kind := os.Getenv(serve); kind {
	case "":
		os.Exit(m.Run())
	case "cluster":
		err = runCluster(kfake.SeedTopics(partitions, names("topic")...), kfake.SeedTopics(wide, "wide"))
	case "runbook":
		err = runCluster(kfake.SeedTopics(12, "xact.events.raw"), kfake.SeedTopics(24, "xact.downloads.pending"),
			kfake.SeedTopics(6, "xact.downloads.results"), kfake.SeedTopics(3, "xact.downloads.dlq", "xact.downloads.retry.1m"))
	case "kubernetes":
		err = runKubernetes(strings.Split(os.Getenv("BENCH_DEPLOYMENTS"), ","))
	default:
		err = fmt.Errorf("%s is %q, which is no server", serve, kind)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runCluster prints the brokers' addresses and serves until its input ends.
func runCluster(topics ...kfake.Opt) error {
	cluster, err := kfake.NewCluster(append(topics, kfake.NumBrokers(3))...)
	if err != nil {
		return fmt.Errorf("starting kfake: %w", err)
	}
	defer cluster.Close()
	fmt.Println(strings.Join(cluster.ListenAddrs(), ","))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// runKubernetes prints the API server's address and serves until its input ends.
func runKubernetes(deployments []string) error {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	server := &http.Server{Handler: kubernetes{names: deployments, port: port}.handler(), ReadHeaderTimeout: 5 * time.Second}
	fmt.Println("http://" + listener.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startCluster starts the cluster of the fleet in a process of its own and fills it.
func startCluster(tb testing.TB) []string {
	tb.Helper()
	brokers := startBrokers(tb, "cluster")
	if err := fill(tb.Context(), brokers); err != nil {
		tb.Fatal(err)
	}
	return brokers
}

// startRunbookCluster starts a cluster with the embedded runbook's topics, all empty.
func startRunbookCluster(tb testing.TB) []string {
	tb.Helper()
	return startBrokers(tb, "runbook")
}

func startBrokers(tb testing.TB, kind string) []string {
	tb.Helper()
	process, out := spawn(tb, os.Args[0], nil, []string{serve + "=" + kind})
	line, err := out.ReadString('\n')
	if err != nil {
		tb.Fatalf("waiting for the cluster: %v\n%s", err, process.said)
	}
	return strings.Split(strings.TrimSpace(line), ",")
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
		for range recordsEach {
			all = append(all, &kgo.Record{Topic: topic, Partition: p, Value: []byte("x")})
		}
		offsets.AddOffset(topic, p, recordsEach-behind, -1)
	}
	if err := client.ProduceSync(ctx, all...).FirstErr(); err != nil {
		return fmt.Errorf("producing to %s: %w", topic, err)
	}
	if err := admin.CommitAllOffsets(ctx, group, offsets); err != nil {
		return fmt.Errorf("committing for %s: %w", group, err)
	}
	return nil
}

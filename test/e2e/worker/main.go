// Command worker is what a pod of the pipeline would run: a member of a consumer group that works through its messages at a set pace, commits
// them, and says of itself on /metrics what the runbook asks of workers. The tests run one for every pod that Kubernetes says is ready.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/time/rate"
)

// options are the command line.
type options struct {
	brokers, group, topics, client, metrics string
	pace                                    float64
	consumers                               int
	assignor                                string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, parse()); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

func parse() options {
	var o options
	flag.StringVar(&o.brokers, "brokers", "", "addresses of Kafka, separated by commas")
	flag.StringVar(&o.group, "group", "", "the consumer group")
	flag.StringVar(&o.topics, "topics", "", "topics, separated by commas")
	flag.StringVar(&o.client, "client", "worker", "client id, the pod's name")
	flag.StringVar(&o.metrics, "metrics", "127.0.0.1:0", "where /metrics is served")
	flag.Float64Var(&o.pace, "pace", 100, "messages per second, of all consumers together")
	flag.IntVar(&o.consumers, "consumers", 1, "how many members of the group it is")
	flag.StringVar(&o.assignor, "assignor", "cooperative", "range, cooperative or next (KIP-848)")
	flag.Parse()
	return o
}

func run(ctx context.Context, o options) error {
	meters := newMeters()
	server := &http.Server{Addr: o.metrics, Handler: meters.handler(), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	defer server.Close()
	consumed := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	go func() { consumed <- consumeAll(ctx, o, meters) }()
	select {
	case err := <-failed:
		cancel()
		<-consumed
		return fmt.Errorf("serving metrics: %w", err)
	case err := <-consumed:
		cancel()
		return err
	}
}

// consumeAll runs all members, and ends with the first one that fails.
func consumeAll(ctx context.Context, o options, meters *meters) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pace := rate.NewLimiter(rate.Limit(o.pace), max(1, int(o.pace/10)))
	ended := make(chan error, o.consumers)
	for range o.consumers {
		go func() { ended <- consume(ctx, o, pace, meters) }()
	}
	var all error
	for range o.consumers {
		all = errors.Join(all, <-ended)
		cancel()
	}
	return all
}

// consume is one member, which works until the context ends, and leaves the group then.
func consume(ctx context.Context, o options, pace *rate.Limiter, meters *meters) error {
	balancer, life := kgo.GroupBalancer(kgo.CooperativeStickyBalancer()), context.Background()
	switch o.assignor {
	case "range":
		balancer = kgo.RangeBalancer()
	case "next":
		//lint:ignore SA1029 the client library looks for exactly this string
		life = context.WithValue(life, "opt_in_kafka_next_gen_balancer_beta", true)
	}
	client, err := kgo.NewClient(
		kgo.WithContext(life), kgo.SeedBrokers(strings.Split(o.brokers, ",")...), kgo.ClientID(o.client), kgo.ConsumerGroup(o.group),
		kgo.ConsumeTopics(strings.Split(o.topics, ",")...), kgo.Balancers(balancer),
		kgo.AutoCommitMarks(), kgo.AutoCommitInterval(500*time.Millisecond), kgo.BlockRebalanceOnPoll(), kgo.FetchMaxPartitionBytes(64<<10),
	)
	if err != nil {
		return fmt.Errorf("joining %s: %w", o.group, err)
	}
	defer client.CloseAllowingRebalance()
	work(ctx, client, pace, meters)
	done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return client.CommitMarkedOffsets(done)
}

// batch bounds what is worked on between two chances to hand partitions over.
const batch = 20

func work(ctx context.Context, client *kgo.Client, pace *rate.Limiter, meters *meters) {
	for ctx.Err() == nil {
		fetched := client.PollRecords(ctx, batch)
		for _, record := range fetched.Records() {
			if pace.Wait(ctx) != nil {
				return
			}
			client.MarkCommitRecords(record)
			meters.consumed.Inc()
			meters.duration.Observe(1 / float64(pace.Limit()))
		}
		client.AllowRebalance()
	}
}

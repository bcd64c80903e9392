package world

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/test/e2e/cluster"
	"github.com/scalebot/scalebot/test/e2e/kafka"
	"github.com/scalebot/scalebot/test/e2e/process"
	"github.com/twmb/franz-go/pkg/kadm"
)

// Component is one stage of a pipeline: a Deployment whose pods read a topic.
type Component struct {
	Name       string
	Topic      string
	Partitions int32
	Replicas   int
	Rate       int // messages per second on an ordinary day
	// Group is the consumer group; empty means one of its own, xact- and its name.
	Group string
	// Consumers is how many members of the group each pod runs, and Targets how often Prometheus scrapes it; zero means once.
	Consumers, Targets int
	// Streams makes its pods Kafka's example application with the protocol of Kafka Streams, which reads kafka.WordCountTopic and has no metrics.
	Streams bool
}

// pipeline is what the embedded runbook describes.
var pipeline = []Component{
	{Name: "event-ingester", Topic: "xact.events.raw", Partitions: 12, Replicas: 3, Rate: 40},
	{Name: "download-worker", Topic: "xact.downloads.pending", Partitions: 24, Replicas: 6, Rate: 60},
	{Name: "result-processor", Topic: "xact.downloads.results", Partitions: 6, Replicas: 2, Rate: 20},
	{Name: "dlq-handler", Topic: "xact.downloads.dlq", Partitions: 3, Replicas: 1, Rate: 5},
	{Name: "retry-scheduler", Topic: "xact.downloads.retry.1m", Partitions: 3, Replicas: 1, Rate: 5},
}

// components are the pipeline and what the options add to it.
func (w *World) components() []Component { return append(slices.Clone(pipeline), w.options.More...) }

func (c Component) group() string { return cmp.Or(c.Group, "xact-"+c.Name) }

// The Kafka user of the bot, which may describe everything and do nothing else.
const (
	kafkaUser     = "scalebot"
	kafkaPassword = "scalebot-password"
)

// prepareKafka makes the topics, a first commit of every group, and the bot's user.
func (w *World) prepareKafka(ctx context.Context) error {
	client, err := w.Kafka.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	replicas := int16(w.options.Brokers)
	for _, c := range w.components() {
		topics := []string{c.Topic}
		if c.Streams {
			topics = append(topics, kafka.WordCountOutput)
		}
		if _, err := admin.CreateTopics(ctx, c.Partitions, replicas, nil, topics...); err != nil {
			return fmt.Errorf("making the topics %v: %w", topics, err)
		}
		if c.Streams {
			continue // A commit from outside would make a group of another type.
		}
		var offsets kadm.Offsets
		for p := range c.Partitions {
			offsets.AddOffset(c.Topic, p, 0, -1)
		}
		// The coordinator makes its own topic first, which takes a moment.
		err := process.Until(ctx, time.Minute, func(ctx context.Context) error { return admin.CommitAllOffsets(ctx, c.group(), offsets) })
		if err != nil {
			return fmt.Errorf("committing for %s: %w", c.group(), err)
		}
	}
	return addUser(ctx, admin)
}

func addUser(ctx context.Context, admin *kadm.Client) error {
	users, err := admin.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{{User: kafkaUser, Mechanism: kadm.ScramSha512, Iterations: 4096, Password: kafkaPassword}})
	if err == nil {
		err = users[kafkaUser].Err
	}
	if err != nil {
		return fmt.Errorf("making the bot's Kafka user: %w", err)
	}
	rights := kadm.NewACLs().Allow("User:" + kafkaUser).AllowHosts().Groups("*").Topics("*").
		ResourcePatternType(kadm.ACLPatternLiteral).Operations(kadm.OpDescribe)
	created, err := admin.CreateACLs(ctx, rights)
	if err != nil {
		return fmt.Errorf("allowing the bot to describe: %w", err)
	}
	for _, c := range created {
		if c.Err != nil {
			return fmt.Errorf("allowing the bot to describe: %w", c.Err)
		}
	}
	return nil
}

// populate deploys the pipeline and gives every component its crew.
func (w *World) populate(ctx context.Context) error {
	var documents strings.Builder
	for _, c := range w.components() {
		documents.WriteString(cluster.Deployment{Name: c.Name, Replicas: c.Replicas}.YAML())
	}
	if err := w.Kubernetes.Apply(ctx, documents.String()); err != nil {
		return err
	}
	for _, c := range w.components() {
		crew, err := w.follow(c)
		if err != nil {
			return err
		}
		w.crews = append(w.crews, crew)
	}
	return nil
}

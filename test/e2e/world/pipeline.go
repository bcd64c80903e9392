package world

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/test/e2e/cluster"
	"github.com/scalebot/scalebot/test/e2e/process"
	"github.com/twmb/franz-go/pkg/kadm"
)

// component is one stage of the pipeline, as the embedded runbook describes it.
type component struct {
	name       string
	topic      string
	partitions int32
	replicas   int
	rate       int // messages per second on an ordinary day
}

var pipeline = []component{
	{"event-ingester", "xact.events.raw", 12, 3, 40},
	{"download-worker", "xact.downloads.pending", 24, 6, 60},
	{"result-processor", "xact.downloads.results", 6, 2, 20},
	{"dlq-handler", "xact.downloads.dlq", 3, 1, 5},
	{"retry-scheduler", "xact.downloads.retry.1m", 3, 1, 5},
}

func (c component) group() string { return "xact-" + c.name }

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
	for _, c := range pipeline {
		if _, err := admin.CreateTopic(ctx, c.partitions, replicas, nil, c.topic); err != nil {
			return fmt.Errorf("making the topic %s: %w", c.topic, err)
		}
		var offsets kadm.Offsets
		for p := range c.partitions {
			offsets.AddOffset(c.topic, p, 0, -1)
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
	for _, c := range pipeline {
		documents.WriteString(cluster.Deployment{Name: c.name, Replicas: c.replicas}.YAML())
	}
	if err := w.Kubernetes.Apply(ctx, documents.String()); err != nil {
		return err
	}
	for _, c := range pipeline {
		crew, err := w.follow(c)
		if err != nil {
			return err
		}
		w.crews = append(w.crews, crew)
	}
	return nil
}

package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/sethvargo/go-envconfig"

	"github.com/scalebot/scalebot/internal/doctor"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/runbook"
)

// Examine checks everything that the configuration names, without running the bot. It reports
// what is wrong, and returns an error only where nothing can be checked.
func Examine(ctx context.Context, config Config, parts Parts) (report doctor.Report, err error) {
	if parts.Log == nil {
		parts.Log = slog.New(slog.DiscardHandler)
	}
	a := &App{config: config, parts: parts}
	subject := doctor.Subject{Channel: config.SlackChannel, APIURL: config.SlackAPIURL, HTTP: parts.Network.Slack, Namespace: config.Namespace}
	if subject.Book, subject.BookErr = a.book(); subject.BookErr != nil {
		subject.Book = runbook.Default().With(config.Namespace)
	}
	reader, err := a.kafka()
	if err != nil {
		return report, err
	}
	defer reader.Close()
	subject.Kafka = reader
	if subject.Metrics, err = a.signals(subject.Book.Policy.Times.RateWindow); err != nil {
		return report, err
	}
	a.slack = a.slackClient()
	subject.Slack = a.slack
	subject.Directory = a.directory(subject.Book)
	a.examineCluster(&subject)
	return doctor.Examine(ctx, subject), nil
}

func (a *App) examineCluster(subject *doctor.Subject) {
	if subject.ClusterErr = a.connectCluster(); subject.ClusterErr != nil {
		return
	}
	subject.Cluster, subject.RecordGroup = a.cluster(), records.Group
	if a.config.Store == StoreKubernetes {
		subject.Records = records.NewStore(a.parts.Dynamic, a.config.Namespace, a.parts.Log)
	}
}

// Archive opens the store of the environment for reading, without Slack or Kafka.
func Archive(ctx context.Context, lookup func(string) (string, bool)) (*records.Store, error) {
	var c Config
	if err := envconfig.ProcessWith(ctx, &envconfig.Config{Target: &c, Lookuper: lookuper(lookup)}); err != nil {
		return nil, fmt.Errorf("reading the environment: %w", err)
	}
	if c.Store != StoreKubernetes {
		return nil, errors.New("STORE=memory keeps operations in the running bot only; there is nothing to export")
	}
	a := &App{config: c, parts: Parts{Log: slog.New(slog.DiscardHandler)}}
	if err := a.connectCluster(); err != nil {
		return nil, err
	}
	return records.NewStore(a.parts.Dynamic, c.Namespace, a.parts.Log), nil
}

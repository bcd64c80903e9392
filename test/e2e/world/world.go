package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/scalebot/scalebot/test/e2e/cluster"
	"github.com/scalebot/scalebot/test/e2e/kafka"
	"github.com/scalebot/scalebot/test/e2e/process"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Options say what a world is like. The zero Options are one broker.
type Options struct {
	// Brokers is 1 or 3; zero means 1.
	Brokers int
	// More are components beside those of the embedded runbook; Runbook describes those that the bot is to know.
	More []Component
	// Runbook is the team's runbook file; empty means the embedded one alone.
	Runbook string
	// Assignor is how the workers share partitions: range, cooperative (the default) or next (KIP-848).
	Assignor string
}

// World is everything the bot talks to.
type World struct {
	Kafka      *kafka.Cluster
	Kubernetes *cluster.Cluster
	// Slack is the address of the emulator's page.
	Slack string

	dir        string
	options    Options
	programs   programs
	kubeconfig string // of the bot's service account
	prometheus string // its address
	prom       *process.Process
	producer   *kgo.Client
	endStream  func()
	crews      []*Crew
	processes  []*process.Process
}

// Start starts a world that keeps its files in dir.
func Start(ctx context.Context, dir string, o Options) (*World, error) {
	o.Brokers = max(1, o.Brokers)
	w := &World{dir: dir, options: o}
	if err := w.start(ctx); err != nil {
		return nil, errors.Join(err, w.Stop())
	}
	return w, nil
}

func (w *World) start(ctx context.Context) (err error) {
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return fmt.Errorf("making a world: %w", err)
	}
	if w.programs, err = build(w.dir); err != nil {
		return err
	}
	if w.Kafka, err = kafka.Start(ctx, filepath.Join(w.dir, "kafka"), w.options.Brokers); err != nil {
		return err
	}
	if err := w.prepareKafka(ctx); err != nil {
		return err
	}
	if w.Kubernetes, err = cluster.Start(ctx, filepath.Join(w.dir, "kubernetes")); err != nil {
		return err
	}
	if w.kubeconfig, err = w.Kubernetes.Install(ctx, w.programs.repository); err != nil {
		return err
	}
	if err := w.startSlack(ctx); err != nil {
		return err
	}
	if err := w.startPrometheus(ctx); err != nil {
		return err
	}
	if err := w.populate(ctx); err != nil {
		return err
	}
	return w.startStream()
}

// Stop ends everything, in the order in which it would be missed least.
func (w *World) Stop() error {
	if w.endStream != nil {
		w.endStream()
	}
	for _, crew := range w.crews {
		crew.Stop()
	}
	for _, p := range w.processes {
		p.Kill()
	}
	if w.Kubernetes != nil {
		_ = w.Kubernetes.Stop()
	}
	if w.Kafka != nil {
		_ = w.Kafka.Stop()
	}
	return nil
}

// run starts a process that ends with the world.
func (w *World) run(spec process.Spec) (*process.Process, error) {
	spec.Log = filepath.Join(w.dir, spec.Name+".log")
	p, err := process.Start(spec)
	if err == nil {
		w.processes = append(w.processes, p)
	}
	return p, err
}

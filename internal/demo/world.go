package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/scalebot/scalebot/internal/pace"
)

// Config says how to build the world. The zero value is a world at wall speed on loopback.
type Config struct {
	// Clock is the world's clock; every rate and duration follows it.
	Clock pace.Clock
	// Listen opens a listener on a free port of a host, for one worker's /metrics;
	// nil means real TCP.
	Listen func(host string) (net.Listener, error)
	// Kafka is the network of the simulated Kafka; its zero value is real loopback.
	Kafka KafkaNetwork
	// Log receives the world's own log; nil discards it.
	Log *slog.Logger
	// ConsumersPerPod is how many consumers every pod runs; 0 means one.
	ConsumersPerPod int
	// Seed makes start-up times, names and noise repeatable.
	Seed uint64

	// components are what the world runs; none means the whole pipeline. A test of one component
	// runs only that one.
	components []component
}

// World is the simulated world. It runs from Start to Close.
type World struct {
	clock      pace.Clock
	log        *slog.Logger
	components []component
	climate    *climate
	crew       *crew
	// perPod is how many consumers a pod runs.
	perPod  int
	broker  *broker
	load    *load
	gauge   *gauge
	cluster *cluster

	cancel context.CancelFunc
	closed sync.Once
	wait   sync.WaitGroup
	// playing lets one scenario start at a time.
	playing sync.Mutex
}

// populateWithin bounds, in wall time, how long Start waits for the groups.
const populateWithin = 20 * time.Second

// Start builds the world and returns once every component runs at its normal size and every group
// has assigned its partitions. Everything stops when ctx ends; the caller must call Close in any
// case.
func Start(ctx context.Context, config Config) (*World, error) {
	config = config.withDefaults()
	broker, err := startBroker(config.Kafka, config.components)
	if err != nil {
		return nil, err
	}
	w := &World{clock: config.Clock, log: config.Log, components: config.components, climate: &climate{}, crew: newCrew(), perPod: max(1, config.ConsumersPerPod), broker: broker}
	w.climate.set(scenarios[0].weather(w.clock.Now(), time.Time{}))
	w.gauge = newGauge(broker, w.clock)
	if w.load, err = newLoad(broker, w.clock, w.climate, config); err != nil {
		broker.cluster.Close()
		return nil, err
	}
	ctx, w.cancel = context.WithCancel(ctx)
	w.cluster = newCluster(w, config, func(run func(context.Context)) { w.wait.Go(func() { run(ctx) }) })
	if err = w.populate(ctx); err != nil {
		w.Close()
		w.load.client.Close()
		return nil, err
	}
	for _, run := range []func(context.Context){w.load.run, w.gauge.run, w.broker.trim, w.cluster.run, w.cluster.closeAfter} {
		w.wait.Go(func() { run(ctx) })
	}
	return w, nil
}

func (c Config) withDefaults() Config {
	if c.Listen == nil {
		c.Listen = func(host string) (net.Listener, error) { return net.Listen("tcp", net.JoinHostPort(host, "0")) }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.components == nil {
		c.components = pipeline
	}
	return c
}

// populate sets up the components and waits until their groups are stable.
func (w *World) populate(ctx context.Context) error {
	if err := w.cluster.populate(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, populateWithin)
	defer cancel()
	for _, c := range w.components {
		if _, err := w.broker.cluster.WaitGroupStable(ctx, c.group, int(c.replicas)*w.perPod); err != nil {
			return fmt.Errorf("waiting for group %s: %w", c.group, err)
		}
	}
	return nil
}

// Close ends the world and waits for everything in it. It may be called repeatedly.
func (w *World) Close() {
	w.closed.Do(func() {
		w.cluster.close()
		w.cancel()
		w.wait.Wait()
		w.broker.cluster.Close()
	})
}

// Brokers are the addresses of the simulated Kafka.
func (w *World) Brokers() []string { return w.broker.cluster.ListenAddrs() }

// Kubernetes is the simulated cluster's API.
func (w *World) Kubernetes() kubernetes.Interface { return w.cluster.client }

// Dynamic serves the custom resources of the simulated cluster: KEDA's ScaledObjects.
func (w *World) Dynamic() dynamic.Interface { return w.cluster.dynamic }

// PodMetrics is the metrics API with the workers' present use.
func (w *World) PodMetrics() metricsclient.Interface { return w.cluster.metrics }

// SetLoad changes the traffic of a component, in messages per second of world time,
// until the next scenario.
func (w *World) SetLoad(name string, rate float64) error {
	if _, ok := lookup(name); !ok {
		return fmt.Errorf("unknown component %q: use one of %s", name, strings.Join(componentNames(), ", "))
	}
	if !(rate >= 0 && rate <= mostLoad) {
		return fmt.Errorf("a rate of %g msg/s is outside 0 to %d", rate, mostLoad)
	}
	w.climate.setArrival(name, rate)
	return nil
}

// mostLoad bounds the traffic of one component in messages per second.
const mostLoad = 5000

// Handler serves GET /world/state, POST /world/scenario and POST /world/load.
func (w *World) Handler() http.Handler { return w.handler() }

package app

import (
	"context"
	"fmt"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/ledger"
	"os"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/scalebot/scalebot/internal/kube"
	"github.com/scalebot/scalebot/internal/memstore"
	"github.com/scalebot/scalebot/internal/metrics"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

// slackClient makes the Slack client from the configuration. It does not call Slack yet.
func (a *App) slackClient() *api.Client {
	return api.NewClient(api.Config{
		BotToken: a.config.SlackBotToken.Reveal(), AppToken: a.config.SlackAppToken.Reveal(), APIURL: a.config.SlackAPIURL,
		HTTP: a.parts.Network.Slack, Clock: a.parts.Clock, Log: a.parts.Log,
	})
}

// directory reads people from Slack, and who is on call as the runbook says.
func (a *App) directory(book *runbook.Book) *people.Directory {
	return people.NewDirectory(a.slack, a.config.roster(book))
}

// cluster reads and changes workloads through the connected clients.
func (a *App) cluster() *kube.Cluster {
	return kube.New(kube.Config{Kubernetes: a.parts.Kubernetes, Dynamic: a.parts.Dynamic, Metrics: a.parts.PodMetrics, Clock: a.parts.Clock, Log: a.parts.Log})
}

// connectCluster makes the clients that the caller did not provide.
func (a *App) connectCluster() error {
	if a.parts.Kubernetes != nil {
		return nil
	}
	rest, err := kube.Connect(a.config.Kubeconfig)
	if err != nil {
		return err
	}
	if a.parts.Kubernetes, err = kubernetes.NewForConfig(rest); err != nil {
		return fmt.Errorf("setting up the Kubernetes client: %w", err)
	}
	if a.parts.Dynamic, err = dynamic.NewForConfig(rest); err != nil {
		return fmt.Errorf("setting up the client for custom resources: %w", err)
	}
	if a.parts.PodMetrics, err = metricsclient.NewForConfig(rest); err != nil {
		return fmt.Errorf("setting up the client for pod metrics: %w", err)
	}
	return nil
}

// signals reads the workers' metrics from Prometheus, or from the pods themselves.
func (a *App) signals(window time.Duration) (sampler.Metrics, error) {
	options := metrics.Options{Client: a.parts.Network.Metrics, Clock: a.parts.Clock, Window: window}
	if a.config.PrometheusURL == "" {
		scraper, err := metrics.NewScraper(options)
		if err != nil {
			return nil, fmt.Errorf("setting up the reading of pods: %w", err)
		}
		return scraper, nil
	}
	prometheus, err := metrics.NewPrometheus(a.config.PrometheusURL, options)
	if err != nil {
		return nil, fmt.Errorf("setting up Prometheus: %w", err)
	}
	return prometheus, nil
}

// signalsAtOnce is for how many components the workers' metrics are read at once.
func (a *App) signalsAtOnce() int {
	if a.config.PrometheusURL == "" {
		return 0
	}
	return metrics.ComponentsAtOnce
}

// store returns the store for operations and episodes.
func (a *App) store() (ledger.Store, error) {
	if a.config.Store == StoreMemory {
		return memstore.New(), nil
	}
	store := records.NewStore(a.parts.Dynamic, a.config.Namespace, a.parts.Log)
	a.background = append(a.background, store.Run)
	return store, nil
}

// traced wraps the store, so that Kubernetes Events are written too.
func (a *App) traced(store ledger.Store, book *runbook.Book) ledger.Store {
	name := a.parts.Identity
	if name == "" {
		name, _ = os.Hostname() // without a host name, the bot's name signs the events
	}
	t := newTrail(store, kube.NewEvents(a.parts.Kubernetes, name), book, a.parts.Clock, a.parts.Log)
	a.background = append(a.background, t.run)
	return t
}

// leader tells whether this process may act: always when operations are stored in its memory,
// else while it holds the lease.
type leader struct {
	leading func() bool
	run     func(context.Context) error
}

// Leading reports whether this process may act now.
func (l *leader) Leading() bool { return l.leading() }

func (a *App) elect() *leader {
	if a.config.Store == StoreMemory {
		return &leader{leading: func() bool { return true }, run: func(ctx context.Context) error { <-ctx.Done(); return nil }}
	}
	lease := kube.NewLease(a.parts.Kubernetes, a.config.Namespace, a.parts.Log).As(a.parts.Identity)
	return &leader{leading: lease.Leading, run: lease.Run}
}

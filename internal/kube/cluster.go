package kube

import (
	"context"
	"log/slog"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/pace"
)

// Config holds what a Cluster needs.
type Config struct {
	Kubernetes kubernetes.Interface
	// Dynamic reads KEDA's ScaledObjects.
	Dynamic dynamic.Interface
	// Metrics reads metrics.k8s.io.
	Metrics metricsclient.Interface
	Clock   pace.Clock
	Log     *slog.Logger
	// Timeout bounds each read and write in wall time; zero means 10 s.
	Timeout time.Duration
}

// Cluster reads workloads and changes their replica count. It implements
// engine.Cluster.
type Cluster struct {
	Config
	deployments lastRead
}

// New returns a Cluster; nothing is read yet.
func New(c Config) *Cluster {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Timeout <= 0 {
		c.Timeout = api.CallTimeout
	}
	return &Cluster{Config: c}
}

func (c *Cluster) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.Timeout)
}

// source is the origin that readings name.
const (
	source        = "Kubernetes"
	metricsSource = "metrics.k8s.io"
)

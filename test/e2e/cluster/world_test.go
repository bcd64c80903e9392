package cluster_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/kube"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/cluster"
	"github.com/scalebot/scalebot/test/e2e/process"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"
)

// real is the one cluster of all tests, with the bot's manifests applied; bot is the kubeconfig of its service account.
var (
	real *cluster.Cluster
	bot  string
)

var quiet = slog.New(slog.DiscardHandler)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "scalebot-kubernetes-*")
	if err == nil {
		defer os.RemoveAll(dir)
		err = open(dir)
	}
	if real != nil {
		defer real.Stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func open(dir string) (err error) {
	ctx := context.Background()
	if real, err = cluster.Start(ctx, dir); err != nil {
		return err
	}
	bot, err = real.Install(ctx, filepath.Join("..", "..", ".."))
	return err
}

// access is how somebody reaches the cluster.
type access struct {
	*rest.Config
	kubernetes kubernetes.Interface
	dynamic    dynamic.Interface
	metrics    metricsclient.Interface
}

// as connects the way the bot does, with somebody's kubeconfig.
func as(t *testing.T, kubeconfig string) access {
	t.Helper()
	config, err := kube.Connect(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	a := access{Config: config}
	if a.kubernetes, err = kubernetes.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	if a.dynamic, err = dynamic.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	if a.metrics, err = metricsclient.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	return a
}

// eyes are the bot's own reader and writer of workloads, with its service account.
func eyes(t *testing.T) *kube.Cluster {
	t.Helper()
	a := as(t, bot)
	return kube.New(kube.Config{Kubernetes: a.kubernetes, Dynamic: a.dynamic, Metrics: a.metrics})
}

// deploy applies a worker's Deployment, waits until its pods are as many as can be, and removes it with the test.
func deploy(t *testing.T, d cluster.Deployment) scale.Component {
	t.Helper()
	if err := real.Apply(t.Context(), d.YAML()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kubectl(t, "delete", "deployment", d.Name, "--wait=false") })
	return scale.Component{Name: d.Name, Namespace: cluster.Namespace, Deployment: d.Name, Selector: "app=" + d.Name}
}

// kubectl is the administrator's, in the workers' namespace.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := real.Kubectl(context.WithoutCancel(t.Context()), append([]string{"-n", cluster.Namespace}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func eventually(t *testing.T, within time.Duration, check func(ctx context.Context) error) {
	t.Helper()
	if err := process.Until(t.Context(), within, check); err != nil {
		t.Fatal(err)
	}
}

// seen waits until a workload, as the bot sees it, is what a check wants.
func seen(t *testing.T, c scale.Component, check func(w scale.Workload) error) scale.Workload {
	t.Helper()
	var last scale.Workload
	eyes := eyes(t)
	eventually(t, time.Minute, func(ctx context.Context) error {
		reading := eyes.Workload(ctx, c)
		w, ok := reading.Get()
		if !ok {
			return fmt.Errorf("reading %s: %s", c.Name, reading.Why())
		}
		last = w
		return check(w)
	})
	return last
}

func ready(n int) func(w scale.Workload) error {
	return func(w scale.Workload) error {
		if w.Ready != n || w.Desired != n || !w.Observed {
			return fmt.Errorf("%d of %d ready, observed %v, want %d of %d", w.Ready, w.Desired, w.Observed, n, n)
		}
		return nil
	}
}

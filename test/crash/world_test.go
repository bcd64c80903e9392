package crash

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clientfake "k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	metricsfake "k8s.io/metrics/pkg/client/clientset/versioned/fake"
	metricsscheme "k8s.io/metrics/pkg/client/clientset/versioned/scheme"

	"github.com/scalebot/scalebot/internal/demo"
	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/slackemu"
)

// speed is how much faster than the bot's the world's clock runs: pods start within 8 s.
const speed = 8

var (
	operations = schema.GroupVersionResource{Group: records.Group, Version: records.Version, Resource: "scalingoperations"}
	custom     = map[schema.GroupVersionResource]string{
		operations: "ScalingOperationList",
		{Group: records.Group, Version: records.Version, Resource: "scalingepisodes"}: "ScalingEpisodeList",
		{Group: "keda.sh", Version: "v1alpha1", Resource: "scaledobjects"}:            "ScaledObjectList",
		{Group: "argoproj.io", Version: "v1alpha1", Resource: "rollouts"}:             "RolloutList",
	}
)

// world is everything around the replicas.
type world struct {
	testing.TB
	demo           *demo.World
	api            *kubetest.API
	cluster, slack *gate
	url            string // of Slack.
	kubeconfig     string
	runbook        string
	program        string
	store          *records.Store
}

// runbookText looks more often, and lets one person decide everything: who may is not
// what is tested here.
const runbookText = `
access: {twoPeople: {belowRecommended: false, largeChange: false, downUnderLoad: false, partitions: false}}
times: {live: 1s, sample: 5s}
`

func newWorld(tb testing.TB) *world {
	tb.Helper()
	path, err := program()
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{TB: tb, program: path}
	w.demo, err = demo.Start(context.WithoutCancel(tb.Context()), demo.Config{Clock: pace.New(speed), Seed: 7})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(w.demo.Close)
	for component, rate := range map[string]float64{"download-worker": 5, "event-ingester": 2, "result-processor": 2, "retry-scheduler": 1, "dlq-handler": 0.1} {
		if err := w.demo.SetLoad(component, rate); err != nil {
			tb.Fatal(err)
		}
	}
	w.serveCluster()
	w.serveSlack()
	w.runbook = filepath.Join(tb.TempDir(), "runbook.yaml")
	write(tb, w.runbook, runbookText)
	return w
}

// serveCluster puts an API server over the world's cluster.
func (w *world) serveCluster() {
	w.api = kubetest.Serve(
		kubetest.Typed(w.demo.Kubernetes().(*clientfake.Clientset), scheme.Scheme),
		kubetest.Typed(w.demo.PodMetrics().(*metricsfake.Clientset), metricsscheme.Scheme),
		kubetest.Custom(w.demo.Dynamic().(*dynamicfake.FakeDynamicClient), custom),
	)
	w.cluster = &gate{next: w.api}
	server := httptest.NewServer(w.cluster)
	w.Cleanup(server.Close)
	w.kubeconfig = filepath.Join(w.TempDir(), "kubeconfig")
	write(w, w.kubeconfig, fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: crash
clusters: [{name: crash, cluster: {server: %q}}]
users: [{name: crash, user: {}}]
contexts: [{name: crash, context: {cluster: crash, user: crash}}]
`, server.URL))
	w.store = records.NewStore(w.demo.Dynamic(), demo.Namespace, slog.New(slog.DiscardHandler))
}

func (w *world) serveSlack() {
	slack := slackemu.New(slackemu.Config{AnyToken: true})
	w.slack = &gate{next: slack.Handler()}
	server := httptest.NewServer(w.slack)
	w.url = server.URL
	slack.SetBaseURL(w.url)
	w.Cleanup(func() { slack.Close(); server.Close() })
	w.must("/emulator/invite", object{"channel": general})
}

// operation reads what is stored.
func (w *world) operation(id string) ledger.Operation {
	w.Helper()
	op, err := w.store.Get(context.WithoutCancel(w.Context()), id)
	if err != nil {
		w.Fatal(err)
	}
	return op
}

// replicas is the count a deployment wants now.
func (w *world) replicas(deployment string) int {
	w.Helper()
	d, err := w.demo.Kubernetes().AppsV1().Deployments(demo.Namespace).Get(context.WithoutCancel(w.Context()), deployment, metav1.GetOptions{})
	if err != nil {
		w.Fatal(err)
	}
	return int(*d.Spec.Replicas)
}

// scalePath ends the address of a deployment's scale.
func scalePath(deployment string) string { return "/deployments/" + deployment + "/scale" }

// age makes an operation as old as if nobody had run for so long.
func (w *world) age(id string, by time.Duration) {
	w.Helper()
	in := w.demo.Dynamic().Resource(operations).Namespace(demo.Namespace)
	w.until(patience, "the stored times to be moved back", func() bool {
		o, err := in.Get(w.Context(), id, metav1.GetOptions{})
		if err != nil {
			w.Fatal(err)
		}
		spec := runtime.DeepCopyJSON(o.Object["spec"].(map[string]any))
		spec["record"] = aged(spec["record"], by)
		o.Object["spec"] = spec
		_, err = in.Update(w.Context(), o, metav1.UpdateOptions{})
		return err == nil // else the bot has changed it meanwhile.
	})
}

// aged is a record whose times of today are earlier.
func aged(v any, by time.Duration) any {
	switch v := v.(type) {
	case map[string]any:
		for key, one := range v {
			v[key] = aged(one, by)
		}
	case []any:
		for i, one := range v {
			v[i] = aged(one, by)
		}
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil && time.Since(t).Abs() < 24*time.Hour {
			return t.Add(-by).Format(time.RFC3339Nano)
		}
	}
	return v
}

const (
	// patience is how long anything may take that has nothing to wait for, on a busy
	// machine; takeover is how long a killed leader's lease may be in the way besides.
	patience = 40 * time.Second
	takeover = 60 * time.Second
	// glance is how often the tests look.
	glance = 50 * time.Millisecond
)

// until looks again and again until something is so.
func (w *world) until(limit time.Duration, what string, so func() bool) {
	w.Helper()
	deadline, tick := time.NewTimer(limit), time.NewTicker(glance)
	defer deadline.Stop()
	defer tick.Stop()
	for !so() {
		select {
		case <-deadline.C:
			w.Fatalf("waited %v for %s; Slack shows:\n%s", limit, what, w.transcript())
		case <-tick.C:
		}
	}
}

// held waits until a request is held.
func (w *world) held(what string, h *hold) {
	w.Helper()
	w.until(patience, what, func() bool {
		select {
		case <-h.reached:
			return true
		default:
			return false
		}
	})
}

// replica is a running `scalebot run`.
type replica struct {
	*process
	w   *world
	url string
}

// start runs a replica and waits until it is ready.
func (w *world) start() *replica {
	w.Helper()
	address := freeAddress(w)
	r := &replica{w: w, url: "http://" + address}
	r.process = spawn(w, w.program, []string{"run"}, []string{
		"SLACK_BOT_TOKEN=xoxb-crash", "SLACK_APP_TOKEN=xapp-crash", "SLACK_API_URL=" + w.url + "/api/", "SLACK_CHANNEL=" + incident,
		"KAFKA_BROKERS=" + strings.Join(w.demo.Brokers(), ","), "KUBECONFIG=" + w.kubeconfig, "RUNBOOK_FILE=" + w.runbook,
		"HTTP_ADDR=" + address, "LOG_LEVEL=info", "LOG_FORMAT=text",
	})
	w.Cleanup(func() {
		if w.Failed() {
			w.Logf("the end of what a replica said:\n%s", r.said)
		}
	})
	w.until(patience, "a replica to be ready", func() bool {
		select {
		case <-r.ended:
			w.Fatalf("a replica ended by itself: %v\n%s", r.err, r.said)
		default:
		}
		status, _ := get(r.url + "/readyz")
		return status == http.StatusOK
	})
	return r
}

// leads reports whether the replica is the one that acts.
func (r *replica) leads() bool {
	_, text := get(r.url + "/metrics")
	return strings.Contains(text, "\nscalebot_leading 1\n")
}

package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clientfake "k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	metricsfake "k8s.io/metrics/pkg/client/clientset/versioned/fake"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/secret"
	"github.com/scalebot/scalebot/internal/slackemu"
)

// workspace serves a Slack for one test.
func workspace(t *testing.T) (*slackemu.Server, string) {
	t.Helper()
	s := slackemu.New(slackemu.Config{})
	web := httptest.NewServer(s.Handler())
	s.SetBaseURL(web.URL)
	t.Cleanup(func() { s.Close(); web.Close() })
	return s, web.URL
}

// settings are enough to start beside a Slack; nobody answers as Kafka.
func settings(s *slackemu.Server, url string) app.Config {
	return app.Config{
		SlackBotToken: secret.Text(s.BotToken()), SlackAppToken: secret.Text(s.AppToken()), SlackAPIURL: url + "/api/",
		SlackChannel: "C0INCIDENT", KafkaBrokers: []string{"127.0.0.1:1"}, Namespace: "kafka-pipeline", Store: app.StoreMemory,
		HTTPAddr: "127.0.0.1:0",
	}
}

// emptyCluster is a Kubernetes without any workload, which can keep operations and episodes.
func emptyCluster() app.Parts {
	kinds := map[schema.GroupVersionResource]string{
		{Group: "keda.sh", Version: "v1alpha1", Resource: "scaledobjects"}:              "ScaledObjectList",
		{Group: "argoproj.io", Version: "v1alpha1", Resource: "rollouts"}:               "RolloutList",
		{Group: records.Group, Version: records.Version, Resource: "scalingoperations"}: "ScalingOperationList",
		{Group: records.Group, Version: records.Version, Resource: "scalingepisodes"}:   "ScalingEpisodeList",
	}
	return app.Parts{
		Kubernetes: clientfake.NewClientset(), PodMetrics: metricsfake.NewSimpleClientset(),
		Dynamic: dynamicfake.NewSimpleDynamicClientWithCustomListKinds(scheme.Scheme, kinds),
	}
}

// TestAWrongTokenIsAnErrorAtOnce: whoever starts the bot learns what is wrong without
// waiting, and the error does not show the token.
func TestAWrongTokenIsAnErrorAtOnce(t *testing.T) {
	s, url := workspace(t)
	config := settings(s, url)
	config.SlackBotToken = "xoxb-not-the-one"
	_, err := app.New(t.Context(), config, emptyCluster())
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"connecting to Slack", "invalid_auth"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not mention %q: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "not-the-one") {
		t.Errorf("the error shows the token: %v", err)
	}
}

// TestSlackAwayIsAnErrorAtOnce: nobody listens at the address.
func TestSlackAwayIsAnErrorAtOnce(t *testing.T) {
	s, _ := workspace(t)
	if _, err := app.New(t.Context(), settings(s, "http://127.0.0.1:1"), emptyCluster()); err == nil || !strings.Contains(err.Error(), "connecting to Slack") {
		t.Errorf("got %v, want an error about Slack", err)
	}
}

// TestRunbookMistakesAreAllPrinted, each with its line, before anything is started.
func TestRunbookMistakesAreAllPrinted(t *testing.T) {
	s, url := workspace(t)
	config := settings(s, url)
	config.RunbookFile = filepath.Join(t.TempDir(), "runbook.yaml")
	const text = "components:\n  - name: download-worker\n    min: many\n  - name: event-ingester\n    maxx: 3\n"
	if err := os.WriteFile(config.RunbookFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := app.New(t.Context(), config, emptyCluster())
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"reading the runbook file", ":3", ":5", "many", "maxx"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not mention %q:\n%v", want, err)
		}
	}
	config.RunbookFile += ".missing"
	if _, err := app.New(t.Context(), config, emptyCluster()); err == nil || !strings.Contains(err.Error(), "runbook.yaml.missing") {
		t.Errorf("a missing file: got %v, want an error with its name", err)
	}
}

// face is what a probe answers.
type face struct {
	OK         bool
	Conditions []struct {
		Name, Why string
		OK        bool
	}
}

func (f face) why(name string) string {
	for _, c := range f.Conditions {
		if c.Name == name {
			return c.Why
		}
	}
	return "there is no condition " + name
}

func ask(t *testing.T, a *app.App, path string) (int, face) {
	t.Helper()
	recorder := httptest.NewRecorder()
	a.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	var f face
	if err := json.NewDecoder(recorder.Body).Decode(&f); err != nil {
		t.Fatalf("%s: reading the answer: %v", path, err)
	}
	return recorder.Code, f
}

// TestTheProbes: before the hello and the first sample the bot is alive and not ready,
// and says why; afterwards it is both, although Kafka is away; and it stops when told.
func TestTheProbes(t *testing.T) {
	apart(t, func(p *place) {
		a, err := app.New(p.Context(), p.config, p.parts)
		if err != nil {
			p.Fatal(err)
		}
		status, f := ask(p.T, a, "/readyz")
		if status != http.StatusServiceUnavailable || f.OK || !strings.Contains(f.why("slack"), "hello") || !strings.Contains(f.why("sampler"), "first sample") {
			p.Errorf("before: got %d %+v, want 503 with both reasons", status, f)
		}
		if status, f := ask(p.T, a, "/healthz"); status != http.StatusOK {
			p.Errorf("before: got %d %+v, want alive", status, f)
		}
		stop, ended := running(p.T, a)
		for began := time.Now(); status != http.StatusOK; status, f = ask(p.T, a, "/readyz") {
			if time.Since(began) > 20*time.Second {
				p.Fatalf("not ready within 20 s: %+v", f)
			}
			select {
			case err := <-ended:
				p.Fatalf("ended by itself: %v", err)
			case <-time.After(20 * time.Millisecond):
			}
		}
		if !f.OK || f.why("slack") != "" || f.why("sampler") != "" {
			p.Errorf("ready: got %+v, want no reasons", f)
		}
		stop()
		if err := <-ended; err != nil {
			p.Errorf("stopping: %v", err)
		}
		if status, f := ask(p.T, a, "/readyz"); status != http.StatusServiceUnavailable || f.why("slack") == "" {
			p.Errorf("after the end: got %d %+v, want not ready", status, f)
		}
	})
}

// TestAnAddressInUse is said with the name of the variable to change.
func TestAnAddressInUse(t *testing.T) {
	s, url := workspace(t)
	config := settings(s, url)
	config.HTTPAddr = strings.TrimPrefix(url, "http://")
	a, err := app.New(t.Context(), config, emptyCluster())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "HTTP_ADDR") {
		t.Errorf("got %v, want an error that names HTTP_ADDR", err)
	}
}

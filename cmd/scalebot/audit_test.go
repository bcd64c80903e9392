package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
)

// clusterWith is an API server that keeps these operations, and the environment for it.
func clusterWith(t *testing.T, operations ...ledger.Operation) {
	t.Helper()
	var items []any
	for _, op := range operations {
		items = append(items, map[string]any{
			"apiVersion": "scalebot.dev/v1alpha1", "kind": "ScalingOperation",
			"metadata": map[string]any{
				"name": op.ID, "namespace": "kafka-pipeline", "resourceVersion": "1",
				"labels": map[string]any{"scalebot.dev/component": op.Component, "scalebot.dev/final": strconv.FormatBool(op.State().Final())},
			},
			"spec": map[string]any{"record": op},
		})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apis/scalebot.dev/v1alpha1/namespaces/kafka-pipeline/scalingoperations", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{"apiVersion": "scalebot.dev/v1alpha1", "kind": "ScalingOperationList", "metadata": map[string]any{}, "items": items}); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /apis/scalebot.dev/v1alpha1/namespaces/kafka-pipeline/scalingepisodes", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"apiVersion": "scalebot.dev/v1alpha1", "kind": "ScalingEpisodeList", "metadata": {}, "items": []}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	kubeconfig := filepath.Join(t.TempDir(), "config")
	content := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "clusters": [{"name": "c", "cluster": {"server": %q}}],
		"contexts": [{"name": "x", "context": {"cluster": "c"}}], "current-context": "x"}`, server.URL)
	if err := os.WriteFile(kubeconfig, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", kubeconfig)
	t.Setenv("NAMESPACE", "")
	t.Setenv("STORE", "")
}

func stored(component string, at time.Time) ledger.Operation {
	return ledger.Operation{
		ID: component + "-1", Component: component, Number: 1, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}), Request: ledger.Request{At: at},
		Events: []ledger.Event{{State: ledger.Proposed, At: at}, {State: ledger.Declined, At: at.Add(time.Minute)}},
	}
}

// A record that this version cannot read is named, and the trail does not pass for whole.
func TestAuditNamesWhatItCannotRead(t *testing.T) {
	early := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	newer := stored("result-processor", early)
	newer.Events[1].State = "teleported"
	clusterWith(t, stored("download-worker", early), newer)
	code, out, errOut := scalebot(t, "audit", "export")
	if code == 0 || !strings.Contains(errOut, "result-processor-1") || !strings.Contains(errOut, "1 of the stored records cannot be read") {
		t.Errorf("got code %d and %q, want the record named and an error", code, errOut)
	}
	if strings.Count(out, "\n") != 3 {
		t.Errorf("got %q, want what can be read all the same", out)
	}
}

// A trail is exported without Slack or Kafka, verifies, and does not once it was touched.
func TestAuditExportsAndVerifies(t *testing.T) {
	early := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	clusterWith(t, stored("download-worker", early), stored("result-processor", early.AddDate(0, 0, 1)))
	code, out, errOut := scalebot(t, "audit", "export")
	if code != 0 || strings.Count(out, "\n") != 5 {
		t.Fatalf("export: got %d, %q and %q, want 4 records and a closing line", code, out, errOut)
	}
	for _, test := range []struct {
		args  []string
		lines int
	}{
		{[]string{"--component", "result-processor"}, 3},
		{[]string{"--since", "2026-03-02"}, 3},
		{[]string{"--since", "2026-03-01T03:01:00Z", "--component", "download-worker"}, 2},
	} {
		if _, some, errOut := scalebot(t, append([]string{"audit", "export"}, test.args...)...); strings.Count(some, "\n") != test.lines {
			t.Errorf("%q: got %d lines and %q, want %d", test.args, strings.Count(some, "\n"), errOut, test.lines)
		}
	}
	file := filepath.Join(t.TempDir(), "trail.jsonl")
	for _, test := range []struct {
		content string
		code    int
		says    string
	}{
		{out, 0, "ok: 4 records, head "},
		{strings.Replace(out, "declined", "approved", 1), 1, "line 2: record 2 does not match its hash: it was changed"},
		{out[:strings.LastIndex(strings.TrimSpace(out), "\n")+1], 1, "truncated"},
	} {
		if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, got, errOut := scalebot(t, "audit", "verify", file); code != test.code || !strings.Contains(got+errOut, test.says) {
			t.Errorf("verify: got %d, %q and %q, want %d and %q", code, got, errOut, test.code, test.says)
		}
	}
}

func TestAuditAndDoctorExplainThemselves(t *testing.T) {
	for _, name := range []string{"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_CHANNEL", "KAFKA_BROKERS", "STORE"} {
		t.Setenv(name, "")
	}
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"audit"}, 2, ""},
		{[]string{"audit", "delete"}, 2, ""},
		{[]string{"audit", "--help"}, 0, "audit verify"},
		{[]string{"audit", "export", "--since", "yesterday"}, 1, `--since "yesterday" is neither`},
		{[]string{"audit", "verify", "/nowhere/trail"}, 1, "opening the trail"},
		{[]string{"audit", "verify", "a", "b"}, 1, "takes one file"},
		{[]string{"doctor", "now"}, 2, ""},
		{[]string{"doctor"}, 1, "FAIL  environment: SLACK_BOT_TOKEN is not set"},
		{[]string{"doctor", "--json"}, 1, `"level": "FAIL"`},
	} {
		code, out, errOut := scalebot(t, test.args...)
		if code != test.code || !strings.Contains(out+errOut, test.says) {
			t.Errorf("%q: got %d and %q, want %d and %q", test.args, code, out+errOut, test.code, test.says)
		}
	}
	t.Setenv("STORE", "memory")
	if code, _, errOut := scalebot(t, "audit", "export"); code != 1 || !strings.Contains(errOut, "nothing to export") {
		t.Errorf("export from memory: got %d and %q", code, errOut)
	}
}

package demo

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/pace"
)

// ask calls the world's HTTP interface and reads the JSON it answers.
func (s *stand) ask(method, path, body string) (int, map[string]any) {
	s.t.Helper()
	recorder := httptest.NewRecorder()
	s.Handler().ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
	var answer map[string]any
	if recorder.Code != http.StatusMethodNotAllowed && recorder.Code != http.StatusNotFound {
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
			s.t.Fatalf("%s %s answered %q: %v", method, path, recorder.Body, err)
		}
	}
	return recorder.Code, answer
}

func TestStateHasWhatOutsidersRelyOn(t *testing.T) {
	inWorldWith(t, Config{}, func(s *stand) {
		s.pass(time.Minute)
		status, answer := s.ask("GET", "/world/state", "")
		if status != http.StatusOK || answer["scenario"] != "calm" || answer["speed"] != 1.0 {
			t.Fatalf("got status %d, scenario %v and speed %v", status, answer["scenario"], answer["speed"])
		}
		components, _ := answer["components"].(map[string]any)
		worker, _ := components[downloadWorker].(map[string]any)
		if worker["replicas"] != 6.0 || worker["ready"] != 6.0 || worker["partitions"] != 24.0 {
			t.Errorf("got replicas %v, ready %v, partitions %v, want 6, 6 and 24", worker["replicas"], worker["ready"], worker["partitions"])
		}
		for _, key := range []string{"lag", "arrival", "consumption"} {
			if _, ok := worker[key].(float64); !ok {
				t.Errorf("%s is %v, want a number", key, worker[key])
			}
		}
		if len(components) != 5 {
			t.Errorf("got %d components, want 5", len(components))
		}
	})
}

func TestHandlerAnswersEveryRequest(t *testing.T) {
	inWorld(t, func(s *stand) {
		cases := []struct {
			path, body string
			status     int
			says       string
		}{
			{"/world/scenario", `{"name":"hot-partition"}`, 200, ""},
			{"/world/scenario", `{"name":"hot-partition"}`, 200, ""},
			{"/world/scenario", `{"name":"flood"}`, 400, "unknown scenario"},
			{"/world/scenario", `{"nom":"spike"}`, 400, "unknown field"},
			{"/world/scenario", `{"name":`, 400, "reading the body"},
			{"/world/scenario", `{"name":"spike"} {}`, 400, "more than one"},
			{"/world/scenario", ``, 400, "reading the body"},
			{"/world/scenario", `{"name":"` + strings.Repeat("x", bodyLimit) + `"}`, 400, "too large"},
			{"/world/load", `{"component":"event-ingester","rate":120}`, 200, ""},
			{"/world/load", `{"component":"event-ingester"}`, 400, "rate is missing"},
			{"/world/load", `{"component":"event-ingester","rate":-1}`, 400, "outside 0 to"},
			{"/world/load", `{"component":"event-ingester","rate":1e9}`, 400, "outside 0 to"},
			{"/world/load", `{"component":"uploader","rate":1}`, 400, "use one of event-ingester, download-worker"},
		}
		for _, c := range cases {
			status, answer := s.ask("POST", c.path, c.body)
			says, _ := answer["error"].(string)
			if status != c.status || !strings.Contains(says, c.says) || answer["ok"] != (c.status == 200) {
				t.Errorf("POST %s %.40s: got status %d and %v, want %d and %q", c.path, c.body, status, answer, c.status, c.says)
			}
		}
		if status, _ := s.ask("GET", "/world/scenario", ""); status != http.StatusMethodNotAllowed {
			t.Errorf("GET /world/scenario got status %d, want 405", status)
		}
	})
}

func TestLoadChangesTheTraffic(t *testing.T) {
	inWorldWith(t, Config{}, func(s *stand) {
		if err := s.SetLoad("event-ingester", 100); err != nil {
			t.Fatal(err)
		}
		s.pass(2 * time.Minute)
		if arrival, _ := s.rates("event-ingester"); !near(arrival, 100, 0.15) {
			t.Errorf("got %.0f/s arriving, want about 100", arrival)
		}
	})
}

// what the workers and the metrics API tell agrees with what they do.
func TestWorkersTellWhatTheyDo(t *testing.T) {
	inWorld(t, func(s *stand) {
		s.pass(time.Minute)
		consumed, busy := s.total("kafka_messages_consumed_total", ""), s.total("processing_duration_seconds", "")
		s.pass(time.Minute)
		rate := (s.total("kafka_messages_consumed_total", "") - consumed) / 60
		if !near(rate, 450, 0.1) {
			t.Errorf("the workers count %.0f/s, want about 450", rate)
		}
		// Little's law: six workers with five slots each cannot be busier than thirty.
		if slots := (s.total("processing_duration_seconds", "") - busy) / 60; slots > 30 || slots < 10 {
			t.Errorf("%.1f messages are being handled at once, want 10 to 30", slots)
		}
		list, err := s.PodMetrics().MetricsV1beta1().PodMetricses(Namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + downloadWorker})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Items) != 6 {
			t.Fatalf("the metrics API knows %d pods, want 6", len(list.Items))
		}
		for _, m := range list.Items {
			cpu, memory := m.Containers[0].Usage.Cpu().MilliValue(), m.Containers[0].Usage.Memory().Value()>>20
			if !near(float64(cpu), 350, 0.25) || !near(float64(memory), 465, 0.15) {
				t.Errorf("%s uses %dm and %d MiB, want about 350m and 465 MiB", m.Name, cpu, memory)
			}
		}
	})
}

// The same world on real loopback sockets and a fast clock.
func TestOnLoopback(t *testing.T) {
	w, err := Start(t.Context(), Config{Clock: pace.New(60), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s := &stand{World: w, t: t, http: &http.Client{Timeout: 5 * time.Second}}
	if got := s.component(downloadWorker); got.Members != 6 || got.Ready != 6 {
		t.Errorf("got %d members and %d ready, want 6 of each", got.Members, got.Ready)
	}
	if families, status := s.scrape(s.pods()[0]); status != http.StatusOK || families["kafka_messages_consumed_total"] == nil {
		t.Errorf("a worker's metrics answer with status %d and %d families", status, len(families))
	}
	if len(w.Brokers()) != brokers {
		t.Errorf("got %d brokers, want %d", len(w.Brokers()), brokers)
	}
}

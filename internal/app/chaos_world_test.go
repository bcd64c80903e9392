package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/memnet"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/secret"
	"github.com/scalebot/scalebot/internal/slackemu"
)

// chaosRunbook keeps two components and samples seldom, so that a seed costs little.
const chaosRunbook = `
times: {sample: 2m, live: 15s, stale: 6m, gap: 6m%s}
scaleUp: {lag: {above: 500}}
scaleDown: {lag: {below: 200}}
alert: {grace: 1m, blindFor: 1m}
components:
  - {name: dlq-handler, remove: true}
  - {name: retry-scheduler, remove: true}
  - {name: result-processor, remove: true}
  - {name: event-ingester, downstream: []}
  - {name: download-worker, downstream: []}
`

// shortTimes are the waiting times of the seeds that do not play whole hours.
const shortTimes = `, expiry: 3m, criticalExpiry: 2m, reports: [1m, 2m, 4m]}
rollout: {deadline: 4m, revertChecks: [30s, 2m]`

// chaosWorld is everything outside the replicas of one seed, and the replicas.
type chaosWorld struct {
	*testing.T
	began  time.Time
	book   *runbook.Book
	slack  *slackemu.Server
	web    http.Handler
	cable  *memnet.Network
	server *http.Server
	api    *apiServer
	fleet  *fleet
	stream *stream
	ledger *chaosLedger
	diary  *diary

	serving sync.WaitGroup
	people  sync.WaitGroup
	// hits and crashes count what went wrong.
	hits, crashes atomic.Int64
	replicas      []*replica
}

func newChaosWorld(t *testing.T, s *script) *chaosWorld {
	times := shortTimes
	if s.hours {
		times = ""
	}
	book, err := runbook.Parse("chaos.yaml", fmt.Appendf(nil, chaosRunbook, times))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	w := &chaosWorld{T: t, began: began, book: book, diary: &diary{began: began, verbose: *chaosSeeds == 1}}
	w.ledger = newLedger(w.diary, book)
	objects := append(workload("download-worker", 6), workload("event-ingester", 3)...)
	w.api = newAPIServer(w.changed, append(objects, roomyNode())...)
	w.fleet = &fleet{api: w.api, slow: s.slow, members: map[string]int{"download-worker": 6, "event-ingester": 3}}
	w.slack = slackemu.New(slackemu.Config{})
	w.slack.SetBaseURL("http://slack.test")
	w.web, w.cable = w.slack.Handler(), memnet.New()
	w.server = &http.Server{Handler: w.web}
	w.serving.Go(func() { _ = w.server.Serve(w.cable) })
	if w.stream, err = newStream(w.fleet); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"download-worker", "event-ingester"} {
		if err := w.stream.backlog(t.Context(), c, 100); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// roomyNode has room for every pod of the plays.
func roomyNode() *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "node"},
		Status: corev1.NodeStatus{
			Allocatable: corev1.ResourceList{
				corev1.ResourcePods: resource.MustParse("110"), corev1.ResourceCPU: resource.MustParse("64"), corev1.ResourceMemory: resource.MustParse("256Gi"),
			},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
		},
	}
}

// changed is told of every write at the instant it is carried out.
func (w *chaosWorld) changed(s stored) {
	w.ledger.stored(s)
	if object, ok := s.object.(*autoscalingv1.Scale); ok {
		w.fleet.follow(object.Name)
	}
}

// close ends the world after the replicas have ended.
func (w *chaosWorld) close() {
	w.fleet.work.Wait()
	w.stream.close()
	w.slack.Close()
	_ = w.server.Close()
	w.serving.Wait()
}

// replica is one of the bot's replicas: a process after another.
type replica struct {
	world  *chaosWorld
	name   string
	skew   time.Duration
	random *rand.Rand

	mu     sync.Mutex
	line   *line
	stop   context.CancelFunc
	wanted bool
	pods   int
	late   sync.WaitGroup
	life   sync.WaitGroup
}

// start runs processes until the replica is not wanted any more: one that cannot start
// or crashed is tried again, as Kubernetes does.
func (r *replica) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wanted {
		return
	}
	r.wanted = true
	r.life.Go(func() {
		for r.process() {
			time.Sleep(2 * time.Second)
		}
	})
}

// process runs one process until it ends or is cut off; what is left of one that was cut
// off is waited for at the end. It reports whether another one is to follow.
func (r *replica) process() bool {
	ctx, stop := context.WithCancel(context.Background())
	alive, cut := context.WithCancel(context.Background())
	l := &line{alive: alive, cut: cut, random: rand.New(rand.NewPCG(r.random.Uint64(), 1)), late: &r.late, hits: &r.world.hits}
	l.note = func(format string, args ...any) {
		if r.world.diary.verbose {
			r.world.diary.note(r.name+" "+format, args...)
		}
	}
	l.died = func() {
		r.world.crashes.Add(1)
		r.world.diary.note("%s dies", r.name)
		stop()
	}
	r.mu.Lock()
	wanted := r.wanted
	r.line, r.stop = l, stop
	identity := r.name
	if r.random.IntN(2) == 0 {
		// Another pod, and not only another container in it.
		r.pods++
		identity = fmt.Sprintf("%s-%d", r.name, r.pods)
	}
	r.mu.Unlock()
	if !wanted {
		stop()
		cut()
		return false
	}
	ended := make(chan struct{})
	r.life.Go(func() {
		defer cut()
		defer stop()
		defer close(ended)
		r.run(ctx, l, identity)
	})
	select {
	case <-ended:
	case <-alive.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wanted
}

func (r *replica) run(ctx context.Context, l *line, identity string) {
	bot, err := app.New(ctx, r.config(), r.parts(l, identity))
	if err != nil {
		r.world.diary.note("%s does not start: %v", r.name, err)
		return
	}
	if err := bot.Run(ctx); err != nil && l.alive.Err() == nil {
		r.world.ledger.violated("%s ended by itself: %v", r.name, err)
	}
}

// restart ends the process in an orderly way; another one follows.
func (r *replica) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil {
		r.stop()
	}
}

func (r *replica) config() app.Config {
	s := r.world.slack
	return app.Config{
		SlackBotToken: secret.Text(s.BotToken()), SlackAppToken: secret.Text(s.AppToken()), SlackAPIURL: "http://slack.test/api/",
		SlackChannel: "C0INCIDENT", KafkaBrokers: []string{chaosBroker}, Namespace: chaosNamespace, Store: app.StoreKubernetes,
	}
}

func (r *replica) parts(l *line, identity string) app.Parts {
	w := r.world
	config := &rest.Config{
		Host: "http://kube.test", Transport: w.kubeWay(l), QPS: 50, Burst: 100,
		ContentConfig: rest.ContentConfig{ContentType: "application/json", AcceptContentTypes: "application/json"},
	}
	return app.Parts{
		Kubernetes: kubernetes.NewForConfigOrDie(config), Dynamic: dynamic.NewForConfigOrDie(config), PodMetrics: metricsclient.NewForConfigOrDie(config),
		Book: w.book, Clock: clockAhead(r.skew), Listener: memnet.New(), Identity: identity, Log: w.diary.logger(identity), Version: "chaos",
		Network: app.Network{
			Slack:       &http.Client{Transport: w.slackWay(l)},
			SlackSocket: &websocket.Dialer{NetDialContext: l.dialer("socket", w.cable.Dial)},
			Kafka:       l.dialer("kafka", w.stream.network.DialContext),
			Metrics:     &http.Client{Transport: &way{line: l, system: "metrics", name: func(*http.Request) (string, bool) { return "scrape", false }, serve: func(*http.Request) *http.Response { return answer(http.StatusNotFound, nil) }}},
		},
	}
}

// crash ends the process at this instant, and the replica comes back by itself.
func (r *replica) crash() {
	r.mu.Lock()
	l := r.line
	r.mu.Unlock()
	if l != nil && l.alive.Err() == nil {
		l.die()
	}
}

// quit ends the replica in an orderly way and waits for it.
func (r *replica) quit() {
	r.mu.Lock()
	r.wanted = false
	stop := r.stop
	r.mu.Unlock()
	if stop != nil {
		stop()
	}
	r.life.Wait()
	r.late.Wait()
}

// with gives the present process's line, if there is one.
func (r *replica) with(do func(*line)) {
	r.mu.Lock()
	l := r.line
	r.mu.Unlock()
	if l != nil {
		do(l)
	}
}

// kubeWay is a line's way to the API server.
func (w *chaosWorld) kubeWay(l *line) *way {
	return &way{line: l, system: "kube", serve: w.api.serve, refusal: kubeRefusal, name: func(r *http.Request) (string, bool) {
		path := r.URL.Path[strings.LastIndex(r.URL.Path, "/namespaces/")+1:]
		write := (r.Method == http.MethodPost || r.Method == http.MethodPut) && !strings.Contains(path, "/leases")
		return r.Method + " " + path, write
	}}
}

// kubeRefusal is what an API server answers instead of carrying a request out.
func kubeRefusal(r *http.Request, wrong kind) *http.Response {
	status := map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure"}
	code, reason := http.StatusInternalServerError, "InternalError"
	switch wrong {
	case refused:
		code, reason = http.StatusForbidden, "Forbidden"
	case conflicting:
		if r.Method != http.MethodPut {
			return nil
		}
		code, reason = http.StatusConflict, "Conflict"
	case throttled:
		code, reason = http.StatusTooManyRequests, "TooManyRequests"
	default: // Any other fault is the server's own.
	}
	status["code"], status["reason"], status["message"] = code, reason, "chaos"
	response := answer(code, status)
	if wrong == throttled {
		response.Header.Set("Retry-After", "2")
	}
	return response
}

// slackWay is a line's way to Slack's Web API.
func (w *chaosWorld) slackWay(l *line) *way {
	return &way{line: l, system: "slack", serve: w.overWeb, refusal: slackRefusal, name: func(r *http.Request) (string, bool) {
		method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		return method, strings.HasPrefix(method, "chat.")
	}}
}

// overWeb has the emulator answer at once.
func (w *chaosWorld) overWeb(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	w.web.ServeHTTP(recorder, r)
	return recorder.Result()
}

// slackRefusal is what Slack answers instead of carrying a call out.
func slackRefusal(_ *http.Request, wrong kind) *http.Response {
	switch wrong {
	case throttled:
		response := answer(http.StatusTooManyRequests, map[string]any{"ok": false, "error": "ratelimited"})
		response.Header.Set("Retry-After", "3")
		return response
	case failing:
		return answer(http.StatusServiceUnavailable, map[string]any{})
	default: // Any other fault is an answer that says so.
	}
	return answer(http.StatusOK, map[string]any{"ok": false, "error": "internal_error"})
}

// control uses the emulator as a person does.
func (w *chaosWorld) control(path string, body map[string]any) map[string]any {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	request := httptest.NewRequest(http.MethodPost, "http://slack.test/emulator/"+path, bytes.NewReader(data))
	request.Header.Set("Content-Type", "application/json")
	return decodedAnswer(w.overWeb(request))
}

func (w *chaosWorld) shown(channel, user string) []shownMessage {
	response := w.overWeb(httptest.NewRequest(http.MethodGet, "http://slack.test/emulator/messages?channel="+channel+"&user="+user, nil))
	var answer struct{ Messages []shownMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		panic(err)
	}
	return answer.Messages
}

func decodedAnswer(response *http.Response) map[string]any {
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		panic(err)
	}
	return answer
}

// shownMessage is a message as people see it.
type shownMessage struct {
	TS       string          `json:"ts"`
	Thread   string          `json:"thread_ts"`
	Text     string          `json:"text"`
	Bot      string          `json:"bot_id"`
	Private  bool            `json:"is_ephemeral"`
	Blocks   json.RawMessage `json:"blocks"`
	Metadata struct {
		Payload struct{ Operation, Step string } `json:"event_payload"`
	} `json:"metadata"`
}

// diary is what happened, for a seed that fails.
type diary struct {
	began   time.Time
	mu      sync.Mutex
	text    bytes.Buffer
	verbose bool
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(&d.text, "%9s  %s\n", d.at(), fmt.Sprintf(format, args...))
}

func (d *diary) at() string { return time.Since(d.began).Truncate(time.Millisecond).String() }

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

// logger writes a replica's log into the diary.
func (d *diary) logger(name string) *slog.Logger {
	level := slog.LevelWarn
	if d.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(entry{d, name}, &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// entry is one line of a replica's log.
type entry struct {
	diary *diary
	name  string
}

func (e entry) Write(p []byte) (int, error) {
	e.diary.note("%s: %s", e.name, bytes.TrimSpace(p))
	return len(p), nil
}

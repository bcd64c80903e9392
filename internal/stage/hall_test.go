package stage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	clientfake "k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// TestMain lets the collector rest: memory is not what these tests are short of.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// The people and places of the emulator's world.
const (
	ana, ben, carl, gina, eve, dan = "U0ANA", "U0BEN", "U0CARL", "U0GINA", "U0EVE", "U0DAN"
	onCall                         = "S0ONCALL"
	general                        = "C0GENERAL"
)

const (
	// fast is the speed of a play: the hour of the last report is half a minute. Most of what
	// the world and the bot do they do by the wall, so a faster play costs less.
	fast = 120
	// soon bounds what a person would wait for, and hour what the runbook's hour takes.
	soon = 45 * time.Second
	hour = 100 * time.Second
)

type object = map[string]any

// hall is where the audience sits: it sees and does what people see and do, through the
// emulator's and the world's addresses.
type hall struct {
	*testing.T
	*Stage
	http    *http.Client
	network network
	// soon bounds what a person would wait for.
	soon time.Duration
}

// inHall plays one test in a bubble: everything that is sent goes through memory, so that
// time passes only while nobody has anything to do. An hour of the runbook costs what is
// done in it, on a busy machine too.
func inHall(t *testing.T, config Config, watch func(h *hall)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &wire{}
		config.network = wire.network(t)
		watch(opened(t, config, &http.Transport{DialContext: wire.dial}))
	})
}

// quietly is inHall with little traffic, which is all that most tests need and which costs
// least; the bot is ready.
func quietly(t *testing.T, config Config, watch func(h *hall)) {
	t.Helper()
	inHall(t, config, func(h *hall) { h.calm(); watch(h) })
}

// opened starts a play for one test; the log is shown when the test fails.
func opened(t *testing.T, config Config, way *http.Transport) *hall {
	t.Helper()
	var diary bytes.Buffer
	config.Addr, config.Version = "127.0.0.1:0", "1.2.3"
	if config.Speed == 0 {
		config.Speed = fast
	}
	if config.Seed == 0 {
		config.Seed = 7
	}
	if config.Scenario == "" {
		config.Scenario = "calm"
	}
	config.Log = slog.New(slog.NewTextHandler(&diary, &slog.HandlerOptions{Level: slog.LevelInfo}))
	s, err := Start(t.Context(), config)
	if err != nil {
		t.Fatalf("starting: %v\n%s", err, diary.String())
	}
	h := &hall{T: t, Stage: s, http: &http.Client{Transport: way, Timeout: 10 * time.Second}, network: config.network, soon: soon}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		way.CloseIdleConnections()
		if t.Failed() {
			t.Logf("the bot's log:\n%s", diary.String())
		}
	})
	return h
}

// calm leaves little traffic, and waits until the bot is ready.
func (h *hall) calm() {
	h.Helper()
	for component, rate := range map[string]float64{"download-worker": 40, "event-ingester": 1, "result-processor": 1, "retry-scheduler": 0.2, "dlq-handler": 0.1} {
		h.must("/world/load", object{"component": component, "rate": rate})
	}
	h.until(h.soon, "the bot to be ready", func() bool { status, _ := h.face("/readyz"); return status == http.StatusOK })
}

// part is a part of the test with a name; a bubble has no tests within tests.
func (h *hall) part(name string, play func()) {
	h.Helper()
	failed := h.Failed()
	play()
	if h.Failed() && !failed {
		h.Logf("it was %q that failed", name)
	}
}

// pause is how often the audience looks. It is no multiple of anything that the bot or the
// world does, so that they seldom happen in the same instant of the bubble's clock.
const pause = 173 * time.Millisecond

// moment is what a person takes, at the least, to act on what was seen. In a bubble something
// may be seen in the very instant in which it is posted, before the bot knows that it is.
const moment = 7 * time.Millisecond

// pauseAfter is how long the audience stays to see whether something comes twice.
const pauseAfter = 1500 * time.Millisecond

// until looks again and again until something is seen.
func (h *hall) until(limit time.Duration, what string, seen func() bool) {
	h.Helper()
	if !h.eventually(limit, seen) {
		h.Fatalf("waited %v for %s; seen:\n%s", limit, what, h.transcript())
	}
	time.Sleep(moment)
}

func (h *hall) eventually(limit time.Duration, seen func() bool) bool {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	look := time.NewTicker(pause)
	defer look.Stop()
	for {
		if seen() {
			return true
		}
		select {
		case <-deadline.C:
			return seen()
		case <-look.C:
		}
	}
}

// do sends a body to one of the endpoints and returns the answer.
func (h *hall) do(path string, body object) object {
	h.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		h.Fatal(err)
	}
	response, err := h.http.Post(h.URL()+path, "application/json", bytes.NewReader(data))
	if err != nil {
		h.Fatalf("POST %s: %v", path, err)
	}
	return h.decoded(path, response)
}

func (h *hall) get(path string) object {
	h.Helper()
	response, err := h.http.Get(h.URL() + path)
	if err != nil {
		h.Fatalf("GET %s: %v", path, err)
	}
	return h.decoded(path, response)
}

func (h *hall) decoded(path string, response *http.Response) object {
	h.Helper()
	defer response.Body.Close()
	var answer object
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		h.Fatalf("%s: reading the answer: %v", path, err)
	}
	return answer
}

// must is do for what has to work.
func (h *hall) must(path string, body object) object {
	h.Helper()
	answer := h.do(path, body)
	if answer["ok"] != true {
		h.Fatalf("%s %v: got %v", path, body, answer)
	}
	return answer
}

// slash types a command where everybody is.
func (h *hall) slash(user, text string) {
	h.Helper()
	h.slashIn(IncidentChannel, user, text)
}

func (h *hall) slashIn(channel, user, text string) {
	h.Helper()
	h.must("/emulator/slash", object{"user": user, "channel": channel, "text": text})
}

// fault turns knobs of the emulator.
func (h *hall) fault(knobs object) {
	h.Helper()
	h.must("/emulator/fault", knobs)
}

// click presses a button of a message.
func (h *hall) click(user string, m message, action string) {
	h.Helper()
	h.must("/emulator/click", object{"user": user, "channel": m.channel, "ts": m.ts, "action_id": action})
}

// face asks one of the bot's own addresses.
func (h *hall) face(path string) (int, string) {
	response, err := h.http.Get(h.BotURL() + path)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(body)
}

// replicas is what the world has of a component.
func (h *hall) replicas(component string) (desired, ready int) {
	h.Helper()
	c := h.get("/world/state")["components"].(object)[component].(object)
	return int(c["replicas"].(float64)), int(c["ready"].(float64))
}

// cluster is the pretend cluster, for faults of its own.
func (h *hall) cluster() *clientfake.Clientset { return h.world.Kubernetes().(*clientfake.Clientset) }

// intercept makes the cluster answer some calls itself. The chain is changed under the
// lock that its readers hold.
func (h *hall) intercept(verb, resource string, react clienttesting.ReactionFunc) {
	fake := h.cluster()
	fake.Lock()
	defer fake.Unlock()
	fake.ReactionChain = append([]clienttesting.Reactor{&clienttesting.SimpleReactor{Verb: verb, Resource: resource, Reaction: react}}, fake.ReactionChain...)
}

// message is what people see of a message.
type message struct {
	channel, ts, thread string
	// text is the fallback, all the text of everything in it.
	text, all string
	private   bool
	actions   []string
	files     []string
	blocks    []string
}

// messages is what somebody sees in a channel.
func (h *hall) messages(channel, user string) []message {
	h.Helper()
	var seen []message
	for _, raw := range h.get("/emulator/messages?channel=" + channel + "&user=" + user)["messages"].([]any) {
		m := raw.(object)
		one := message{channel: channel, ts: m["ts"].(string), private: m["is_ephemeral"] == true}
		one.text, _ = m["text"].(string)
		if one.thread, _ = m["thread_ts"].(string); one.thread == one.ts {
			one.thread = ""
		}
		one.all = one.text
		one.read(m["blocks"])
		if files, ok := m["files"].([]any); ok {
			for _, f := range files {
				one.files = append(one.files, fmt.Sprint(f.(object)["mimetype"], " ", f.(object)["name"]))
			}
		}
		for _, b := range asList(m["blocks"]) {
			one.blocks = append(one.blocks, fmt.Sprint(b.(object)["type"]))
		}
		seen = append(seen, one)
	}
	return seen
}

func asList(v any) []any { list, _ := v.([]any); return list }

// read collects every text and action below a block.
func (m *message) read(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			m.read(one)
		}
	case object:
		if action, ok := v["action_id"].(string); ok {
			m.actions = append(m.actions, action)
		}
		if text, ok := v["text"].(string); ok {
			m.all += "\n" + text
		}
		for key, one := range v {
			if key != "confirm" {
				m.read(one)
			}
		}
	}
}

// pick is what is wanted of the messages somebody sees.
type pick func(message) bool

func saying(parts ...string) pick {
	return func(m message) bool {
		for _, p := range parts {
			if !strings.Contains(m.all, p) {
				return false
			}
		}
		return true
	}
}

func offering(action string) pick {
	return func(m message) bool {
		for _, a := range m.actions {
			if a == action {
				return true
			}
		}
		return false
	}
}

func privately(m message) bool { return m.private }
func publicly(m message) bool  { return !m.private }
func inThread(ts string) pick  { return func(m message) bool { return m.thread == ts } }
func inChannel(m message) bool { return m.thread == "" && !m.private }
func at(ts string) pick        { return func(m message) bool { return m.ts == ts } }
func after(ts string) pick     { return func(m message) bool { return m.ts > ts } }

func only(messages []message, picks ...pick) []message {
	var kept []message
next:
	for _, m := range messages {
		for _, p := range picks {
			if !p(m) {
				continue next
			}
		}
		kept = append(kept, m)
	}
	return kept
}

// see waits until somebody sees such a message, and returns the newest.
func (h *hall) see(user, what string, picks ...pick) message {
	h.Helper()
	return h.seeIn(IncidentChannel, user, h.soon, what, picks...)
}

func (h *hall) seeIn(channel, user string, limit time.Duration, what string, picks ...pick) message {
	h.Helper()
	var found []message
	h.until(limit, what, func() bool { found = only(h.messages(channel, user), picks...); return len(found) > 0 })
	return found[len(found)-1]
}

// now is the newest timestamp of a channel, to tell what came later.
func (h *hall) now(channel string) string {
	h.Helper()
	ts := ""
	for _, user := range []string{ana, ben, carl, gina, eve, dan} {
		for _, m := range h.messages(channel, user) {
			ts = max(ts, m.ts)
		}
	}
	return ts
}

// transcript is the incident channel as Ana sees it, for a failing test.
func (h *hall) transcript() string {
	h.Helper()
	var b strings.Builder
	for _, m := range h.messages(IncidentChannel, ana) {
		fmt.Fprintf(&b, "%s thread=%q private=%v actions=%v files=%v\n  %s\n", m.ts, m.thread, m.private, m.actions, m.files, strings.ReplaceAll(m.all, "\n", "\n  "))
	}
	return b.String()
}

// ask proposes something and waits for its card.
func (h *hall) ask(user, text string) message {
	h.Helper()
	before := h.now(IncidentChannel)
	h.slash(user, text)
	return h.see(ana, "the card of "+text, after(before), inChannel, offering("approve"))
}

// answer waits for what somebody alone is told in answer to a command.
func (h *hall) answer(user, text string) message {
	h.Helper()
	before := h.now(IncidentChannel)
	h.slash(user, text)
	return h.see(user, "an answer to "+text, after(before), privately, func(m message) bool {
		return !strings.HasPrefix(m.text, "/scale") && !strings.HasPrefix(m.text, "Still looking")
	})
}

// counted is the value of a series on /metrics, or a negative number when it is absent.
func (h *hall) counted(series string) float64 {
	h.Helper()
	_, text := h.face("/metrics")
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			var v float64
			if _, err := fmt.Sscan(rest, &v); err != nil {
				h.Fatalf("reading %q: %v", line, err)
			}
			return v
		}
	}
	return -1
}

// wants checks that a text has all parts.
func (h *hall) wants(what, text string, parts ...string) {
	h.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			h.Errorf("%s does not say %q:\n%s", what, p, text)
		}
	}
}

// summed adds up all series that begin like this.
func (h *hall) summed(series string) float64 {
	h.Helper()
	_, text := h.face("/metrics")
	sum := 0.0
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, series) {
			var v float64
			if _, err := fmt.Sscan(line[strings.LastIndexByte(line[:len(line)-1], ' '):], &v); err != nil {
				h.Fatalf("reading %q: %v", line, err)
			}
			sum += v
		}
	}
	return sum
}

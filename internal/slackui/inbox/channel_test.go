package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/memnet"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackemu"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/outbox"
	"github.com/scalebot/scalebot/internal/slackui/people"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

const slackAddress = "http://slack.test"

// room is a Slack workspace with the bot's Slack side running in it.
type room struct {
	*testing.T
	web      *http.Client
	emu      *slackemu.Server
	client   *api.Client
	people   *people.Directory
	announce *outbox.Announcer
	listener *Listener
	stop     context.CancelFunc
	ended    chan error

	mu     sync.Mutex
	calls  []commands.Call
	clicks []commands.Click
	// turned are the refusals handed over for the record: verb, person, target, code.
	turned []string
	// answer answers calls and clicks; nil means Nothing.
	answer func(what any) commands.Answer
}

// inRoom plays a story in virtual time.
func inRoom(t *testing.T, cfg ListenerConfig, story func(r *room)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		emu := slackemu.New(slackemu.Config{})
		emu.SetBaseURL(slackAddress)
		server := &http.Server{Handler: emu.Handler()}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(network) })
		web := &http.Client{Transport: &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}}
		r := &room{T: t, web: web, emu: emu, ended: make(chan error, 1)}
		r.open(cfg, &websocket.Dialer{NetDialContext: network.Dial})
		story(r)
		r.close()
		emu.Close()
		_ = server.Close()
		serving.Wait()
	})
}

func (r *room) open(cfg ListenerConfig, dialer *websocket.Dialer) {
	r.client = api.NewClient(api.Config{BotToken: r.emu.BotToken(), AppToken: r.emu.AppToken(), APIURL: slackAddress + "/api/", HTTP: r.web})
	if _, err := r.client.Connect(r.Context()); err != nil {
		r.Fatal(err)
	}
	r.people = people.NewDirectory(r.client, people.Roster{Group: "@kafka-oncall"})
	r.announce = outbox.NewAnnouncer(outbox.Config{Client: r.client, AlertChannel: "C0INCIDENT", Snoozes: slackuitest.RunbookSnoozes, People: r.people})
	cfg.Dialer, cfg.Directory, cfg.Announcer = dialer, r.people, r.announce
	cfg.Handlers = Handlers{
		Call:  func(_ context.Context, c commands.Call) commands.Answer { return r.note(c) },
		Click: func(_ context.Context, c commands.Click) commands.Answer { return r.note(c) },
		Operation: func(context.Context, string) (ledger.Operation, error) {
			return slackuitest.Operation(ledger.Proposed), nil
		},
		TurnAway: func(_ context.Context, verb string, act engine.Act, refusal *scale.Refusal) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.turned = append(r.turned, strings.Join([]string{verb, act.By.ID, act.ID, refusal.Code}, " "))
		},
	}
	r.listener = NewListener(r.client, cfg)
	ctx, stop := context.WithCancel(context.WithoutCancel(r.Context()))
	r.stop = stop
	var running sync.WaitGroup
	running.Go(func() { _ = r.announce.Run(ctx) })
	go func() {
		err := r.listener.Run(ctx)
		running.Wait()
		r.ended <- err
	}()
	synctest.Wait()
}

func (r *room) close() {
	r.stop()
	if err := <-r.ended; err != nil {
		r.Errorf("the listener ended with %v", err)
	}
}

func (r *room) note(what any) commands.Answer {
	r.mu.Lock()
	switch what := what.(type) {
	case commands.Call:
		r.calls = append(r.calls, what)
	case commands.Click:
		r.clicks = append(r.clicks, what)
	}
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		return commands.Nothing{}
	}
	return answer(what)
}

// does posts to the emulator's control and gives its answer, ok or not.
func (r *room) does(path string, body map[string]any) map[string]any {
	r.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		r.Fatal(err)
	}
	res, err := r.web.Post(slackAddress+"/emulator/"+path, "application/json", bytes.NewReader(data))
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		r.Fatal(err)
	}
	return answer
}

// must is does that has to succeed; it then waits until everything is quiet.
func (r *room) must(path string, body map[string]any) map[string]any {
	r.Helper()
	answer := r.does(path, body)
	if answer["ok"] != true {
		r.Fatalf("%s %v: %v", path, body, answer)
	}
	synctest.Wait()
	return answer
}

type seenMessage struct {
	Text      string          `json:"text"`
	TS        string          `json:"ts"`
	ThreadTS  string          `json:"thread_ts"`
	Ephemeral bool            `json:"is_ephemeral"`
	BotID     string          `json:"bot_id"`
	Blocks    json.RawMessage `json:"blocks"`
}

func (m seenMessage) String() string {
	return fmt.Sprintf("%q at %s in %q, private %v", m.Text, m.TS, m.ThreadTS, m.Ephemeral)
}

// sees are the bot's messages a user sees in #incident-kafka, after some seconds.
func (r *room) sees(user string) []seenMessage {
	r.Helper()
	time.Sleep(5 * time.Second)
	res, err := r.web.Get(slackAddress + "/emulator/messages?channel=C0INCIDENT&user=" + user)
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct{ Messages []seenMessage }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		r.Fatal(err)
	}
	var own []seenMessage
	for _, m := range answer.Messages {
		if m.BotID != "" && !strings.HasPrefix(m.Text, "/scale") {
			own = append(own, m)
		}
	}
	return own
}

func (r *room) get(path string) map[string]any {
	r.Helper()
	res, err := r.web.Get(slackAddress + "/emulator/" + path)
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		r.Fatal(err)
	}
	return answer
}

// state is how many sockets and forms are open.
func (r *room) state() (open, views int) {
	r.Helper()
	answer := r.get("state")
	count, _ := answer["connections"].(float64)
	forms, _ := answer["views"].([]any)
	return int(count), len(forms)
}

// turnedAway are the refusals so far.
func (r *room) turnedAway() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.turned)
}

// heard are the calls so far, pressed the clicks.
func (r *room) heard() []commands.Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

func (r *room) pressed() []commands.Click {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.clicks)
}

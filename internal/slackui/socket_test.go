package slackui

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/scalebot/scalebot/internal/commands"
)

// exchange is the far end of Socket Mode and nothing else, for what a well-behaved
// Slack does not do: hang up at once, speak nonsense, refresh one link at a time.
type exchange struct {
	*testing.T
	listener *Listener
	stop     context.CancelFunc
	ended    chan error

	mu    sync.Mutex
	links []*websocket.Conn
	opens int
	acks  []string
	// openTime is how long apps.connections.open takes; rude hangs up after hello.
	openTime time.Duration
	rude     bool
	heard    int
}

// inExchange runs a listener against an exchange in virtual time.
func inExchange(t *testing.T, sockets int, prepare func(*exchange), story func(x *exchange)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := &wires{conns: make(chan net.Conn), done: make(chan struct{})}
		x := &exchange{T: t, ended: make(chan error, 1)}
		if prepare != nil {
			prepare(x)
		}
		server := &http.Server{Handler: x}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(network) })
		web := &http.Client{Transport: &http.Transport{DialContext: network.dial, DisableKeepAlives: true}}
		c := NewClient(Config{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: slackAddress + "/api/", HTTP: web})
		x.listener = NewListener(c, ListenerConfig{
			Sockets: sockets, Dialer: &websocket.Dialer{NetDialContext: network.dial},
			Handlers: Handlers{Call: x.call},
		})
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		x.stop = stop
		go func() { x.ended <- x.listener.Run(ctx) }()
		synctest.Wait()
		story(x)
		stop()
		<-x.ended
		x.hangUp()
		_ = server.Close()
		serving.Wait()
		synctest.Wait()
	})
}

func (x *exchange) call(context.Context, commands.Call) commands.Answer {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.heard++
	return commands.Nothing{}
}

func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/link" {
		x.mu.Lock()
		x.opens++
		wait := x.openTime
		x.mu.Unlock()
		time.Sleep(wait)
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"ok":true,"url":"ws://slack.test/link"}`)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	x.mu.Lock()
	_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","num_connections":1}`))
	rude := x.rude
	if !rude {
		x.links = append(x.links, conn)
	}
	x.mu.Unlock()
	if rude {
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"disconnect","reason":"too_many_websockets"}`))
		return
	}
	x.read(conn)
}

func (x *exchange) read(conn *websocket.Conn) {
	for {
		var ack struct {
			ID string `json:"envelope_id"`
		}
		if err := conn.ReadJSON(&ack); err != nil {
			return
		}
		x.mu.Lock()
		x.acks = append(x.acks, ack.ID)
		x.mu.Unlock()
	}
}

// send gives a frame to the first open link; false when there is none.
func (x *exchange) send(frame string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.links) == 0 {
		return false
	}
	return x.links[0].WriteMessage(websocket.TextMessage, []byte(frame)) == nil
}

// slash sends a slash command.
func (x *exchange) slash(n int) bool {
	return x.send(fmt.Sprintf(`{"type":"slash_commands","envelope_id":"e%d","accepts_response_payload":true,"payload":{"command":"/scale","text":"","user_id":"U0ANA","channel_id":"C1","trigger_id":"t%d"}}`, n, n))
}

// refresh ends the first link as Slack does: no envelope goes there any more, then it
// is told to reconnect.
func (x *exchange) refresh() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.links) > 0 {
		_ = x.links[0].WriteMessage(websocket.TextMessage, []byte(`{"type":"disconnect","reason":"refresh_requested"}`))
		x.links = slices.Delete(x.links, 0, 1)
	}
}

func (x *exchange) hangUp() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, conn := range x.links {
		_ = conn.Close()
	}
}

// burst sends a command every 10 ms and refreshes one link after every twentieth. It
// returns how many found no link.
func (x *exchange) burst(many int) (lost int) {
	for i := range many {
		if i%20 == 10 {
			x.refresh()
		}
		if !x.slash(i) {
			lost++
		}
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(2 * time.Second)
	return lost
}

// TestTwoConnectionsLoseNothingDuringRefreshes, and one alone does: this is why there
// are two.
func TestTwoConnectionsLoseNothingDuringRefreshes(t *testing.T) {
	slow := func(x *exchange) { x.openTime = 100 * time.Millisecond }
	inExchange(t, 1, slow, func(x *exchange) {
		time.Sleep(time.Second)
		if lost := x.burst(100); lost == 0 {
			x.Error("one connection lost nothing; then the test says nothing about two")
		}
	})
	inExchange(t, 2, slow, func(x *exchange) {
		time.Sleep(time.Second)
		lost := x.burst(100)
		x.mu.Lock()
		defer x.mu.Unlock()
		if lost != 0 || x.heard != 100 || len(x.acks) != 100 {
			x.Errorf("lost %d, handled %d, acknowledged %d of 100", lost, x.heard, len(x.acks))
		}
	})
}

// TestWhatCannotBeReadIsAcknowledged: else Slack sends it again and again.
func TestWhatCannotBeReadIsAcknowledged(t *testing.T) {
	inExchange(t, 1, nil, func(x *exchange) {
		x.send(`{"type":"from_the_future","envelope_id":"odd-1","payload":{}}`)
		x.send(`{"type":"slash_commands","envelope_id":"odd-2","payload":[1,2]}`)
		x.send(`{"type":"interactive","envelope_id":"odd-3","payload":{"type":"block_actions","actions":[]}}`)
		x.send(`{"type":"interactive","envelope_id":"odd-4","payload":{"type":"view_submission","view":{"callback_id":"other"}}}`)
		x.send(`{"type":"events_api","envelope_id":"odd-5","payload":{"type":"app_rate_limited","minute_rate_limited":1}}`)
		x.send(`{"type":"events_api","envelope_id":"odd-6","payload":{"type":"event_callback","event_id":"E1","event":{"type":"app_mention","user":"","text":"x"}}}`)
		x.send(`not json`)
		x.send(`{"type":"mystery"}`)
		x.slash(1)
		time.Sleep(time.Second)
		x.mu.Lock()
		defer x.mu.Unlock()
		if got, want := strings.Join(x.acks, " "), "odd-1 odd-2 odd-3 odd-4 odd-5 odd-6 e1"; got != want {
			x.Errorf("got acks %q, want %q", got, want)
		}
		if got := x.listener.client.Stats(); got.Malformed == 0 || x.heard != 1 {
			x.Errorf("got %d malformed and %d calls, want some and 1", got.Malformed, x.heard)
		}
	})
}

// TestAReconnectStormIsSlowedDown: slack-go alone would connect hundreds of times a
// second.
func TestAReconnectStormIsSlowedDown(t *testing.T) {
	inExchange(t, 1, func(x *exchange) { x.rude = true }, func(x *exchange) {
		time.Sleep(10 * time.Minute)
		x.mu.Lock()
		opens := x.opens
		x.rude = false
		x.mu.Unlock()
		if opens < 20 || opens > 250 {
			x.Errorf("got %d connects in ten minutes, want a few a minute", opens)
		}
		time.Sleep(longestRest)
		if ok, why := x.listener.Ready(); !ok {
			x.Errorf("not ready after the storm: %s", why)
		}
	})
}

// TestADeadTokenEndsTheListener: nothing else can help then.
func TestADeadTokenEndsTheListener(t *testing.T) {
	f := &fakeSlack{rule: func(c fakeCall) *fakeAnswer { return refusal("token_revoked") }}
	synctest.Test(t, func(t *testing.T) {
		c := NewClient(Config{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: slackAddress + "/api/", HTTP: &http.Client{Transport: f}})
		l := NewListener(c, ListenerConfig{})
		err := l.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "token_revoked") {
			t.Errorf("got %v, want an error that names the reason", err)
		}
		if ok, why := l.Ready(); ok || !strings.Contains(why, "token_revoked") {
			t.Errorf("got ready %v %q", ok, why)
		}
	})
}

// TestAMissingScopeShowsInTheHealth: slack-go tries for ever and says nothing.
func TestAMissingScopeShowsInTheHealth(t *testing.T) {
	f := &fakeSlack{rule: func(c fakeCall) *fakeAnswer { return refusal("missing_scope") }}
	synctest.Test(t, func(t *testing.T) {
		c := NewClient(Config{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: slackAddress + "/api/", HTTP: &http.Client{Transport: f}})
		l := NewListener(c, ListenerConfig{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx) }()
		time.Sleep(time.Minute)
		if ok, why := l.Ready(); ok || !strings.Contains(why, "lacks a scope") {
			t.Errorf("got ready %v %q", ok, why)
		}
		if got := c.Stats().Failures[Failure{"apps.connections.open", "forbidden"}]; got == 0 {
			t.Error("the failures are not counted")
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("got %v at a stop", err)
		}
	})
}

// FuzzEnvelopes: no payload may break the decoding.
func FuzzEnvelopes(f *testing.F) {
	f.Add(`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"approve","value":"x"}]}`)
	f.Add(`{"type":"view_submission","view":{"callback_id":"adjust","private_metadata":"{}","state":{"values":{"count":{"count":{"value":"9"}}}}}}`)
	f.Add(`{"type":"block_actions","actions":[null]}`)
	l := NewListener(NewClient(Config{}), ListenerConfig{})
	f.Fuzz(func(t *testing.T, payload string) {
		event, ok := parsed(payload)
		if !ok {
			return
		}
		d := l.decode(event)
		if d.job != nil && d.queue == nil {
			t.Error("a job has no queue")
		}
		if _, err := json.Marshal(d.reply); err != nil {
			t.Errorf("the ack cannot be written: %v", err)
		}
	})
}

// parsed is what slack-go would hand over for an interactive payload.
func parsed(payload string) (socketmode.Event, bool) {
	var in slack.InteractionCallback
	if json.Unmarshal([]byte(payload), &in) != nil {
		return socketmode.Event{}, false
	}
	return socketmode.Event{Type: socketmode.EventTypeInteractive, Data: in}, true
}

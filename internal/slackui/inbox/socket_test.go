package inbox

import (
	"cmp"
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

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/memnet"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// exchange is the far end of Socket Mode and nothing else, for what a well-behaved
// Slack does not do: hang up at once, speak nonsense, refresh one link at a time.
type exchange struct {
	*testing.T
	listener *Listener
	stop     context.CancelFunc
	ended    chan error

	// sending lets one at a time write; mu is never held meanwhile.
	sending sync.Mutex
	mu      sync.Mutex
	links   []*websocket.Conn
	opens   int
	acks    []string
	// payloads are what the acks carried.
	payloads []string
	// openTime is how long apps.connections.open takes; rude hangs up after hello.
	openTime time.Duration
	rude     bool
	heard    int
	// parting is sent when a goodbye arrives, before it is answered; deaf never answers
	// one. parts counts goodbyes.
	parting string
	deaf    bool
	parts   int
	// greeting is the hello, a plain one when it is empty.
	greeting string
	// texts are what was said to the bot in calls, clicks what was pressed, told what it
	// said to whom: "method person: text".
	texts, told []string
	clicks      []commands.Click
}

// inExchange runs a listener against an exchange in virtual time.
func inExchange(t *testing.T, sockets int, prepare func(*exchange), story func(x *exchange)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		x := &exchange{T: t, ended: make(chan error, 1)}
		if prepare != nil {
			prepare(x)
		}
		server := &http.Server{Handler: x}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(network) })
		web := &http.Client{Transport: &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}}
		c := api.NewClient(api.Config{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: slackAddress + "/api/", HTTP: web})
		x.listener = NewListener(c, ListenerConfig{
			Sockets: sockets, Dialer: &websocket.Dialer{NetDialContext: network.Dial},
			Handlers: Handlers{Call: x.call, Click: x.click},
		})
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		x.stop = stop
		go func() { x.ended <- x.listener.Run(ctx) }()
		synctest.Wait()
		story(x)
		x.end()
		x.hangUp()
		_ = server.Close()
		serving.Wait()
		synctest.Wait()
	})
}

// end stops the listener and waits for it; it may be called again.
func (x *exchange) end() {
	x.stop()
	x.ended <- <-x.ended
}

func (x *exchange) call(_ context.Context, c commands.Call) commands.Answer {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.heard++
	x.texts = append(x.texts, c.Text)
	return commands.Nothing{}
}

func (x *exchange) click(_ context.Context, c commands.Click) commands.Answer {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.clicks = append(x.clicks, c)
	return commands.Nothing{}
}

// say notes what the bot says to somebody.
func (x *exchange) say(r *http.Request) {
	form := slackuitest.ReadForm(r)
	var body struct{ Text string }
	_ = json.Unmarshal([]byte(form.Get("json")), &body)
	method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	x.mu.Lock()
	defer x.mu.Unlock()
	x.told = append(x.told, fmt.Sprintf("%s %s: %s", method, cmp.Or(form.Get("user"), form.Get("channel")), cmp.Or(body.Text, form.Get("text"))))
}

func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/link" && !strings.HasSuffix(r.URL.Path, "/apps.connections.open") {
		x.say(r)
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"ok":true,"channel":"C1","ts":"9.9","message_ts":"9.9"}`)
		return
	}
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
	_ = conn.WriteMessage(websocket.TextMessage, []byte(cmp.Or(x.greeting, `{"type":"hello","num_connections":1}`)))
	rude := x.rude
	if !rude {
		x.links = append(x.links, conn)
	}
	x.mu.Unlock()
	if rude {
		_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"disconnect","reason":"too_many_websockets"}`))
		return
	}
	conn.SetCloseHandler(func(int, string) error { return x.part(conn) })
	x.read(conn)
}

// part takes a goodbye.
func (x *exchange) part(conn *websocket.Conn) error {
	x.mu.Lock()
	x.parts++
	parting, deaf := x.parting, x.deaf
	x.mu.Unlock()
	if deaf {
		time.Sleep(2 * lastWords)
	}
	if parting != "" {
		_ = conn.WriteMessage(websocket.TextMessage, []byte(parting))
	}
	return conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
}

func (x *exchange) parted() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.parts
}

func (x *exchange) opened() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.opens
}

func (x *exchange) ping() {
	x.mu.Lock()
	defer x.mu.Unlock()
	_ = x.links[0].WriteControl(websocket.PingMessage, []byte("Ping"), time.Now().Add(time.Second))
}

func (x *exchange) read(conn *websocket.Conn) {
	for {
		var ack struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if err := conn.ReadJSON(&ack); err != nil {
			return
		}
		x.mu.Lock()
		x.acks = append(x.acks, ack.ID)
		x.payloads = append(x.payloads, string(ack.Payload))
		x.mu.Unlock()
	}
}

// send gives a frame to the first open link; false when there is none.
func (x *exchange) send(frame string) bool {
	x.sending.Lock()
	defer x.sending.Unlock()
	x.mu.Lock()
	links := x.links
	x.mu.Unlock()
	if len(links) == 0 {
		return false
	}
	return links[0].WriteMessage(websocket.TextMessage, []byte(frame)) == nil
}

// slash sends a slash command.
func (x *exchange) slash(n int) bool {
	return x.send(slashFrame(n))
}

func slashFrame(n int) string {
	return fmt.Sprintf(`{"type":"slash_commands","envelope_id":"e%d","accepts_response_payload":true,"payload":{"command":"/scale","text":"","user_id":"U0ANA","channel_id":"C1","trigger_id":"t%d"}}`, n, n)
}

// refresh ends the first link as Slack does: no envelope goes there any more, then it
// is told to reconnect.
func (x *exchange) refresh() {
	x.send(`{"type":"disconnect","reason":"refresh_requested"}`)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.links = slices.Delete(slices.Clone(x.links), 0, min(1, len(x.links)))
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

// TestAReconnectStormIsSlowedDown: without a rest it would be hundreds of connects a second.
func TestAReconnectStormIsSlowedDown(t *testing.T) {
	inExchange(t, 1, func(x *exchange) { x.rude = true }, func(x *exchange) {
		time.Sleep(10 * time.Minute)
		x.mu.Lock()
		opens := x.opens
		x.rude = false
		x.mu.Unlock()
		if opens < 15 || opens > 30 {
			x.Errorf("got %d connects in ten minutes, want a few at first and then one a minute", opens)
		}
		for range int(longestRest/time.Second) + 1 {
			if ok, _ := x.listener.Ready(); ok {
				return
			}
			time.Sleep(time.Second)
		}
		_, why := x.listener.Ready()
		x.Errorf("not ready within %v after the storm: %s", longestRest, why)
	})
}

// TestADeadTokenEndsTheListener: nothing else can help then.
func TestADeadTokenEndsTheListener(t *testing.T) {
	f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer { return slackuitest.Refusal("token_revoked") }}
	synctest.Test(t, func(t *testing.T) {
		c := api.NewClient(api.Config{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: slackAddress + "/api/", HTTP: &http.Client{Transport: f}})
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

// TestAMissingScopeShowsInTheHealth: it is tried for ever, and somebody has to know.
func TestAMissingScopeShowsInTheHealth(t *testing.T) {
	f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer { return slackuitest.Refusal("missing_scope") }}
	synctest.Test(t, func(t *testing.T) {
		c := api.NewClient(api.Config{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: slackAddress + "/api/", HTTP: &http.Client{Transport: f}})
		l := NewListener(c, ListenerConfig{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx) }()
		time.Sleep(time.Minute)
		if ok, why := l.Ready(); ok || !strings.Contains(why, "lacks a scope") {
			t.Errorf("got ready %v %q", ok, why)
		}
		if got := c.Stats().Failures[api.Failure{Method: "apps.connections.open", Kind: "forbidden"}]; got == 0 {
			t.Error("the failures are not counted")
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("got %v at a stop", err)
		}
	})
}

// TestWhatComesWhileASocketClosesIsActedOn: Slack cannot be told to stop sending, and what
// is on its way when the bot says goodbye can have no ack, but it is not lost (issue 3,
// rolling update).
func TestWhatComesWhileASocketClosesIsActedOn(t *testing.T) {
	parting := func(x *exchange) { x.parting = slashFrame(7) }
	inExchange(t, 1, parting, func(x *exchange) {
		x.slash(1)
		time.Sleep(time.Second)
		x.end()
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.heard != 2 || strings.Join(x.acks, " ") != "e1" {
			x.Errorf("handled %d, acknowledged %v, want both handled and the first acknowledged", x.heard, x.acks)
		}
		if got := x.listener.client.Stats(); got.LostAcks != 1 || got.Open != 0 {
			x.Errorf("got stats %+v, want one lost ack and nothing open", got)
		}
	})
}

// TestAStopDoesNotWaitForASlackThatSaysNothing: its goodbye may never come.
func TestAStopDoesNotWaitForASlackThatSaysNothing(t *testing.T) {
	deaf := func(x *exchange) { x.deaf = true }
	inExchange(t, 2, deaf, func(x *exchange) {
		time.Sleep(time.Second)
		stopped := time.Now()
		x.end()
		if took := time.Since(stopped); took > quietMost+2*lastWords {
			x.Errorf("the stop took %v", took)
		}
		time.Sleep(2 * lastWords)
	})
}

// TestALinkIsReadUntilSlackHangsUp: at the warning the successor opens, and what still
// comes over the old link is acknowledged there.
func TestALinkIsReadUntilSlackHangsUp(t *testing.T) {
	inExchange(t, 1, nil, func(x *exchange) {
		time.Sleep(time.Second)
		x.send(`{"type":"disconnect","reason":"warning"}`)
		x.slash(1)
		time.Sleep(5 * time.Second)
		x.slash(2) // over the first link still.
		x.mu.Lock()
		old, links := x.links[0], len(x.links)
		x.mu.Unlock()
		if ok, why := x.listener.Ready(); !ok || links != 2 {
			x.Errorf("ready %v %q with %d links, want a second one beside the first", ok, why, links)
		}
		time.Sleep(time.Second)
		x.refresh()
		_ = old.Close()
		x.slash(3)
		time.Sleep(time.Second)
		x.mu.Lock()
		defer x.mu.Unlock()
		if got := strings.Join(x.acks, " "); got != "e1 e2 e3" || x.opens != 2 {
			x.Errorf("got acks %q after %d opens, want all three after 2", got, x.opens)
		}
	})
}

// TestAWarnedLinkEndsByItself: Slack may forget to hang up.
func TestAWarnedLinkEndsByItself(t *testing.T) {
	inExchange(t, 1, nil, func(x *exchange) {
		time.Sleep(time.Second)
		x.send(`{"type":"disconnect","reason":"warning"}`)
		time.Sleep(oldAge / 2)
		x.ping()
		time.Sleep(oldAge/2 - time.Second)
		if x.parted() != 0 {
			x.Error("the old link was left before its time")
		}
		time.Sleep(2 * time.Second)
		if got := x.parted(); got != 1 {
			x.Errorf("%d links were left, want the old one", got)
		}
	})
}

// TestASilentLinkIsReplaced: a dead connection looks like a quiet Slack, but for the pings.
func TestASilentLinkIsReplaced(t *testing.T) {
	inExchange(t, 1, nil, func(x *exchange) {
		for range 10 {
			time.Sleep(silence / 3)
			x.ping()
		}
		if n := x.opened(); n != 1 {
			x.Errorf("a link that Slack pings was replaced: %d opens", n)
		}
		time.Sleep(silence + time.Second)
		if n := x.opened(); n != 2 {
			x.Errorf("got %d opens, want a silent link to be replaced", n)
		}
	})
}

// TestWhySlackSendsTheBotAwayShowsInTheHealth: nobody would find it in a log at night.
func TestWhySlackSendsTheBotAwayShowsInTheHealth(t *testing.T) {
	for reason, want := range map[string]string{"link_disabled": "Socket Mode is switched off", "too_many_websockets": "run fewer replicas"} {
		inExchange(t, 1, func(x *exchange) { x.openTime = time.Second }, func(x *exchange) {
			time.Sleep(2 * time.Second)
			x.send(fmt.Sprintf(`{"type":"disconnect","reason":%q}`, reason))
			synctest.Wait()
			if ok, why := x.listener.Ready(); ok || !strings.Contains(why, want) {
				x.Errorf("%s: got ready %v %q, want %q", reason, ok, why, want)
			}
			time.Sleep(x.openTime)
		})
	}
}

// TestTheTicketIsNeverTold: the address of a socket admits whoever has it.
func TestTheTicketIsNeverTold(t *testing.T) {
	for _, address := range []string{"ws://slack.test:%zz/link?ticket=S3CRET", "http://slack.test/?ticket=S3CRET", "ws://slack.test:1/?ticket=S3CRET"} {
		f := &slackuitest.FakeSlack{Rule: func(slackuitest.FakeCall) *slackuitest.FakeAnswer {
			return &slackuitest.FakeAnswer{Status: http.StatusOK, Body: fmt.Sprintf(`{"ok":true,"url":%q}`, address)}
		}}
		c := api.NewClient(api.Config{BotToken: "xoxb-1", AppToken: "xapp-1", APIURL: slackAddress + "/api/", HTTP: &http.Client{Transport: f}})
		nowhere := func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }
		l := NewListener(c, ListenerConfig{Dialer: &websocket.Dialer{NetDialContext: nowhere}})
		if _, err := l.dial(t.Context()); err == nil || strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("%s: got %v, want an error without the ticket", address, err)
		}
	}
}

// FuzzEnvelopes: no envelope may break the decoding.
func FuzzEnvelopes(f *testing.F) {
	f.Add("interactive", `{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"approve","value":"x"}]}`)
	f.Add("interactive", `{"type":"view_submission","view":{"callback_id":"adjust","private_metadata":"{}","state":{"values":{"count":{"count":{"value":"9"}}}}}}`)
	f.Add("interactive", `{"type":"block_actions","actions":[null]}`)
	f.Add("slash_commands", `{"command":"/scale","text":"download-worker 9","user_id":"U1","trigger_id":"1.1"}`)
	f.Add("events_api", `{"type":"event_callback","event_id":"E1","event":{"type":"app_mention","user":"U1","text":"<@U0BOT> status"}}`)
	l := NewListener(api.NewClient(api.Config{}), ListenerConfig{})
	f.Fuzz(func(t *testing.T, kind, payload string) {
		d, err := l.decode(frame{Type: kind, EnvelopeID: "e1", Payload: json.RawMessage(payload)})
		if err != nil {
			return
		}
		if d.job != nil && d.queue == nil {
			t.Error("a job has no queue")
		}
		if _, err := json.Marshal(d.reply); err != nil {
			t.Errorf("the ack cannot be written: %v", err)
		}
	})
}

package slackemu

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/scalebot/scalebot/internal/memnet"
)

// room is a workspace with everything a test needs to be in it.
type room struct {
	*testing.T
	s      *Server
	net    *memnet.Network
	client *http.Client
	dialer *websocket.Dialer
}

const base = "http://slack.test"

// inRoom runs a test in a bubble of virtual time.
func inRoom(t *testing.T, cfg Config, test func(r *room)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		r := &room{
			T: t, s: New(cfg), net: network,
			client: &http.Client{Transport: &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}},
			dialer: &websocket.Dialer{NetDialContext: network.Dial, WriteBufferSize: 32 << 10},
		}
		r.s.SetBaseURL(base)
		server := &http.Server{Handler: r.s.Handler()}
		go func() { _ = server.Serve(network) }()
		defer func() { r.s.Close(); _ = server.Close() }()
		test(r)
	})
}

func decoded(t *testing.T, body io.Reader) object {
	t.Helper()
	var o object
	if err := json.NewDecoder(body).Decode(&o); err != nil {
		t.Fatalf("decoding an answer: %v", err)
	}
	return o
}

// control posts to an endpoint of /emulator/.
func (r *room) control(path string, body any) object {
	r.Helper()
	res, err := r.client.Post(base+"/emulator/"+path, "application/json", bytes.NewReader(mustJSON(body)))
	if err != nil {
		r.Fatalf("posting to %s: %v", path, err)
	}
	defer res.Body.Close()
	return decoded(r.T, res.Body)
}

// must is control that has to succeed.
func (r *room) must(path string, body any) object {
	r.Helper()
	answer := r.control(path, body)
	if answer["ok"] != true {
		r.Fatalf("%s %v: got %v, want ok", path, body, answer)
	}
	return answer
}

// api calls a method with the bot's token, as a form.
func (r *room) api(method string, args ...string) object {
	r.Helper()
	form := url.Values{"token": {r.s.BotToken()}}
	for i := 0; i < len(args); i += 2 {
		form.Set(args[i], args[i+1])
	}
	res, err := r.client.PostForm(base+"/api/"+method, form)
	if err != nil {
		r.Fatalf("calling %s: %v", method, err)
	}
	defer res.Body.Close()
	return decoded(r.T, res.Body)
}

// call is api that has to succeed.
func (r *room) call(method string, args ...string) object {
	r.Helper()
	answer := r.api(method, args...)
	if answer["ok"] != true {
		r.Fatalf("%s %v: got %v, want ok", method, args, answer)
	}
	return answer
}

// refused calls a method that has to fail with a code.
func (r *room) refused(code, method string, args ...string) object {
	r.Helper()
	answer := r.api(method, args...)
	if answer["ok"] != false || answer["error"] != code {
		r.Errorf("%s %v: got %v, want the error %s", method, args, answer, code)
	}
	return answer
}

// post posts text and answers its timestamp.
func (r *room) post(args ...string) string {
	r.Helper()
	return r.call("chat.postMessage", append([]string{"channel", "C0INCIDENT"}, args...)...)["ts"].(string)
}

// sees lists the texts a user sees in #incident-kafka, marked when only they do.
func (r *room) sees(user string) []string {
	r.Helper()
	var texts []string
	for _, m := range r.messages(user) {
		text := m["text"].(string)
		if m["is_ephemeral"] == true {
			text = "(only you) " + text
		}
		texts = append(texts, text)
	}
	return texts
}

func (r *room) messages(user string) []object {
	r.Helper()
	answer := r.get("/emulator/messages?channel=C0INCIDENT&user=" + user)
	var found []object
	for _, m := range answer["messages"].([]any) {
		found = append(found, m.(object))
	}
	return found
}

func (r *room) get(path string) object {
	r.Helper()
	res, err := r.client.Get(base + path)
	if err != nil {
		r.Fatalf("getting %s: %v", path, err)
	}
	defer res.Body.Close()
	return decoded(r.T, res.Body)
}

// traffic reads the recording.
func (r *room) traffic() []object {
	r.Helper()
	res, err := r.client.Get(base + "/emulator/traffic")
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	data, _ := io.ReadAll(res.Body)
	var lines []object
	for line := range strings.Lines(string(data)) {
		lines = append(lines, decoded(r.T, strings.NewReader(line)))
	}
	return lines
}

// app is a small Socket Mode client that shows every frame.
type app struct {
	*room
	ws     *websocket.Conn
	frames chan object
	reply  func(frame object) any // the ack for an envelope; nil answers nothing.
	pings  atomic.Int32
}

// ticket asks for the address of a connection.
func (r *room) ticket() string {
	r.Helper()
	req, _ := http.NewRequest(http.MethodPost, base+"/api/apps.connections.open", nil)
	req.Header.Set("Authorization", "Bearer "+r.s.AppToken())
	res, err := r.client.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	answer := decoded(r.T, res.Body)
	if answer["ok"] != true {
		r.Fatalf("opening a connection: got %v", answer)
	}
	return answer["url"].(string)
}

// plainAck acknowledges with nothing more.
func plainAck(frame object) any { return object{"envelope_id": frame["envelope_id"]} }

// connect opens a connection and acknowledges envelopes with reply.
func (r *room) connect(reply func(frame object) any) *app {
	r.Helper()
	ws, _, err := r.dialer.Dial(r.ticket(), nil)
	if err != nil {
		r.Fatalf("dialling: %v", err)
	}
	a := &app{room: r, ws: ws, frames: make(chan object, 100), reply: reply}
	ws.SetPingHandler(func(string) error {
		a.pings.Add(1)
		return ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second))
	})
	go a.read()
	synctest.Wait()
	return a
}

func (a *app) read() {
	defer close(a.frames)
	for {
		_, data, err := a.ws.ReadMessage()
		if err != nil {
			return
		}
		var frame object
		if json.Unmarshal(data, &frame) != nil {
			return
		}
		a.frames <- frame // before the ack, after which the test may look.
		if frame["envelope_id"] != nil && a.reply != nil {
			if ack := a.reply(frame); ack != nil {
				_ = a.ws.WriteJSON(ack)
			}
		}
	}
}

// next is the next frame, which must be of a type.
func (a *app) next(kind string) object {
	a.Helper()
	synctest.Wait()
	select {
	case frame := <-a.frames:
		if frame["type"] != kind {
			a.Fatalf("got the frame %v, want a %s", frame, kind)
		}
		return frame
	default:
		a.Fatalf("got no frame, want a %s", kind)
		return nil
	}
}

package slackui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
)

// fakeSlack is just enough of the Web API to see what the bot sends and when. It is an
// http.RoundTripper, so that it works in virtual time without any network.
type fakeSlack struct {
	mu       sync.Mutex
	calls    []fakeCall
	messages []map[string]any
	// rule may answer a call instead, before anything is stored; nil means go on.
	rule func(c fakeCall) *fakeAnswer
	// after may spoil the answer of a call that was carried out.
	after func(c fakeCall) error
	// users and group are what the directory reads.
	users map[string]string
	group []string
}

type fakeCall struct {
	method string
	form   url.Values
	at     time.Time
}

type fakeAnswer struct {
	status int
	header http.Header
	body   string
	err    error
}

func refusal(code string) *fakeAnswer {
	return &fakeAnswer{body: `{"ok":false,"error":"` + code + `"}`}
}

func (f *fakeSlack) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	call := fakeCall{method: r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], at: time.Now()}
	call.form = readForm(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
	if f.rule != nil {
		if a := f.rule(call); a != nil {
			return a.response(r)
		}
	}
	answer := &fakeAnswer{body: f.carryOut(call)}
	if f.after != nil {
		answer.err = f.after(call)
	}
	return answer.response(r)
}

// readForm reads a form, or a JSON body as one field.
func readForm(r *http.Request) url.Values {
	body, _ := io.ReadAll(r.Body)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		return url.Values{"json": {string(body)}}
	}
	form, _ := url.ParseQuery(string(body))
	return form
}

func (a *fakeAnswer) response(r *http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	header := a.header
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)), Header: header,
		Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

func (f *fakeSlack) carryOut(c fakeCall) string {
	switch c.method {
	case "auth.test":
		return `{"ok":true,"team_id":"T1","user_id":"UBOT","user":"scalebot","bot_id":"B1"}`
	case "chat.postMessage":
		return f.store(c)
	case "chat.update":
		return f.change(c)
	case "conversations.history", "conversations.replies":
		found, _ := json.Marshal(append([]map[string]any{}, f.messages...))
		return `{"ok":true,"messages":` + string(found) + `}`
	case "users.info":
		if user, ok := f.users[c.form.Get("user")]; ok {
			return `{"ok":true,"user":` + user + `}`
		}
		return `{"ok":false,"error":"user_not_found"}`
	case "usergroups.list":
		return `{"ok":true,"usergroups":[{"id":"S0ONCALL","handle":"kafka-oncall"}]}`
	case "usergroups.users.list":
		ids, _ := json.Marshal(append([]string{}, f.group...))
		return `{"ok":true,"users":` + string(ids) + `}`
	}
	return `{"ok":true}`
}

func (f *fakeSlack) store(c fakeCall) string {
	ts := fmt.Sprintf("%d.%06d", time.Now().Unix(), len(f.messages)+1)
	m := map[string]any{"ts": ts, "bot_id": "B1", "user": "UBOT", "text": c.form.Get("text"), "blocks": json.RawMessage(orNull(c.form.Get("blocks")))}
	if thread := c.form.Get("thread_ts"); thread != "" {
		m["thread_ts"] = thread
	}
	if meta := c.form.Get("metadata"); meta != "" {
		m["metadata"] = json.RawMessage(meta)
	}
	f.messages = append(f.messages, m)
	posted, _ := json.Marshal(m)
	return fmt.Sprintf(`{"ok":true,"channel":%q,"ts":%q,"message":%s}`, c.form.Get("channel"), ts, posted)
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

func (f *fakeSlack) change(c fakeCall) string {
	for _, m := range f.messages {
		if m["ts"] == c.form.Get("ts") {
			m["text"] = c.form.Get("text")
			return `{"ok":true,"channel":"C1","ts":"` + c.form.Get("ts") + `"}`
		}
	}
	return `{"ok":false,"error":"message_not_found"}`
}

// made lists the calls of one method.
func (f *fakeSlack) made(method string) []fakeCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []fakeCall
	for _, c := range f.calls {
		if c.method == method {
			found = append(found, c)
		}
	}
	return found
}

// texts are the stored messages' texts.
func (f *fakeSlack) texts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, m := range f.messages {
		out = append(out, m["text"].(string))
	}
	return out
}

var errCut = errors.New("unexpected EOF")

// connect returns a client of the fake that knows who it is.
func connect(t *testing.T, f *fakeSlack) *Client {
	t.Helper()
	c := NewClient(Config{BotToken: "xoxb-secret", AppToken: "xapp-secret", APIURL: "http://slack.test/api/", HTTP: &http.Client{Transport: f}, Clock: pace.Clock{}})
	if _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

package slackuitest

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
	"time"
)

// FakeSlack is just enough of the Web API to see what the bot sends and when. It is an
// http.RoundTripper, so that it works in virtual time without any network.
type FakeSlack struct {
	Mu       sync.Mutex
	calls    []FakeCall
	Messages []map[string]any
	// Rule may answer a call before anything is stored; nil means that the call is carried out.
	Rule func(c FakeCall) *FakeAnswer
	// After may replace the answer of a call that was carried out by an error.
	After func(c FakeCall) error
	// Users and group are what the directory reads.
	Users map[string]string
	group []string
}

// FakeCall is one call the workspace received.
type FakeCall struct {
	Method string
	Form   url.Values
	At     time.Time
}

// FakeAnswer is what the workspace answers instead.
type FakeAnswer struct {
	Status int
	Header http.Header
	Body   string
	Err    error
}

// Refusal is an answer with one of Slack's error words.
func Refusal(code string) *FakeAnswer {
	return &FakeAnswer{Body: `{"ok":false,"error":"` + code + `"}`}
}

// RoundTrip answers a call as the workspace would.
func (f *FakeSlack) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	call := FakeCall{Method: r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], At: time.Now()}
	call.Form = ReadForm(r)
	f.Mu.Lock()
	defer f.Mu.Unlock()
	f.calls = append(f.calls, call)
	if f.Rule != nil {
		if a := f.Rule(call); a != nil {
			return a.response(r)
		}
	}
	answer := &FakeAnswer{Body: f.CarryOut(call)}
	if f.After != nil {
		answer.Err = f.After(call)
	}
	return answer.response(r)
}

// ReadForm reads a form, or a JSON body as one field.
func ReadForm(r *http.Request) url.Values {
	body, _ := io.ReadAll(r.Body)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		return url.Values{"json": {string(body)}}
	}
	form, _ := url.ParseQuery(string(body))
	return form
}

func (a *FakeAnswer) response(r *http.Request) (*http.Response, error) {
	if a.Err != nil {
		return nil, a.Err
	}
	status := a.Status
	if status == 0 {
		status = http.StatusOK
	}
	header := a.Header
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)), Header: header,
		Body: io.NopCloser(strings.NewReader(a.Body)), Request: r,
	}, nil
}

// CarryOut carries out a call and returns the answer.
func (f *FakeSlack) CarryOut(c FakeCall) string {
	switch c.Method {
	case "auth.test":
		return `{"ok":true,"team_id":"T1","user_id":"UBOT","user":"scalebot","bot_id":"B1"}`
	case "chat.postMessage":
		return f.store(c)
	case "chat.update":
		return f.change(c)
	case "conversations.history", "conversations.replies":
		found, _ := json.Marshal(append([]map[string]any{}, f.Messages...))
		return `{"ok":true,"messages":` + string(found) + `}`
	case "users.info":
		if user, ok := f.Users[c.Form.Get("user")]; ok {
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

func (f *FakeSlack) store(c FakeCall) string {
	ts := fmt.Sprintf("%d.%06d", time.Now().Unix(), len(f.Messages)+1)
	m := map[string]any{"ts": ts, "bot_id": "B1", "user": "UBOT", "text": c.Form.Get("text"), "blocks": json.RawMessage(orNull(c.Form.Get("blocks")))}
	if thread := c.Form.Get("thread_ts"); thread != "" {
		m["thread_ts"] = thread
	}
	if meta := c.Form.Get("metadata"); meta != "" {
		m["metadata"] = json.RawMessage(meta)
	}
	f.Messages = append(f.Messages, m)
	posted, _ := json.Marshal(m)
	return fmt.Sprintf(`{"ok":true,"channel":%q,"ts":%q,"message":%s}`, c.Form.Get("channel"), ts, posted)
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

func (f *FakeSlack) change(c FakeCall) string {
	for _, m := range f.Messages {
		if m["ts"] == c.Form.Get("ts") {
			m["text"] = c.Form.Get("text")
			return `{"ok":true,"channel":"C1","ts":"` + c.Form.Get("ts") + `"}`
		}
	}
	return `{"ok":false,"error":"message_not_found"}`
}

// Made lists the calls of one method.
func (f *FakeSlack) Made(method string) []FakeCall {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	var found []FakeCall
	for _, c := range f.calls {
		if c.Method == method {
			found = append(found, c)
		}
	}
	return found
}

// ErrCut is a connection that ends before the answer.
var ErrCut = errors.New("unexpected EOF")

// RoundTrip calls the function.
type RoundTrip func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f RoundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

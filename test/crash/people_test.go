package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The people and places of the emulator's world.
const (
	ana, ben, carl    = "U0ANA", "U0BEN", "U0CARL"
	incident, general = "C0INCIDENT", "C0GENERAL"
)

type object = map[string]any

// people are those in front of Slack.
var people = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// do sends a body to one of the emulator's addresses; an answer that is not ok is an
// error.
func (w *world) do(path string, body object) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	response, err := people.Post(w.url+path, "application/json", bytes.NewReader(data))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct {
		OK             bool
		Error, Message string
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: reading the answer: %w", path, err)
	}
	if !answer.OK {
		return fmt.Errorf("%s: %s: %s", path, answer.Error, answer.Message)
	}
	return nil
}

func (w *world) must(path string, body object) {
	w.Helper()
	if err := w.do(path, body); err != nil {
		w.Fatal(err)
	}
}

// slash types a command; that Slack had no acknowledgement is an error.
func (w *world) slash(user, channel, text string) error {
	return w.do("/emulator/slash", object{"user": user, "channel": channel, "text": text})
}

// press clicks a button of a message.
func (w *world) press(user string, m message, action string) error {
	return w.do("/emulator/click", object{"user": user, "channel": m.channel, "ts": m.TS, "action_id": action})
}

// message is what somebody sees.
type message struct {
	channel string
	TS      string          `json:"ts"`
	Thread  string          `json:"thread_ts"`
	Text    string          `json:"text"`
	Private bool            `json:"is_ephemeral"`
	Blocks  json.RawMessage `json:"blocks"`
}

// says reports whether all parts are somewhere in the message.
func (m message) says(parts ...string) bool {
	return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(m.Text, p) && !strings.Contains(string(m.Blocks), p) })
}

// top reports whether the message stands in the channel for everybody.
func (m message) top() bool { return !m.Private && (m.Thread == "" || m.Thread == m.TS) }

// messages is what somebody sees in a channel, oldest first.
func (w *world) messages(channel, user string) []message {
	w.Helper()
	status, body := get(w.url + "/emulator/messages?" + url.Values{"channel": {channel}, "user": {user}}.Encode())
	var answer struct{ Messages []message }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		w.Fatalf("reading the messages: %d %s", status, body)
	}
	for i := range answer.Messages {
		answer.Messages[i].channel = channel
	}
	return answer.Messages
}

// cards are the messages in the channel that are an operation's card.
func (w *world) cards(channel, id string) []message {
	w.Helper()
	return slices.DeleteFunc(w.messages(channel, ana), func(m message) bool { return !m.top() || !m.says(" · "+id) })
}

// reports are the reports below a card.
func (w *world) reports(card message) []message {
	w.Helper()
	return slices.DeleteFunc(w.messages(card.channel, ana), func(m message) bool { return m.Thread != card.TS || !m.says(" after scaling") })
}

// transcript is what everybody sees, for a failing test.
func (w *world) transcript() string {
	var b strings.Builder
	for _, channel := range []string{incident, general} {
		_, body := get(w.url + "/emulator/messages?channel=" + channel + "&user=" + ana)
		var answer struct{ Messages []message }
		_ = json.Unmarshal([]byte(body), &answer) // what cannot be read is not shown.
		for _, m := range answer.Messages[max(0, len(answer.Messages)-40):] {
			fmt.Fprintf(&b, "%s %s thread=%q private=%v %s\n", channel, m.TS, m.Thread, m.Private, m.Text)
		}
	}
	return b.String()
}

// get reads a page; what does not answer is no page.
func get(address string) (status int, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err.Error()
	}
	resp, err := people.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(data)
}

// freeAddress is an address that was free a moment ago.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

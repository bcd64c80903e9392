package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/test/e2e/world"
)

// The people of the emulator's workspace: Ana and Ben are on call, Carl is not.
const ana, ben, carl = "U0ANA", "U0BEN", "U0CARL"

var people = &http.Client{Timeout: 15 * time.Second}

type object = map[string]any

// do is one act of a person.
func do(t testing.TB, path string, body object) object {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := people.Post(real.Slack+path, "application/json", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer object
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: reading the answer: %v", path, err)
	}
	if answer["ok"] != true {
		t.Fatalf("%s %v: got %v", path, body, answer)
	}
	return answer
}

// slash types a command in the incident channel.
func slash(t testing.TB, user, text string) {
	t.Helper()
	do(t, "/emulator/slash", object{"user": user, "channel": world.Channel, "text": text})
}

// click presses a button of a message.
func click(t testing.TB, user string, m message, action string) {
	t.Helper()
	do(t, "/emulator/click", object{"user": user, "channel": world.Channel, "ts": m.ts, "action_id": action})
}

// message is what people see of a message: all the text in it, and its buttons.
type message struct {
	ts, thread, text string
	private          bool
	actions          []string
}

// messages are those that somebody sees in the incident channel, oldest first.
func messages(t testing.TB, user string) []message {
	t.Helper()
	resp, err := people.Get(real.Slack + "/emulator/messages?channel=" + world.Channel + "&user=" + user)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Messages []object }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatalf("reading messages: %v", err)
	}
	var all []message
	for _, raw := range answer.Messages {
		m := message{ts: raw["ts"].(string), private: raw["is_ephemeral"] == true}
		m.text, _ = raw["text"].(string)
		if m.thread, _ = raw["thread_ts"].(string); m.thread == m.ts {
			m.thread = ""
		}
		m.read(raw["blocks"])
		all = append(all, m)
	}
	return all
}

// read collects every text and button below a block.
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
			m.text += "\n" + text
		}
		for key, one := range v {
			if key != "confirm" {
				m.read(one)
			}
		}
	}
}

// pick says whether a message is the one that is looked for.
type pick func(m message) bool

// saying looks for what a message says and not for where its sentences begin.
func saying(parts ...string) pick {
	return func(m message) bool {
		text := strings.ToLower(m.text)
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, strings.ToLower(part)) })
	}
}

func offering(action string) pick {
	return func(m message) bool { return slices.Contains(m.actions, action) }
}
func inThread(ts string) pick  { return func(m message) bool { return m.thread == ts } }
func inChannel(m message) bool { return m.thread == "" && !m.private }
func at(ts string) pick        { return func(m message) bool { return m.ts == ts } }
func after(ts string) pick     { return func(m message) bool { return m.ts > ts } }

func only(all []message, picks ...pick) []message {
	var kept []message
	for _, m := range all {
		if !slices.ContainsFunc(picks, func(p pick) bool { return !p(m) }) {
			kept = append(kept, m)
		}
	}
	return kept
}

// see waits until Carl, who sees what everybody sees, sees such a message, and returns the newest one.
func see(t testing.TB, within time.Duration, what string, picks ...pick) message {
	t.Helper()
	return seeAs(t, carl, within, what, picks...)
}

func seeAs(t testing.TB, user string, within time.Duration, what string, picks ...pick) message {
	t.Helper()
	var found []message
	until(t, within, what, func(context.Context) error {
		if found = only(messages(t, user), picks...); len(found) == 0 {
			return errors.New("nobody sees it")
		}
		return nil
	})
	return found[len(found)-1]
}

// ask types a command and waits for its card. A refusal instead ends the test.
func ask(t testing.TB, user, text string) message {
	t.Helper()
	before := newest(t)
	slash(t, user, text)
	component, _, _ := strings.Cut(text, " ")
	card := func(m message) bool { return inChannel(m) && offering("approve")(m) && saying("*"+component+"*")(m) }
	refused := func(m message) bool { return m.private && strings.Contains(m.text, "\ncode ") }
	answer := see(t, soon, "the card of "+text, after(before), func(m message) bool { return card(m) || refused(m) })
	if refused(answer) {
		t.Fatalf("asking for %s was refused:\n%s", text, answer.text)
	}
	return answer
}

// newest is the newest timestamp in the channel, to tell what came later.
func newest(t testing.TB) string {
	t.Helper()
	ts := ""
	for _, m := range messages(t, carl) {
		ts = max(ts, m.ts)
	}
	return ts
}

// transcript is what Carl sees last, for a test that fails.
func transcript(t testing.TB) string {
	t.Helper()
	const last = 12
	var b strings.Builder
	all := messages(t, carl)
	for _, m := range all[max(0, len(all)-last):] {
		fmt.Fprintf(&b, "%s thread=%q private=%v actions=%v\n  %s\n", m.ts, m.thread, m.private, m.actions, strings.ReplaceAll(m.text, "\n", "\n  "))
	}
	return b.String()
}

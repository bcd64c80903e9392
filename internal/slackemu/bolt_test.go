package slackemu

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestBolt plays the story with an app on Slack's own framework, so that the emulator
// is not only right about the library the bot happens to use. It needs Node and the
// packages of test/bolt, hence it asks to be asked: (cd test/bolt && npm ci) and BOLT=1.
func TestBolt(t *testing.T) {
	if os.Getenv("BOLT") == "" {
		t.Skip("set BOLT=1 after (cd test/bolt && npm ci) to run an app on Bolt against the emulator")
	}
	s := New(Config{})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	defer s.Close()
	b := startBolt(t, s, server.URL)

	slash := b.control("slash", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "download-worker 9"})
	if ack, _ := slash["ack"].(object); slash["ok"] != true || ack["text"] != "understood download-worker 9" {
		t.Errorf("got %v, want Bolt's ack", slash)
	}
	b.heard("command")
	var card object
	var texts []string
	for _, m := range b.messages() {
		texts = append(texts, m["text"].(string))
		if m["metadata"] != nil {
			card = m
		}
	}
	slices.Sort(texts) // the ack and the answers travel on their own ways.
	if got, want := strings.Join(texts, "|"), "/scale download-worker 9|Scale to 9?|by response_url|understood download-worker 9"; got != want {
		t.Errorf("Ana sees %q, want %q", got, want)
	}

	b.must("click", object{"user": "U0BEN", "channel": "C0INCIDENT", "ts": card["ts"], "action_id": "approve"})
	if got := b.heard("action"); got["value"] != "op-1" || got["ts"] != card["ts"] {
		t.Errorf("got %v, want the button's value on the card", got)
	}
	views := b.get("state")["views"].([]any)
	view := views[0].(object)
	submit := func(n int) object {
		return b.control("submit", object{"user": "U0BEN", "view_id": view["id"], "values": object{"count": object{"n": n}}})
	}
	if got := submit(30); got["ok"] != false || got["errors"].(object)["count"] != "there are only 24 partitions" {
		t.Errorf("got %v, want Bolt's complaint", got)
	}
	if got := submit(9); got["ok"] != true {
		t.Errorf("got %v, want the form taken", got)
	}
	if got := b.heard("view"); got["n"] != 9.0 || got["metadata"] != "op-1" {
		t.Errorf("got %v, want 9 and the metadata", got)
	}

	b.must("mention", object{"user": "U0CARL", "channel": "C0INCIDENT", "thread_ts": card["ts"], "text": "@scalebot status"})
	b.heard("event")
	last := b.messages()[len(b.messages())-1]
	if last["text"] != "heard <@U0SCALEBOT> status" || last["thread_ts"] != card["ts"] {
		t.Errorf("got %v, want the answer in the thread", last)
	}

	// Bolt reconnects 5 s after it was told to, on its own clock.
	b.must("fault", object{"disconnect": "refresh_requested", "links": "all"})
	b.until(15*time.Second, "reconnected", func() bool { return s.Connections() > 0 })
	b.must("slash", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "again"})
	b.heard("command")
}

// bolt is a running app on Bolt.
type bolt struct {
	*testing.T
	base  string
	lines chan object
}

func startBolt(t *testing.T, s *Server, base string) *bolt {
	cmd := exec.CommandContext(t.Context(), "node", "app.js", base)
	cmd.Dir = "../../test/bolt"
	cmd.Env = append(os.Environ(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting Bolt: %v", err)
	}
	b := &bolt{T: t, base: base, lines: make(chan object, 100)}
	go b.read(out)
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	b.heard("started")
	return b
}

func (b *bolt) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var o object
		if json.Unmarshal(lines.Bytes(), &o) == nil {
			b.lines <- o
		}
	}
	close(b.lines)
}

// heard waits for Bolt to say that something happened to it.
func (b *bolt) heard(what string) object {
	b.Helper()
	select {
	case line := <-b.lines:
		b.Logf("bolt: %v", line)
		if line["what"] != what {
			b.Fatalf("got %v from Bolt, want %s", line, what)
		}
		return line
	case <-time.After(20 * time.Second):
		b.Fatalf("Bolt did not say %s within 20 s", what)
		return nil
	}
}

func (b *bolt) until(limit time.Duration, what string, done func() bool) {
	b.Helper()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.After(limit); !done(); {
		select {
		case <-ticker.C:
		case <-deadline:
			b.Fatalf("Bolt has not %s within %v", what, limit)
		}
	}
}

func (b *bolt) control(path string, body any) object {
	b.Helper()
	res, err := http.Post(b.base+"/emulator/"+path, "application/json", strings.NewReader(string(mustJSON(body))))
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	return decoded(b.T, res.Body)
}

func (b *bolt) must(path string, body any) {
	b.Helper()
	if got := b.control(path, body); got["ok"] != true {
		b.Fatalf("%s: got %v, want ok", path, got)
	}
}

func (b *bolt) get(path string) object {
	b.Helper()
	res, err := http.Get(b.base + "/emulator/" + path)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	return decoded(b.T, res.Body)
}

func (b *bolt) messages() []object {
	b.Helper()
	var found []object
	for _, m := range b.get("messages?channel=C0INCIDENT&user=U0ANA")["messages"].([]any) {
		found = append(found, m.(object))
	}
	return found
}

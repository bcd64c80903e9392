package inbox

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

var hologram = json.RawMessage(`[{"type":"actions","elements":[{"type":"hologram","action_id":"a"}]}]`)

// In a channel in which another app posts what nobody knows, a card whose post was cut
// stands there once.
func TestACutPostBesideAnotherApp(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		inRoom(t, ListenerConfig{}, func(r *room) {
			r.must("foreign", map[string]any{"channel": "C0INCIDENT", "text": "a build", "blocks": hologram, "metadata": json.RawMessage(`["odd"]`)})
			r.must("fault", map[string]any{"method": "chat.postMessage", "cut": when})
			op := slackuitest.Unposted(ledger.Proposed)
			op.Request.At = time.Now()
			ref, err := r.announce.Card(r.Context(), op, engine.Known)
			if err != nil || ref.TS == "" {
				r.Errorf("cut %s: got %+v, %v, want the place of the card", when, ref, err)
			}
			cards := 0
			for _, m := range r.sees("U0BEN") {
				if m.BotID == "B0SCALEBOT" {
					cards++
				}
			}
			if cards != 1 {
				r.Errorf("cut %s: Ben sees %d cards, want one", when, cards)
			}
		})
	}
}

// A mention beside what nobody knows is answered like any other, also with a file.
func TestAMentionBesideWhatNobodyKnows(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.answer = func(any) commands.Answer { return commands.Shown{Status: slackuitest.Status()} }
		r.must("mention", map[string]any{
			"user": "U0CARL", "channel": "C0INCIDENT", "text": "status", "blocks": hologram, "attachments": json.RawMessage(`[{"id":"1","blocks":` + string(hologram) + `}]`),
			"files": json.RawMessage(`[{"id":"F1","size":"12"}]`),
		})
		if got := r.heard(); len(got) != 1 || got[0].Text != "status" {
			r.Errorf("got calls %+v, want the mention", got)
		}
		if got := r.sees("U0BEN"); len(got) != 1 || !strings.HasPrefix(got[0].Text, "download-worker: 6/6") {
			r.Errorf("Ben sees %v, want the answer", got)
		}
	})
}

// Who edits a message until it names the bot reads once, alone, that edits do not count.
func TestAMentionByEditIsAnsweredOnce(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ts := r.must("say", map[string]any{"user": "U0CARL", "channel": "C0INCIDENT", "text": "approve"})["ts"]
		for _, text := range []string{"@scalebot approve", "@scalebot approve please", "@scalebot approve now"} {
			r.must("edit", map[string]any{"user": "U0CARL", "channel": "C0INCIDENT", "ts": ts, "text": text})
			time.Sleep(time.Minute)
		}
		if got := r.sees("U0CARL"); len(got) != 1 || !got[0].Ephemeral || got[0].Text != strayEdit {
			r.Errorf("Carl sees %v, want one private sentence", got)
		}
		if got, ben := r.heard(), r.sees("U0BEN"); len(got) != 0 || len(ben) != 0 {
			r.Errorf("got calls %+v, and Ben sees %v, want neither", got, ben)
		}
	})
}

// Where the bot is no member the response URL is the only way: blocks that the workspace does
// not take go out as text there, as often as the address allows.
func TestARichAnswerRefusedOutsideAChannel(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.must("fault", map[string]any{"remove_bot": "C0INCIDENT", "refuse_blocks": []string{"section"}})
		r.answer = func(any) commands.Answer { return commands.Shown{Status: slackuitest.Status()} }
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "download-worker"})
		got := r.sees("U0ANA")
		if len(got) != 1 || !got[0].Ephemeral || !strings.HasPrefix(got[0].Text, "download-worker: 6/6") || len(got[0].Blocks) > 2 && string(got[0].Blocks) != "null" {
			r.Errorf("Ana sees %v, want the answer as text", got)
		}
	})
}

// The bot is ready after a hello that Slack filled with anything.
func TestAnOddHelloFromTheWorkspace(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.must("fault", map[string]any{"hello": map[string]any{"num_connections": 0.5, "debug_info": map[string]any{"build_number": "", "approximate_connection_time": 18060.25}}})
		r.must("fault", map[string]any{"drop_sockets": true})
		time.Sleep(time.Minute)
		if ok, why := r.listener.Ready(); !ok {
			r.Errorf("not ready: %s", why)
		}
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		if got := r.heard(); len(got) != 1 {
			r.Errorf("got calls %+v, want one", got)
		}
	})
}

package outbox

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// A post whose answer does not say where it went is looked for, and not taken for done.
func TestAPostWithoutAPlaceIsLookedFor(t *testing.T) {
	for _, body := range []string{`{}`, `{"ok":false}`, `{"ok":true}`, `{"ok":true,"channel":"C0INCIDENT","ts":""}`, `{"ok":true,"channel":"C0INCIDENT","ts":7}`, `<html></html>`} {
		f := &slackuitest.FakeSlack{}
		spoilt := false
		f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
			if c.Method != "chat.postMessage" || spoilt {
				return nil
			}
			spoilt = true
			f.CarryOut(c)
			return &slackuitest.FakeAnswer{Body: body}
		}
		announce(t, f, func(t *testing.T, a *Announcer) {
			if ref, err := a.Card(t.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known); err != nil || ref.TS == "" {
				t.Errorf("%s: got %+v, %v, want the place of the card", body, ref, err)
			}
		})
		if got := texts(f); len(got) != 1 {
			t.Errorf("%s: %d cards, want one", body, len(got))
		}
	}
}

// Slack gives back the message that was posted or edited, as it keeps it: with elements and
// members that nobody asked for. The card stands all the same, and is edited once.
func TestWhatSlackMakesOfOurMessageDoesNotMatter(t *testing.T) {
	const echo = `"message":{"ts":"1.1","thread_ts":7,"blocks":[{"type":"actions","elements":[{"type":"hologram"}]}],"edited":"now"}`
	f := &slackuitest.FakeSlack{}
	f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		switch c.Method {
		case "chat.postMessage":
			f.CarryOut(c)
			return &slackuitest.FakeAnswer{Body: `{"ok":true,"channel":"C0INCIDENT","ts":"1.1",` + echo + `}`}
		case "chat.update":
			return &slackuitest.FakeAnswer{Body: `{"ok":true,"channel":"C0INCIDENT","ts":"1.1",` + echo + `}`}
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		op = slackuitest.Step(op, ledger.Declined)
		card(t, a, &op, engine.Known)
		time.Sleep(10 * time.Minute)
	})
	if posts, edits := len(f.Made("chat.postMessage")), len(f.Made("chat.update")); posts != 1 || edits != 1 {
		t.Errorf("got %d posts and %d edits, want one of each", posts, edits)
	}
}

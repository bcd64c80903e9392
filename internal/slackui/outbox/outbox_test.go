package outbox

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// The pace is a channel's own: one that is busy does not hold up another.
func TestChannelsDoNotWaitForEachOther(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		begin := time.Now()
		for i, channel := range []string{"C1", "C2", "C3"} {
			op := slackuitest.Unposted(ledger.Proposed)
			op.ID, op.Request.Channel = ledger.OperationID("worker", i+1), channel
			card(t, a, &op, engine.Known)
		}
		if took := time.Since(begin); took >= spacing {
			t.Errorf("three cards in three channels took %v, want less than the pause of one channel", took)
		}
	})
}

// Slack's Retry-After on an edit holds the edits for as long, and lets new messages pass:
// the limit is the method's.
func TestRetryAfterOfAnEditHoldsEditsAndNotPosts(t *testing.T) {
	f := throttledOnce()
	announce(t, f, func(t *testing.T, a *Announcer) {
		op, other := slackuitest.Unposted(ledger.Proposed), slackuitest.Unposted(ledger.Proposed)
		other.ID = "download-worker-18"
		card(t, a, &op, engine.Known)
		op = slackuitest.Step(op, ledger.Declined)
		card(t, a, &op, engine.Known)
		time.Sleep(2 * time.Second)
		card(t, a, &other, engine.Known)
		time.Sleep(20 * time.Second)
	})
	edits, posts := f.Made("chat.update"), f.Made("chat.postMessage")
	if len(edits) != 2 || edits[1].At.Sub(edits[0].At) < 9*time.Second {
		t.Errorf("got edits %v, want a second one after 9 s", edits)
	}
	if len(posts) != 2 || posts[1].At.Sub(edits[0].At) > 5*time.Second {
		t.Errorf("got posts %v, want the second at once", posts)
	}
}

// A look that Slack refuses in an edit is replaced by a plainer one, as in a post.
func TestRefusedBlocksOfAnEditAreSentAsText(t *testing.T) {
	f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method == "chat.update" && c.Form.Get("blocks") != "" && c.Form.Get("blocks") != "[]" {
			return slackuitest.Refusal("invalid_blocks")
		}
		return nil
	}}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		op = slackuitest.Step(op, ledger.Declined)
		card(t, a, &op, engine.Known)
		time.Sleep(5 * time.Second)
	})
	if got := texts(f); len(got) != 1 || !strings.Contains(got[0], "declined") {
		t.Errorf("got %q, want the newest look as text", got)
	}
}

// Nothing but ids is in the metadata, which everybody in the workspace can read, and no
// link is unfurled or made of a name: nothing leaks, and nobody can forge a link.
func TestMessagesCarryIDsOnlyAndNoLinks(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		op.Request.Reason = "see https://evil.example and @here"
		card(t, a, &op, engine.Known)
	})
	form := f.Made("chat.postMessage")[0].Form
	for _, secret := range []string{"evil", "Carl", "outage", "6", "9"} {
		if strings.Contains(form.Get("metadata"), secret) {
			t.Errorf("the metadata %s tells %q", form.Get("metadata"), secret)
		}
	}
	for name, want := range map[string]string{"unfurl_links": "false", "unfurl_media": "false", "link_names": "", "parse": ""} {
		if got := form.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	blocks := form.Get("blocks")
	if strings.Contains(blocks, `\u003chttp`) || strings.Contains(blocks, "<http") {
		t.Errorf("the card has a link: %s", blocks)
	}
	if n, m := strings.Count(blocks, `"type":"mrkdwn"`), strings.Count(blocks, `"verbatim":true`); n == 0 || n != m {
		t.Errorf("%d of %d texts are verbatim, want all: Slack would make links of names", m, n)
	}
}

// Whoever handed over an edit can tell when it is not on its way any more: queued, held by
// Slack's Retry-After, or being sent.
func TestAnEditIsWaitingUntilSlackHasIt(t *testing.T) {
	f := throttledOnce()
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		if a.Waiting(op.ID) {
			t.Error("a posted card is waiting")
		}
		op = slackuitest.Step(op, ledger.Declined)
		card(t, a, &op, engine.Known)
		time.Sleep(5 * time.Second)
		if !a.Waiting(op.ID) || a.Waiting("download-worker-99") {
			t.Error("an edit that Slack held back is not waiting, or another is")
		}
		time.Sleep(20 * time.Second)
		if a.Waiting(op.ID) {
			t.Error("an edit that was sent is still waiting")
		}
	})
}

// A look that this process has brought to Slack already is not sent again, unless somebody
// else may have edited the message since.
func TestTheSameLookIsSentAgainOnlyWhenInDoubt(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		card(t, a, &op, engine.Known)
		time.Sleep(5 * time.Second)
		if n := len(f.Made("chat.update")); n != 0 {
			t.Errorf("got %d edits of a card that shows this look, want none", n)
		}
		card(t, a, &op, engine.MaybePosted)
		time.Sleep(5 * time.Second)
		if n := len(f.Made("chat.update")); n != 1 {
			t.Errorf("got %d edits of a card in doubt, want one", n)
		}
	})
}

// throttledOnce is a Slack that takes the first edit only after nine seconds.
func throttledOnce() *slackuitest.FakeSlack {
	f := &slackuitest.FakeSlack{}
	limited := false
	f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method == "chat.update" && !limited {
			limited = true
			return &slackuitest.FakeAnswer{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"9"}}, Body: `{"ok":false,"error":"ratelimited"}`}
		}
		return nil
	}
	return f
}

package outbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// foreign are messages of other apps and people, as they stand in any channel. The bot has
// no use for them, so nothing about them may keep it from its own.
var foreign = map[string]string{
	"an element nobody knows":       `{"ts":"1.1","bot_id":"B9","blocks":[{"type":"actions","elements":[{"type":"hologram","action_id":"a"}]}]}`,
	"one in a context":              `{"ts":"1.1","bot_id":"B9","blocks":[{"type":"context","elements":[{"type":"hologram"}]}]}`,
	"one in an input":               `{"ts":"1.1","bot_id":"B9","blocks":[{"type":"input","element":{"type":"hologram"}}]}`,
	"one in an attachment":          `{"ts":"1.1","bot_id":"B9","attachments":[{"id":"1","color":7,"blocks":[{"type":"actions","elements":[{"type":"hologram"}]}]}]}`,
	"a table cell":                  `{"ts":"1.1","bot_id":"B9","blocks":[{"type":"table","rows":[[{"type":"hologram"}]]}]}`,
	"a chart":                       `{"ts":"1.1","bot_id":"B9","blocks":[{"type":"data_visualization","title":"x","chart":{"type":"radar"}}]}`,
	"a block nobody knows":          `{"ts":"1.1","bot_id":"B9","blocks":[{"type":"hologram"}]}`,
	"blocks: null":                  `{"ts":"1.1","user":"U9","blocks":null,"attachments":null,"files":null,"metadata":null}`,
	"blocks that are none":          `{"ts":"1.1","user":"U9","blocks":"none","attachments":{},"files":"x","edited":false,"reactions":"+1"}`,
	"metadata that is text":         `{"ts":"1.1","bot_id":"B9","metadata":"scalebot"}`,
	"metadata with a list":          `{"ts":"1.1","bot_id":"B9","metadata":{"event_type":"scalebot","event_payload":["download-worker-17","card"]}}`,
	"metadata with numbers":         `{"ts":"1.1","bot_id":"B9","metadata":{"event_type":7,"event_payload":{"operation":17,"step":["card"]}}}`,
	"our own with strange metadata": `{"ts":"1.1","bot_id":"B1","user":"UBOT","metadata":{"event_type":"scalebot","event_payload":{"operation":{"id":"download-worker-17"},"step":null}}}`,
	"counts as text":                `{"ts":"1.1","user":"U9","reply_count":"3","unread_count":"","files":[{"id":"F1","size":"12","created":"now"}]}`,
	"a time that is a number":       `{"ts":1795426720.000100,"user":"U9"}`,
	"no time, no author":            `{"type":"message","subtype":"tombstone","text":"This message was deleted.","hidden":true}`,
	"a tombstone":                   `{"ts":"1.1","subtype":"tombstone","user":"USLACKBOT","thread_ts":"1.1","reply_count":2}`,
	"an author that is an object":   `{"ts":"1.1","user":{"id":"U9"},"bot_id":null,"team":{"id":"T9"},"bot_profile":"x"}`,
	"a broadcast":                   `{"ts":"1.2","subtype":"thread_broadcast","thread_ts":"1.1","user":"U9","root":{"ts":"1.1","blocks":[{"type":"actions","elements":[{"type":"hologram"}]}]}}`,
	"nothing":                       `null`,
	"text":                          `"hello"`,
	"a number":                      `7`,
	"a list":                        `[]`,
}

// beside answers calls for messages with foreign ones before and after our own.
func beside(f *slackuitest.FakeSlack, stranger string) {
	f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method != "conversations.history" && c.Method != "conversations.replies" {
			return nil
		}
		own, _ := strings.CutPrefix(f.CarryOut(c), `{"ok":true,"messages":[`)
		own = strings.TrimSuffix(own, "]}")
		if own != "" {
			own += ","
		}
		return &slackuitest.FakeAnswer{Body: `{"ok":true,"messages":[` + stranger + "," + own + stranger + `],"has_more":false,"response_metadata":[],"pin_count":"0","channel_actions_ts":7}`}
	}
}

// After a cut post the bot looks for its card among what stands in the channel, and finds
// it or posts it, once, whatever else stands there.
func TestWhatOthersPostDoesNotHideOurCard(t *testing.T) {
	for name, stranger := range foreign {
		for _, arrived := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, arrived %v", name, arrived), func(t *testing.T) {
				f := &slackuitest.FakeSlack{}
				beside(f, stranger)
				cutOnce(f, arrived)
				announce(t, f, func(t *testing.T, a *Announcer) {
					if ref, err := a.Card(t.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known); err != nil || ref.TS == "" || ref.Channel == "" {
						t.Errorf("got %+v, %v, want the place of the card", ref, err)
					}
				})
				if got := texts(f); len(got) != 1 {
					t.Errorf("%d cards stand in the channel, want one", len(got))
				}
			})
		}
	}
}

// cutOnce makes the first post lose its answer, after or before it took effect.
func cutOnce(f *slackuitest.FakeSlack, arrived bool) {
	cut := false
	if arrived {
		f.After = func(c slackuitest.FakeCall) error {
			if c.Method == "chat.postMessage" && !cut {
				cut = true
				return slackuitest.ErrCut
			}
			return nil
		}
		return
	}
	rule := f.Rule
	f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method == "chat.postMessage" && !cut {
			cut = true
			return &slackuitest.FakeAnswer{Err: slackuitest.ErrCut}
		}
		return rule(c)
	}
}

// A page that cannot be read, or is not all there is, is no proof that nothing was posted.
func TestAPageThatIsNotOneIsNoProof(t *testing.T) {
	for name, body := range map[string]string{
		"a page of a proxy":        `<html><body>Sign in</body></html>`,
		"an empty object":          `{}`,
		"no list":                  `{"ok":true}`,
		"a list that is null":      `{"ok":true,"messages":null}`,
		"a list that is an object": `{"ok":true,"messages":{}}`,
		"not ok, no word":          `{"ok":false}`,
		"an error unheard of":      `{"ok":false,"error":"moon_phase","errors":[{"a":1}],"response_metadata":{"messages":[{"b":2}]}}`,
		"more, but not where":      `{"ok":true,"messages":[],"has_more":true}`,
		"more, in a word":          `{"ok":true,"messages":[],"has_more":"true","response_metadata":[]}`,
		"half a page":              `{"ok":true,"messages":[{"ts":"1.1"},`,
		"nothing":                  ``,
	} {
		t.Run(name, func(t *testing.T) {
			f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
				if strings.HasPrefix(c.Method, "conversations.") {
					return &slackuitest.FakeAnswer{Body: body}
				}
				return nil
			}}
			cutOnce(f, true)
			announce(t, f, func(t *testing.T, a *Announcer) {
				if ref, err := a.Card(t.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known); err == nil {
					t.Errorf("got %+v, want an error: the post may have arrived", ref)
				}
			})
			if n := len(f.Made("chat.postMessage")); n != 1 {
				t.Errorf("posted %d times, want once", n)
			}
		})
	}
}

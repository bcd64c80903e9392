package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// Our own message is known by either of its two authors, and in a thread as well.
func TestOurOwnIsFoundByEitherAuthor(t *testing.T) {
	mark := `"metadata":{"event_type":"scalebot","event_payload":{"operation":"download-worker-17","step":"card","more":[1]}}`
	for name, test := range map[string]struct {
		own  string
		want bool
	}{
		"by bot and user":  {`"ts":"1.5","bot_id":"B1","user":"UBOT"`, true},
		"by bot alone":     {`"ts":"1.5","bot_id":"B1"`, true},
		"by user alone":    {`"ts":"1.5","user":"UBOT","bot_id":null`, true},
		"somebody else's":  {`"ts":"1.5","bot_id":"B9","user":"U9"`, false},
		"nobody's":         {`"ts":"1.5","text":"x"`, false},
		"with odd blocks":  {`"ts":"1.5","bot_id":"B1","blocks":[{"type":"actions","elements":[{"type":"hologram"}]}]`, true},
		"broadcast":        {`"ts":"1.5","bot_id":"B1","subtype":"thread_broadcast","thread_ts":"1.0","root":7`, true},
		"a bot as a list":  {`"ts":"1.5","bot_id":["B1"],"user":"UBOT"`, true},
		"without its time": {`"ts":null,"bot_id":"B1"`, false},
	} {
		for _, thread := range []string{"", "1.0"} {
			t.Run(name+" "+thread, func(t *testing.T) {
				f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
					if strings.HasPrefix(c.Method, "conversations.") {
						return &slackuitest.FakeAnswer{Body: `{"ok":true,"messages":[{` + test.own + `,` + mark + `}]}`}
					}
					return nil
				}}
				ref, found, err := apitest.Connect(t, f).Find(t.Context(), api.Message{Key: api.Key{Operation: "download-worker-17", Step: "card"}, Channel: "C1", Thread: thread})
				if err != nil || found != test.want || found && ref.TS != "1.5" {
					t.Errorf("got %+v, %v, %v, want found %v", ref, found, err, test.want)
				}
			})
		}
	}
}

// A card may stand on a later page; every page is asked for with the mark of the one before.
func TestOurCardIsFoundOnALaterPage(t *testing.T) {
	var cursors []string
	f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method != "conversations.history" {
			return nil
		}
		cursors = append(cursors, c.Form.Get("cursor"))
		switch len(cursors) {
		case 1:
			return &slackuitest.FakeAnswer{Body: `{"ok":true,"messages":[{"ts":"3.1","blocks":[{"type":"actions","elements":[{"type":"hologram"}]}]}],"has_more":true,"response_metadata":{"next_cursor":"p2","warnings":"x"}}`}
		case 2:
			return &slackuitest.FakeAnswer{Body: `{"ok":true,"messages":[],"has_more":true,"response_metadata":{"next_cursor":"p3"}}`}
		}
		return &slackuitest.FakeAnswer{Body: `{"ok":true,"messages":[{"ts":"1.5","bot_id":"B1","metadata":{"event_type":"scalebot","event_payload":{"operation":"download-worker-17","step":"card"}}}],"response_metadata":{"next_cursor":""}}`}
	}}
	ref, found, err := apitest.Connect(t, f).Find(t.Context(), api.Message{Key: api.Key{Operation: "download-worker-17", Step: "card"}, Channel: "C1", Since: time.Unix(1e9, 0)})
	if err != nil || !found || ref.TS != "1.5" || strings.Join(cursors, ",") != ",p2,p3" {
		t.Errorf("got %+v, %v, %v after cursors %q", ref, found, err, cursors)
	}
}

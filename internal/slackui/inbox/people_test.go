package inbox

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/cards/cardstest"
	"github.com/scalebot/scalebot/internal/slackui/people"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// Who is on call is read anew as soon as Slack says that a group has changed.
func TestAChangedGroupIsReadAnew(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		first := func() string {
			duty, err := r.people.OnCall(r.Context())
			if err != nil || len(duty.Members) == 0 {
				r.Fatalf("got %+v and %v", duty, err)
			}
			return duty.Members[0].ID
		}
		if got := first(); got != "U0ANA" {
			r.Errorf("got %s on call, want Ana", got)
		}
		r.must("fault", map[string]any{"group": map[string]any{"id": "S0ONCALL", "members": []string{"U0CARL"}}})
		if got := first(); got != "U0CARL" {
			r.Errorf("got %s on call right after the change, want Carl", got)
		}
	})
}

// While no source answers, the last answer is shown with its age and a warning, for an hour;
// it decides nothing.
func TestAnOldListOfPeopleIsShownAndDecidesNothing(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		if _, err := r.people.OnCall(r.Context()); err != nil {
			r.Fatal(err)
		}
		r.must("fault", map[string]any{"method": "usergroups.list", "status": 500, "count": -1})
		time.Sleep(10 * time.Minute)
		duty, err := r.people.OnCall(r.Context())
		if err != nil || len(duty.Members) != 2 || duty.Age < 10*time.Minute || !strings.Contains(fmt.Sprint(duty.Notes), "nobody may decide") {
			r.Errorf("got %+v and %v, want the last answer, its age and a warning", duty, err)
		}
		look, _ := cards.DrawAnswer(commands.Duty{OnCall: duty})
		if got := fmt.Sprint(cardstest.MrkdwnOf(r.T, look)); !strings.Contains(got, "10 min ago") || !strings.Contains(got, "nobody may decide") {
			r.Errorf("people read %s, want the age and the warning", got)
		}
		if got := r.grant("U0ANA", scale.RightDecide); got.Allowed || got.Code != people.CodeUnknown {
			r.Errorf("got %+v, want Ana refused: it is not known who is on call", got)
		}
		time.Sleep(people.StaleDuty)
		if duty, err := r.people.OnCall(r.Context()); err == nil {
			r.Errorf("after an hour: got %+v, want an error", duty)
		}
	})
}

// mentioning decodes an app_mention as Slack delivers it.
func mentioning(t *testing.T, l *Listener, event string) delivery {
	t.Helper()
	body := fmt.Sprintf(`{"type":"event_callback","event_id":"Ev1","team_id":"T1","event":%s}`, event)
	d, err := l.decode(frame{Type: frameEvent, EnvelopeID: "e1", Payload: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A mention says itself whether its channel is shared, which is newer than what was read
// of the channel a moment ago (is_ext_shared_channel of the event).
func TestAMentionFromASharedChannelIsTurnedAway(t *testing.T) {
	f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method == "conversations.info" {
			return &slackuitest.FakeAnswer{Body: `{"ok":true,"channel":{"id":"C1","is_member":true}}`}
		}
		return nil
	}}
	c := apitest.Connect(t, f)
	calls := 0
	l := NewListener(c, ListenerConfig{
		Directory: people.NewDirectory(c, people.Roster{}),
		Handlers:  Handlers{Call: func(context.Context, commands.Call) commands.Answer { calls++; return commands.Nothing{} }},
	})
	for _, shared := range []bool{false, true} {
		body := fmt.Sprintf(`{"type":"event_callback","event_id":"Ev1","team_id":"T1","is_ext_shared_channel":%v,
			"event":{"type":"app_mention","user":"U1","channel":"C1","ts":"1.1","text":"<@UBOT> approve"}}`, shared)
		d, err := l.decode(frame{Type: frameEvent, EnvelopeID: "e1", Payload: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		d.job(t.Context())
	}
	if got := f.Made("chat.postEphemeral"); calls != 1 || len(got) != 1 || !strings.Contains(got[0].Form.Get("text"), "shared with another company") {
		t.Errorf("got %d orders taken and %v told, want the second turned away", calls, got)
	}
}

// What people edit later is not acted on, and neither is what a bot says, least of all
// ourselves: an event counts once, as it was written.
func TestEditsAndBotsAreNotHeard(t *testing.T) {
	heard := 0
	l := NewListener(apitest.Connect(t, &slackuitest.FakeSlack{}), ListenerConfig{Handlers: Handlers{
		Call: func(context.Context, commands.Call) commands.Answer { heard++; return commands.Nothing{} },
	}})
	const text = `"channel":"C1","ts":"1.1","text":"<@UBOT> approve"`
	for name, tt := range map[string]struct {
		event string
		taken bool
	}{
		"a mention":           {`{"type":"app_mention","user":"U1",` + text + `}`, true},
		"an edited mention":   {`{"type":"app_mention","user":"U1","edited":{"user":"U1","ts":"2.2"},` + text + `}`, false},
		"an edited message":   {`{"type":"message","subtype":"message_changed","channel":"C1","ts":"1.1","message":{"type":"message","user":"U1","text":"<@UBOT> approve"}}`, false},
		"a message":           {`{"type":"message","user":"U1",` + text + `}`, false},
		"a bot's mention":     {`{"type":"app_mention","user":"U2","bot_id":"B2",` + text + `}`, false},
		"our own mention":     {`{"type":"app_mention","user":"UBOT",` + text + `}`, false},
		"a mention by nobody": {`{"type":"app_mention",` + text + `}`, false},
	} {
		heard = 0
		if job := mentioning(t, l, tt.event).job; job != nil {
			job(t.Context())
		}
		if (heard == 1) != tt.taken {
			t.Errorf("%s: heard %d times, want it taken %v", name, heard, tt.taken)
		}
	}
}

// What people wrote is on the record and not in the process log: the log of a bot is read
// by more people than a private channel.
func TestTheLogHasNoMessages(t *testing.T) {
	var logged strings.Builder
	f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method == "chat.postMessage" || c.Method == "chat.postEphemeral" {
			return slackuitest.Refusal("is_archived")
		}
		return nil
	}}
	c := api.NewClient(api.Config{
		BotToken: "xoxb-secret", AppToken: "xapp-secret", APIURL: "http://slack.test/api/", HTTP: &http.Client{Transport: f},
		Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Deliver(t.Context(), api.Message{Key: api.Key{Operation: "op", Step: "card"}, Channel: "C1", Variants: []cards.Content{{Text: "the-words"}}}, false); err == nil {
		t.Fatal("the post is said to have worked")
	}
	NewListener(c, ListenerConfig{}).answerPrivately(t.Context(), api.Addressee{Channel: "C1", User: "U1"}, cards.DrawNotice("the-words"))
	if got := logged.String(); strings.Contains(got, "the-words") || strings.Contains(got, "secret") || !strings.Contains(got, "is_archived") {
		t.Errorf("got the log %s, want what failed and no words and no token", got)
	}
}

// A cached name is for display: it lasts a minute, and never decides.
func TestMembersMayAskFromMemoryForAMinute(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ask := func() bool { return r.grant("U0CARL", scale.RightAsk).Allowed }
		if !ask() {
			r.Fatal("Carl may not ask")
		}
		r.must("fault", map[string]any{"deactivate": "U0CARL"})
		time.Sleep(people.DisplayTime + time.Second)
		if ask() {
			r.Error("a minute after he was deactivated Carl may still ask")
		}
	})
}

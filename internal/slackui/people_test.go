package slackui

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
)

// known is a directory in a workspace where U1 is as the given fields say.
func known(t *testing.T, enterprise, fields string) *Directory {
	t.Helper()
	f := &fakeSlack{users: map[string]string{"U1": `{"id":"U1","name":"una",` + fields + `}`}}
	f.rule = func(c fakeCall) *fakeAnswer {
		if c.method != "auth.test" || enterprise == "" {
			return nil
		}
		return &fakeAnswer{body: `{"ok":true,"team_id":"T1","user_id":"UBOT","user":"scalebot","bot_id":"B1","enterprise_id":"` + enterprise + `"}`}
	}
	return NewDirectory(connect(t, f), Roster{Users: []string{"U1"}})
}

// Which flags of a Slack user keep them from everything, whatever list they are on, and which
// do not.
func TestWhichPeopleAreBarred(t *testing.T) {
	for _, tt := range []struct{ name, enterprise, fields, code string }{
		{"a member", "", `"team_id":"T1"`, ""},
		{"missing and null fields", "", `"team_id":"T1","is_bot":null,"profile":null,"enterprise_user":null,"deleted":null`, ""},
		{"who has authorised the app", "", `"team_id":"T1","is_app_user":true`, ""},
		{"another company", "", `"team_id":"T2"`, codeExternal},
		{"another company, which is_stranger does not tell", "", `"team_id":"T2","is_stranger":false`, codeExternal},
		{"no team at all", "", `"is_stranger":false`, codeExternal},
		{"a guest of several channels", "", `"team_id":"T1","is_restricted":true`, codeGuest},
		{"a guest of one channel", "", `"team_id":"T1","is_restricted":true,"is_ultra_restricted":true`, codeGuest},
		{"somebody invited", "", `"team_id":"T1","is_invited_user":true`, codeGuest},
		{"deactivated", "", `"team_id":"T1","deleted":true`, codeDeactivated},
		{"a bot", "", `"team_id":"T1","is_bot":true`, codeBot},
		{"a workflow", "", `"team_id":"T1","is_workflow_bot":true`, codeBot},
		{"a connector", "", `"team_id":"T1","is_connector_bot":true`, codeBot},
		{"Grid: another workspace of ours", "E1", `"team_id":"T2","enterprise_user":{"id":"W1","enterprise_id":"E1"}`, ""},
		{"Grid: another organisation", "E1", `"team_id":"T1","enterprise_user":{"id":"W1","enterprise_id":"E2"}`, codeExternal},
		{"Grid: theirs, not ours", "", `"team_id":"T2","enterprise_user":{"id":"W1","enterprise_id":"E2"}`, codeExternal},
	} {
		for _, right := range []scale.Right{scale.RightAsk, scale.RightDecide} {
			got := known(t, tt.enterprise, tt.fields).Grant(t.Context(), scale.Person{ID: "U1"}, right)
			if got.Code != tt.code || got.Allowed != (tt.code == "") {
				t.Errorf("%s, %s: got %+v, want code %q", tt.name, right, got, tt.code)
			}
		}
	}
}

// On Grid one human may have several accounts: who they are in the organisation travels
// with the answer, so that the desk can tell two people from one.
func TestTheOrganisationsIDIsPartOfAPerson(t *testing.T) {
	got := known(t, "E1", `"team_id":"T1","enterprise_user":{"id":"W7","enterprise_id":"E1"}`).Grant(t.Context(), scale.Person{ID: "U1"}, scale.RightDecide)
	if got.Person.Grid != "W7" || !got.Person.Is(scale.Person{ID: "U2", Grid: "W7"}) || got.Person.Is(scale.Person{ID: "U2", Grid: "W8"}) {
		t.Errorf("got %+v, want the id of the organisation", got.Person)
	}
}

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
		look, _ := AnswerLook(commands.Duty{OnCall: duty})
		if got := fmt.Sprint(mrkdwnOf(r.T, look)); !strings.Contains(got, "10 min ago") || !strings.Contains(got, "nobody may decide") {
			r.Errorf("people read %s, want the age and the warning", got)
		}
		if got := r.grant("U0ANA", scale.RightDecide); got.Allowed || got.Code != codeUnknown {
			r.Errorf("got %+v, want Ana refused: it is not known who is on call", got)
		}
		time.Sleep(staleDuty)
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
	f := &fakeSlack{rule: func(c fakeCall) *fakeAnswer {
		if c.method == "conversations.info" {
			return &fakeAnswer{body: `{"ok":true,"channel":{"id":"C1","is_member":true}}`}
		}
		return nil
	}}
	c := connect(t, f)
	calls := 0
	l := NewListener(c, ListenerConfig{
		Directory: NewDirectory(c, Roster{}),
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
	if got := f.made("chat.postEphemeral"); calls != 1 || len(got) != 1 || !strings.Contains(got[0].form.Get("text"), "shared with another company") {
		t.Errorf("got %d orders taken and %v told, want the second turned away", calls, got)
	}
}

// What people edit later is not acted on, and neither is what a bot says, least of all
// ourselves: an event counts once, as it was written.
func TestEditsAndBotsAreNotHeard(t *testing.T) {
	heard := 0
	l := NewListener(connect(t, &fakeSlack{}), ListenerConfig{Handlers: Handlers{
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
	f := &fakeSlack{rule: func(c fakeCall) *fakeAnswer {
		if c.method == "chat.postMessage" || c.method == "chat.postEphemeral" {
			return refusal("is_archived")
		}
		return nil
	}}
	c := NewClient(Config{
		BotToken: "xoxb-secret", AppToken: "xapp-secret", APIURL: "http://slack.test/api/", HTTP: &http.Client{Transport: f},
		Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.deliver(t.Context(), message{key: key{"op", "card"}, channel: "C1", looks: []Look{{Text: "the-words"}}}, false); err == nil {
		t.Fatal("the post is said to have worked")
	}
	NewListener(c, ListenerConfig{}).tell(t.Context(), reader{channel: "C1", user: "U1"}, saidLook("the-words"))
	if got := logged.String(); strings.Contains(got, "the-words") || strings.Contains(got, "secret") || !strings.Contains(got, "is_archived") {
		t.Errorf("got the log %s, want what failed and no words and no token", got)
	}
}

// The answer to a typed order repeats how it was understood: whoever reads it may have
// edited their words since.
func TestARefusalEchoesWhatWasUnderstood(t *testing.T) {
	look, _ := AnswerLook(commands.Refused{Refusal: &scale.Refusal{Code: "x", Understood: "scale download-worker to 9", Why: "no"}})
	if got := fmt.Sprint(mrkdwnOf(t, look)); !strings.Contains(got, "Understood: scale download-worker to 9") {
		t.Errorf("got %s, want what was understood", got)
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
		time.Sleep(displayTime + time.Second)
		if ask() {
			r.Error("a minute after he was deactivated Carl may still ask")
		}
	})
}

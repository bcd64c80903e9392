package inbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// In a channel shared with another company nothing is asked for and nothing is decided,
// in whichever way it is tried, by anybody; each try is handed over for the record.
func TestASharedChannelIsRefusedAndRecorded(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ref, err := r.announce.Card(r.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		r.must("fault", map[string]any{"share": "C0INCIDENT"})
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "download-worker 9"})
		r.must("mention", map[string]any{"user": "U0BEN", "channel": "C0INCIDENT", "thread_ts": ref.TS, "text": "approve"})
		r.must("click", map[string]any{"user": "U0EVE", "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "approve"})
		r.must("click", map[string]any{"user": "U0EVE", "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "adjust"})
		for _, user := range []string{"U0ANA", "U0BEN", "U0EVE"} {
			if got := only(r.sees(user)); len(got) == 0 || !strings.Contains(got[0].Text, "shared with another company") {
				r.Errorf("%s reads %v, want why", user, got)
			}
		}
		got := r.turnedAway()
		slices.Sort(got)
		want := []string{
			"adjust U0EVE download-worker-17 shared_channel", "approve U0EVE download-worker-17 shared_channel",
			"command U0ANA  shared_channel", "command U0BEN  shared_channel",
		}
		if !slices.Equal(got, want) || len(r.heard())+len(r.pressed()) != 0 {
			r.Errorf("got %q recorded and %d orders taken, want %q and none", got, len(r.heard())+len(r.pressed()), want)
		}
		if _, forms := r.state(); forms != 0 {
			r.Error("somebody of another company sees the form with its numbers")
		}
	})
}

// only are the private ones of some messages.
func only(all []seenMessage) []seenMessage {
	return slices.DeleteFunc(all, func(m seenMessage) bool { return !m.Ephemeral })
}

// That a channel is shared counts from the moment Slack says so, in an event of its own or
// with a mention, and not when the minute is over for which it is remembered.
func TestAChannelThatIsBeingSharedIsRefusedAtOnce(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		slash := func() {
			r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		}
		slash()
		r.must("fault", map[string]any{"share": "C0INCIDENT"})
		slash()
		if len(r.heard()) != 1 || len(r.turnedAway()) != 1 {
			r.Errorf("got %d taken and %d turned away, want the second refused", len(r.heard()), len(r.turnedAway()))
		}
	})
}

// While it cannot be read whether a channel is shared, what was read within the hour counts;
// unknown is not a pass.
func TestAChannelThatCannotBeReadIsRefused(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		slash := func(channel string) {
			r.must("slash", map[string]any{"user": "U0ANA", "channel": channel, "text": "status"})
		}
		slash("C0INCIDENT")
		r.must("fault", map[string]any{"method": "conversations.info", "status": 500, "count": -1})
		time.Sleep(5 * time.Minute)
		slash("C0INCIDENT")
		slash("C0GENERAL")
		if got := r.turnedAway(); len(r.heard()) != 2 || len(got) != 1 || got[0] != "command U0ANA  "+RefusedUnseen {
			r.Errorf("got %d taken and %q turned away, want only the channel that was never read refused", len(r.heard()), got)
		}
		time.Sleep(time.Hour)
		slash("C0INCIDENT")
		if len(r.heard()) != 2 || len(r.turnedAway()) != 2 {
			r.Error("what was read an hour ago still counts")
		}
	})
}

// Guests, outsiders and deactivated people do not even see the numbers in the form.
func TestTheFormIsNotForEverybody(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ref, err := r.announce.Card(r.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		r.must("fault", map[string]any{"force": true})
		for _, user := range []string{"U0GINA", "U0EVE", "U0DAN"} {
			r.must("click", map[string]any{"user": user, "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "adjust"})
		}
		if _, forms := r.state(); forms != 0 || len(r.turnedAway()) != 3 {
			r.Errorf("%d forms are open and %q turned away, want none and all three", forms, r.turnedAway())
		}
		r.must("click", map[string]any{"user": "U0CARL", "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "adjust"})
		if _, forms := r.state(); forms != 1 {
			r.Errorf("Carl sees %d forms, want one", forms)
		}
	})
}

// Through the bot nobody fills a thread: guests are answered alone, members at a bounded
// pace, and nobody is left without an answer.
func TestPublicAnswersHaveTheirPace(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ref, err := r.announce.Report(r.Context(), carded(r), 1, engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		r.answer = func(any) commands.Answer {
			return commands.Diagnosed{Diagnosis: diagnose.Diagnosis{Component: "download-worker"}}
		}
		press := func(user string) {
			r.must("click", map[string]any{"user": user, "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "diagnose"})
			time.Sleep(time.Second)
		}
		r.must("fault", map[string]any{"force": true})
		press("U0GINA")
		for range publicMost + 3 {
			press("U0CARL")
		}
		time.Sleep(publicSpan)
		press("U0CARL")
		for user, want := range map[string][2]int{"U0GINA": {publicMost + 1, 1}, "U0CARL": {publicMost + 1, 3}} {
			private, public := 0, 0
			for _, m := range r.sees(user)[2:] {
				if m.Ephemeral {
					private++
				} else {
					public++
				}
			}
			if public != want[0] || private != want[1] {
				r.Errorf("%s sees %d public and %d private answers, want %d and %d", user, public, private, want[0], want[1])
			}
		}
	})
}

// A command whose bot answers nothing but a card is answered by the response URL where the
// bot is no member; the words name how to get it in.
func TestTheInvitationGoesByTheResponseURL(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	l := NewListener(apitest.Connect(t, f), ListenerConfig{})
	l.answerPrivately(t.Context(), api.Addressee{URL: "http://slack.test/respond", Channel: "C1", User: "U0ANA"}, drawInvite("scalebot", "download-worker-17"))
	got := f.Made("respond")
	if len(got) != 1 || !strings.Contains(got[0].Form.Get("json"), "/invite @scalebot") || len(f.Made("chat.postEphemeral")) != 0 {
		t.Errorf("got %+v, want the invitation once, by the response URL", got)
	}
}

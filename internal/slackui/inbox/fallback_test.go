package inbox

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// reads are the bot's messages somebody sees in a channel.
func (r *room) reads(channel, user string) []seenMessage {
	r.Helper()
	time.Sleep(5 * time.Second)
	data, err := json.Marshal(r.get("messages?channel=" + channel + "&user=" + user)["messages"])
	if err != nil {
		r.Fatal(err)
	}
	var all, own []seenMessage
	if err := json.Unmarshal(data, &all); err != nil {
		r.Fatal(err)
	}
	for _, m := range all {
		if m.BotID != "" {
			own = append(own, m)
		}
	}
	return own
}

// wants checks that there is exactly one message with all the parts.
func (r *room) wants(what string, got []seenMessage, parts ...string) {
	r.Helper()
	if len(got) != 1 {
		r.Errorf("%s: got %v, want one message", what, got)
		return
	}
	for _, p := range parts {
		if !strings.Contains(got[0].Text, p) {
			r.Errorf("%s: got %q, want %q in it", what, got[0].Text, p)
		}
	}
}

// in is an operation whose card is in the given channel.
func (r *room) in(channel string) ledger.Operation {
	r.Helper()
	op := slackuitest.Unposted(ledger.Watching)
	op.Request.Channel = channel
	ref, err := r.announce.Card(r.Context(), op, engine.Known)
	if err != nil {
		r.Fatal(err)
	}
	op.Message = ref
	op.Reports[1] = slackuitest.Report()
	return op
}

func TestAReportOfAnArchivedChannelComesToTheAlertChannel(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := r.in("C0GENERAL")
		r.must("fault", map[string]any{"archive": "C0GENERAL"})
		for range 2 {
			ref, err := r.announce.Report(r.Context(), op, 1, engine.Known)
			if err != nil || ref.Channel != "C0INCIDENT" || ref.Thread != "" {
				r.Fatalf("got the report at %+v and %v, want it in the alert channel", ref, err)
			}
		}
		r.wants("the alert channel", r.reads("C0INCIDENT", "U0ANA"), "download-worker-17 comes here", "archived", "15 min")
	})
}

func TestAReportWithoutAnyChannelComesToWhoAsked(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := r.in("C0INCIDENT")
		r.must("fault", map[string]any{"remove_bot": "C0INCIDENT"})
		ref, err := r.announce.Report(r.Context(), op, 1, engine.MaybePosted)
		if err != nil || ref.Channel != "D0CARL" {
			r.Fatalf("got the report at %+v and %v, want it with Carl", ref, err)
		}
		r.wants("Carl's direct messages", r.reads("D0CARL", "U0CARL"), "not a member of the channel", "15 min")
	})
}

// A card that could never be posted, and so has no thread, does not keep its reports back.
func TestAReportOfAnUnpostedCardIsNotLost(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := slackuitest.Unposted(ledger.Watching)
		op.Request.Channel, op.Reports[1] = "C0GENERAL", slackuitest.Report()
		r.must("fault", map[string]any{"remove_bot": "C0GENERAL"})
		if ref, err := r.announce.Report(r.Context(), op, 1, engine.Known); err != nil || ref.Channel != "C0INCIDENT" {
			r.Errorf("got the report at %+v and %v, want it in the alert channel", ref, err)
		}
		r.must("fault", map[string]any{"add_bot": "C0GENERAL"})
		op.Reports[0] = slackuitest.Report()
		if ref, err := r.announce.Report(r.Context(), op, 0, engine.Known); err != nil || ref.Channel != "C0GENERAL" || ref.Thread == "" {
			r.Errorf("got the report at %+v and %v, want it under a card of its own", ref, err)
		}
	})
}

// An alert whose channel is gone is heard by the people on call: once for each urgency, and
// neither for what is snoozed nor for a mere suggestion.
func TestAnAlertOfAnArchivedChannelComesToThePeopleOnCall(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		posted := slackuitest.Episode()
		ref, err := r.announce.Episode(r.Context(), posted, engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		posted.Message = ref
		r.must("fault", map[string]any{"archive": "C0INCIDENT"})
		snoozed, hint, fresh := slackuitest.Episode(), slackuitest.Episode(), slackuitest.Episode()
		snoozed.ID, snoozed.SnoozedForever, snoozed.SnoozedAt = "download-worker-alert-4", true, scale.UrgencyCritical
		hint.ID, hint.Kind = "download-worker-suggestion-1", ledger.EpisodeSuggestion
		fresh.ID, fresh.Urgency = "download-worker-alert-5", scale.UrgencyWarning
		for i := range 3 {
			for _, e := range []ledger.Episode{posted, snoozed, hint, fresh} {
				e.Lag += int64(i)
				_, _ = r.announce.Episode(r.Context(), e, engine.Known)
			}
			time.Sleep(5 * time.Second)
		}
		for channel, user := range map[string]string{"D0ANA": "U0ANA", "D0BEN": "U0BEN"} {
			got := r.reads(channel, user)
			if len(got) != 2 {
				r.Errorf("%s reads %v, want one of each of the two alerts", user, got)
			}
			for _, m := range got {
				if !strings.Contains(m.Text, "archived") || !strings.Contains(m.Text, "/scale download-worker") {
					r.Errorf("%s reads %q, want why it comes here and what to type", user, m.Text)
				}
			}
		}
		if got := r.reads("D0CARL", "U0CARL"); len(got) != 0 {
			r.Errorf("Carl is not on call and reads %v", got)
		}
	})
}

// So is the note that rules cannot be judged: silence is not to be taken for quiet.
func TestABlindnessOfAnArchivedChannelComesToThePeopleOnCall(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.must("fault", map[string]any{"archive": "C0INCIDENT"})
		for range 3 {
			_, _ = r.announce.Episode(r.Context(), slackuitest.Blindness(26), engine.Known)
			time.Sleep(5 * time.Second)
		}
		got := r.reads("D0ANA", "U0ANA")
		if len(got) != 1 || !strings.Contains(got[0].Text, "No metrics from the pods and metrics.k8s.io since") || strings.Contains(got[0].Text, "/scale fleet") {
			r.Errorf("Ana reads %v, want the note once, without a command that is none", got)
		}
	})
}

// broken is an operation by which Ana carries alone what needs two people.
func broken(channel string) ledger.Operation {
	op := slackuitest.Unposted(ledger.Proposed)
	op.Request.Channel, op.Request.At, op.Approvals = channel, time.Now(), 2
	op, err := op.Approve(ledger.Event{At: slackuitest.At(time.Minute), By: slackuitest.Ana, Code: ledger.CodeBreakGlass, Note: "nobody answers"})
	if err != nil {
		panic(err)
	}
	return op
}

// Breaking the glass is told where it happened and in the alert channel, once each, however
// often it has to be tried, with everybody on call called.
func TestABrokenGlassIsToldOnceInBothChannels(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := broken("C0GENERAL")
		r.must("fault", map[string]any{"method": "chat.postMessage", "status": 500, "count": api.DeliverTries})
		if _, err := r.announce.Alarm(r.Context(), op, engine.MaybePosted); err == nil {
			r.Error("the alarm is said to be told while Slack takes nothing")
		}
		r.must("fault", map[string]any{"method": "chat.postMessage", "cut": "after", "count": 1})
		time.Sleep(time.Minute)
		for range 3 {
			if ref, err := r.announce.Alarm(r.Context(), op, engine.MaybePosted); err != nil || ref.Channel != "C0GENERAL" {
				r.Errorf("got %+v and %v, want it told where it happened", ref, err)
			}
		}
		for _, channel := range []string{"C0GENERAL", "C0INCIDENT"} {
			got := r.reads(channel, "U0BEN")
			r.wants(channel, got, "Break-glass: Ana scales download-worker from 6 to 9 alone")
			if len(got) == 1 && (!strings.Contains(string(got[0].Blocks), "subteam^S0ONCALL") || !strings.Contains(string(got[0].Blocks), "nobody answers")) {
				r.Errorf("%s: got %s, want the reason and everybody on call called", channel, got[0].Blocks)
			}
		}
	})
}

func TestABrokenGlassIsToldWhereChannelsAreGone(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := broken("C0GENERAL")
		r.must("fault", map[string]any{"archive": "C0GENERAL"})
		if ref, err := r.announce.Alarm(r.Context(), op, engine.MaybePosted); err != nil || ref.Channel != "C0INCIDENT" {
			r.Errorf("got %+v and %v, want the alert channel", ref, err)
		}
		r.must("fault", map[string]any{"archive": "C0INCIDENT"})
		op.ID = "download-worker-18"
		if ref, err := r.announce.Alarm(r.Context(), op, engine.MaybePosted); err != nil || ref.Channel != "D0ANA" {
			r.Errorf("got %+v and %v, want the people on call", ref, err)
		}
		r.wants("Ben's direct messages", r.reads("D0BEN", "U0BEN"), "A break-glass comes here", "Ana scales download-worker")
	})
}

// Whoever asked is told that a card stands still, and the alert channel as well.
func TestALostCardIsToldAside(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := r.in("C0GENERAL")
		r.must("fault", map[string]any{"archive": "C0GENERAL"})
		if _, err := r.announce.Card(r.Context(), slackuitest.Step(op, ledger.Superseded), engine.Known); err != nil {
			r.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if err := r.announce.Lost(op.ID); err == nil || !strings.Contains(err.Error(), "archived") {
			r.Fatalf("got %v, want why the card stands still", err)
		}
		for range 2 {
			if err := r.announce.Aside(r.Context(), op, ledger.CodeCardLost, "The card stands still."); err != nil {
				r.Fatal(err)
			}
		}
		r.wants("Carl's direct messages", r.reads("D0CARL", "U0CARL"), "The card stands still")
		r.wants("the alert channel", r.reads("C0INCIDENT", "U0ANA"), "The card stands still")
	})
}

// A reply under a parent that somebody deleted is not lost, whatever Slack makes of it.
func TestAReportUnderADeletedCardIsThere(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := r.in("C0INCIDENT")
		r.must("fault", map[string]any{"delete_message": map[string]any{"channel": "C0INCIDENT", "ts": op.Message.TS}})
		ref, err := r.announce.Report(r.Context(), op, 1, engine.Known)
		if err != nil || ref.IsZero() {
			r.Fatalf("got %+v and %v, want the report posted", ref, err)
		}
		if got := r.reads("C0INCIDENT", "U0ANA"); len(got) != 1 || got[0].TS != ref.TS {
			r.Errorf("Ana reads %v, want the report at %s", got, ref.TS)
		}
	})
}

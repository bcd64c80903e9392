package inbox

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

func TestASlashCommandIsAnsweredInPrivate(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.answer = func(any) commands.Answer { return commands.Notice{Text: "version 1 & counting"} }
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "version"})
		got := r.sees("U0ANA")
		if len(got) != 1 || got[0].Text != "version 1 &amp; counting" || !got[0].Ephemeral {
			r.Errorf("Ana sees %v, want one private answer", got)
		}
		if got := r.sees("U0BEN"); len(got) != 0 {
			r.Errorf("Ben sees %v, want nothing", got)
		}
		call := r.heard()[0]
		if call.By.ID != "U0ANA" || call.By.Team != "T0PIPELINE" || call.Text != "version" || call.Channel != "C0INCIDENT" || call.Key == "" || call.Mention {
			r.Errorf("got call %+v", call)
		}
	})
}

// TestTheAckDoesNotWaitForTheWork: the command takes ten seconds, the ack none, and the
// person hears within three that it takes long.
func TestTheAckDoesNotWaitForTheWork(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.answer = func(any) commands.Answer { time.Sleep(10 * time.Second); return commands.Notice{Text: "done"} }
		begin := time.Now()
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		if took := time.Since(begin); took > 50*time.Millisecond {
			r.Errorf("the ack took %v", took)
		}
		time.Sleep(3 * time.Second)
		if got := r.sees("U0ANA"); len(got) != 1 || !strings.HasPrefix(got[0].Text, "Still looking") {
			r.Errorf("after three seconds Ana sees %v, want a word of patience", got)
		}
		if got := r.sees("U0ANA"); len(got) != 2 || got[1].Text != "done" {
			r.Errorf("Ana sees %v, want the answer", got)
		}
		if s := r.client.Stats(); s.Acks != 1 || s.AckWorst > 50*time.Millisecond {
			r.Errorf("got stats %+v", s)
		}
	})
}

// TestAPersonInAChannelWithoutTheBotIsAnswered: the response URL needs no membership,
// but a card does.
func TestAPersonInAChannelWithoutTheBotIsAnswered(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.must("fault", map[string]any{"remove_bot": "C0INCIDENT"})
		r.answer = func(any) commands.Answer { return commands.Posted{Operation: slackuitest.Operation(ledger.Proposed)} }
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "download-worker 9"})
		if got := r.sees("U0ANA"); len(got) != 1 || !strings.Contains(got[0].Text, "/invite @scalebot") {
			r.Errorf("Ana sees %v, want an invitation to invite", got)
		}
	})
}

// TestACardThatCouldNotBePostedIsNotSilence: the bot was removed since it looked at the
// channel last.
func TestACardThatCouldNotBePostedIsNotSilence(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		op := slackuitest.Operation(ledger.Proposed)
		op.Message = scale.MessageRef{}
		r.answer = func(any) commands.Answer { return commands.Posted{Operation: op} }
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "download-worker 9"})
		if got := r.sees("U0ANA"); len(got) != 1 || !strings.Contains(got[0].Text, "could not show the card of "+op.ID) {
			r.Errorf("Ana sees %v, want a word about the card", got)
		}
	})
}

func TestAMentionInAThreadIsAnsweredInTheThread(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ref, err := r.announce.Card(r.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		r.answer = func(what any) commands.Answer {
			if strings.Contains(what.(commands.Call).Text, "status") {
				return commands.Shown{Status: slackuitest.Status()}
			}
			return commands.Refused{Refusal: &scale.Refusal{Code: "x", Why: "no"}}
		}
		r.must("mention", map[string]any{"user": "U0CARL", "channel": "C0INCIDENT", "thread_ts": ref.TS, "text": "status download-worker"})
		r.must("mention", map[string]any{"user": "U0CARL", "channel": "C0INCIDENT", "thread_ts": ref.TS, "text": "nonsense"})
		if got := r.heard()[0]; got.Text != "status download-worker" || got.Thread != ref.TS || !got.Mention || got.Key == "" {
			r.Errorf("got call %+v", got)
		}
		ben, carl := r.sees("U0BEN"), r.sees("U0CARL")
		if len(ben) != 2 || ben[1].ThreadTS != ref.TS || !strings.HasPrefix(ben[1].Text, "download-worker: 6/6") {
			r.Errorf("Ben sees %v, want the card and the public status in its thread", ben)
		}
		if len(carl) != 3 || !carl[2].Ephemeral && !carl[1].Ephemeral {
			r.Errorf("Carl sees %v, want the refusal in private as well", carl)
		}
	})
}

func TestAButtonIsHandedOverWithItsMessage(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ref, err := r.announce.Card(r.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		r.answer = func(any) commands.Answer {
			return commands.Refused{Refusal: &scale.Refusal{Code: scale.RefusedNotOnCall, Why: "only people on call may decide", Next: "Ask Ana."}}
		}
		r.must("click", map[string]any{"user": "U0EVE", "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "approve"})
		got := r.pressed()[0]
		if got.By.ID != "U0EVE" || got.By.Team == "T0PIPELINE" || got.Action != "approve" || got.Target != "download-worker-17" || got.TS != ref.TS || got.Channel != "C0INCIDENT" || got.Key == "" {
			r.Errorf("got click %+v", got)
		}
		if eve := r.sees("U0EVE"); len(eve) != 2 || !eve[1].Ephemeral || !strings.Contains(eve[1].Text, "Only people on call") {
			r.Errorf("Eve sees %v, want the refusal in private", eve)
		}
	})
}

func TestTheSnoozeMenuNamesItsEpisodeAndChoice(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ref, err := r.announce.Episode(r.Context(), slackuitest.Episode(), engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		r.must("click", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "snooze", "selected_option": "2h"})
		if got := r.pressed()[0]; got.Action != "snooze" || got.Choice != "2h" || got.Target != "download-worker-alert-3" {
			r.Errorf("got click %+v", got)
		}
	})
}

func TestADiagnosisIsPublicInTheThread(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ref, err := r.announce.Episode(r.Context(), slackuitest.Episode(), engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		r.answer = func(any) commands.Answer {
			return commands.Diagnosed{Diagnosis: diagnose.Diagnosis{Component: "download-worker", Headline: "a hot partition"}}
		}
		r.must("click", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "diagnose"})
		if got := r.sees("U0BEN"); len(got) != 2 || got[1].ThreadTS != ref.TS || !strings.Contains(got[1].Text, "a hot partition") {
			r.Errorf("Ben sees %v, want the diagnosis in the thread", got)
		}
	})
}

// TestTheAdjustFormChecksTheCountItself: mistakes are shown in the form, a good count is
// handed over.
func TestTheAdjustFormChecksTheCountItself(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ref, err := r.announce.Card(r.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		opened := r.must("click", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "adjust"})
		if _, views := r.state(); views != 1 {
			r.Fatalf("got %d forms open after %v, want 1", views, opened)
		}
		view := r.view()
		for _, wrong := range []string{"", "many", "1001", "-1", "2.5"} {
			answer := r.does("submit", map[string]any{"user": "U0ANA", "view_id": view, "values": map[string]any{"count": wrong}})
			if text := fmt.Sprint(answer); !strings.Contains(text, "errors") && answer["ok"] == true {
				r.Errorf("count %q: got %v, want an error in the form", wrong, answer)
			}
		}
		if len(r.pressed()) != 0 {
			r.Fatalf("a wrong count was handed over: %+v", r.pressed())
		}
		r.must("submit", map[string]any{"user": "U0ANA", "view_id": view, "values": map[string]any{"count": "12", "reason": "more"}})
		got := r.pressed()[0]
		if got.Action != "adjust" || got.Number != 12 || got.Reason != "more" || got.Target != "download-worker-17" || got.TS != ref.TS {
			r.Errorf("got click %+v", got)
		}
		if _, views := r.state(); views != 0 {
			r.Errorf("got %d forms open, want the form closed", views)
		}
	})
}

func TestADoubledEventIsHandledOnce(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.must("fault", map[string]any{"duplicate_event": 1})
		r.must("mention", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		time.Sleep(10 * time.Minute)
		if len(r.heard()) != 1 {
			r.Errorf("got %d calls, want 1", len(r.heard()))
		}
		if got := r.client.Stats().Duplicates; got == 0 {
			r.Error("the duplicate was not counted")
		}
	})
}

// TestWhoIsTooManyIsTold: a full queue costs nobody the answer.
func TestWhoIsTooManyIsTold(t *testing.T) {
	inRoom(t, ListenerConfig{Workers: 1, Queue: 1}, func(r *room) {
		ref, err := r.announce.Card(r.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		gate := make(chan struct{})
		r.answer = func(any) commands.Answer { <-gate; return commands.Notice{Text: "done"} }
		slash := map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"}
		r.must("slash", slash)
		r.must("slash", slash)
		if got := fmt.Sprint(r.must("slash", slash)["ack"]); !strings.Contains(got, "busy") {
			r.Errorf("got ack %s, want the bot to say that it is busy", got)
		}
		r.must("click", map[string]any{"user": "U0BEN", "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "approve"})
		if ben := r.sees("U0BEN"); len(ben) != 2 || !strings.Contains(ben[1].Text, "busy") {
			r.Errorf("Ben sees %v, want to be told in private", ben)
		}
		r.must("mention", map[string]any{"user": "U0CARL", "channel": "C0INCIDENT", "text": "status"})
		close(gate)
		time.Sleep(10 * time.Minute)
		carls := 0
		for _, c := range r.heard() {
			if c.By.ID == "U0CARL" {
				carls++
			}
		}
		if carls != 1 {
			r.Errorf("Carl's mention was handled %d times, want once, on Slack's redelivery", carls)
		}
	})
}

// TestNoCommandIsLostDuringRefreshes: a link is read until Slack hangs up, and two cover
// for each other, while Slack replaces them one at a time. Every tenth command comes at the
// very instant of a warning.
func TestNoCommandIsLostDuringRefreshes(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		const many = 60
		for i := range many {
			if i%10 == 5 {
				r.must("fault", map[string]any{"disconnect": "refresh_requested"})
			} else {
				time.Sleep(733 * time.Millisecond)
			}
			r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": fmt.Sprint("status ", i)})
		}
		if len(r.heard()) != many {
			r.Errorf("got %d calls, want %d", len(r.heard()), many)
		}
		if open, _ := r.state(); open != 2 {
			r.Errorf("got %d connections, want 2", open)
		}
	})
}

func TestReadyMeansHello(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		if ok, why := r.listener.Ready(); !ok {
			r.Errorf("not ready: %s", why)
		}
		r.must("fault", map[string]any{"refuse_connects": true})
		r.must("fault", map[string]any{"drop_sockets": true})
		time.Sleep(time.Second)
		if ok, why := r.listener.Ready(); ok || why == "" {
			r.Errorf("got ready %v %q without a connection", ok, why)
		}
		r.must("fault", map[string]any{"clear": true, "refuse_connects": false})
		time.Sleep(20 * time.Minute)
		if ok, why := r.listener.Ready(); !ok {
			r.Errorf("not ready again: %s", why)
		}
	})
}

// TestAStopDrains: what was taken is answered before the end.
func TestAStopDrains(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		var answered sync.WaitGroup
		answered.Add(1)
		r.answer = func(any) commands.Answer {
			defer answered.Done()
			time.Sleep(3 * time.Second)
			return commands.Notice{Text: "done"}
		}
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		r.stop()
		answered.Wait()
		if got := r.sees("U0ANA"); len(got) == 0 || got[len(got)-1].Text != "done" {
			r.Errorf("Ana sees %v, want the answer", got)
		}
		synctest.Wait()
	})
}

func TestAPanicIsAnswered(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.answer = func(any) commands.Answer { panic("a defect") }
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		if got := r.sees("U0ANA"); len(got) != 1 || !strings.Contains(got[0].Text, "defect") {
			r.Errorf("Ana sees %v, want an apology", got)
		}
	})
}

// TestOldButtonsAreTakenOff: what the bot no longer knows cannot be pressed twice.
func TestOldButtonsAreTakenOff(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		ref, err := r.announce.Card(r.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known)
		if err != nil {
			r.Fatal(err)
		}
		r.answer = func(any) commands.Answer {
			return commands.Refused{Refusal: &scale.Refusal{Code: scale.RefusedNotFound, Why: "there is no such operation"}}
		}
		r.must("click", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "ts": ref.TS, "action_id": "approve"})
		got := r.sees("U0BEN")
		if len(got) != 1 || strings.Contains(string(got[0].Blocks), `"actions"`) || !strings.Contains(string(got[0].Blocks), "download-worker") {
			r.Errorf("Ben sees %v, want the card without buttons", got)
		}
	})
}

// view is the id of the open form.
func (r *room) view() string {
	r.Helper()
	answer := r.get("state")
	for _, v := range answer["views"].([]any) {
		if id, ok := v.(map[string]any)["id"].(string); ok {
			return id
		}
	}
	r.Fatalf("no form is open: %v", answer["views"])
	return ""
}

// TestAButtonOnAPrivateAnswerHasNoCard: an ephemeral message is nobody's card, so its
// timestamp must not be compared with one.
func TestAButtonOnAPrivateAnswerHasNoCard(t *testing.T) {
	inRoom(t, ListenerConfig{}, func(r *room) {
		r.answer = func(what any) commands.Answer {
			if _, ok := what.(commands.Call); ok {
				return commands.Shown{Status: slackuitest.Status()}
			}
			return commands.Nothing{}
		}
		r.must("slash", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "text": "download-worker"})
		got := r.sees("U0ANA")
		if len(got) != 1 || !got[0].Ephemeral {
			r.Fatalf("Ana sees %v", got)
		}
		r.must("click", map[string]any{"user": "U0ANA", "channel": "C0INCIDENT", "ts": got[0].TS, "action_id": "scale_recommended"})
		if got := r.pressed(); len(got) != 1 || got[0].TS != "" || got[0].Target != "download-worker-alert-3" {
			r.Errorf("got clicks %+v, want one about the alert without a message", got)
		}
	})
}

// TestAUsedUpResponseURLIsReplacedByAnEphemeralMessage: it works five times and for half
// an hour only.
func TestAUsedUpResponseURLIsReplacedByAnEphemeralMessage(t *testing.T) {
	f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method == "used-up" {
			return &slackuitest.FakeAnswer{Status: http.StatusNotFound, Body: "used_url"}
		}
		return nil
	}}
	l := NewListener(apitest.Connect(t, f), ListenerConfig{})
	l.answerPrivately(t.Context(), api.Addressee{URL: "http://slack.test/used-up", Channel: "C1", User: "U0ANA", Thread: "1.1"}, cards.DrawNotice("hello"))
	got := f.Made("chat.postEphemeral")
	if len(got) != 1 || got[0].Form.Get("user") != "U0ANA" || got[0].Form.Get("thread_ts") != "1.1" || got[0].Form.Get("text") != "hello" {
		t.Errorf("got %+v, want one ephemeral message to Ana", got)
	}
}

package outbox

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/api/apitest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// announce runs a story with an announcer in virtual time.
func announce(t *testing.T, f *slackuitest.FakeSlack, story func(t *testing.T, a *Announcer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := NewAnnouncer(Config{Client: apitest.Connect(t, f), AlertChannel: "C0INCIDENT", Snoozes: slackuitest.RunbookSnoozes})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = a.Run(ctx) })
		story(t, a)
		stop()
		running.Wait()
	})
}

// card posts the operation's card and stores where it is, as the engine does.
func card(t *testing.T, a *Announcer, op *ledger.Operation, known engine.Knowledge) {
	t.Helper()
	ref, err := a.Card(t.Context(), *op, known)
	if err != nil {
		t.Fatal(err)
	}
	op.Message = ref
}

func TestACardIsPostedOnceAndThenEditedInPlace(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		first := op.Message
		op = slackuitest.Step(op, ledger.Approved)
		card(t, a, &op, engine.Known)
		time.Sleep(5 * time.Second)
		if op.Message != first {
			t.Errorf("the card moved to %v, want %v", op.Message, first)
		}
	})
	if got := texts(f); len(got) != 1 || !strings.HasPrefix(got[0], "Ana approved") {
		t.Errorf("got messages %q, want one that says who approved", got)
	}
	post := f.Made("chat.postMessage")[0].Form
	if got, want := post.Get("metadata"), `{"event_type":"scalebot","event_payload":{"operation":"download-worker-17","step":"card"}}`; got != want {
		t.Errorf("got metadata %s, want %s", got, want)
	}
	if got := post.Get("unfurl_links") + post.Get("unfurl_media"); got != "falsefalse" {
		t.Errorf("got unfurling %q, want it off", got)
	}
}

func TestAtMostOneMessageASecondGoesToAChannelAndOnlyTheNewestLook(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		op = slackuitest.Step(slackuitest.Step(slackuitest.Step(op, ledger.Approved), ledger.Applying), ledger.Settling)
		for i := range 40 {
			op = op.WithStep(func(s *ledger.Step) { s.Rollout.Now.Lag = int64(20000 - i) })
			card(t, a, &op, engine.Known)
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(5 * time.Second)
	})
	edits := f.Made("chat.update")
	if len(edits) == 0 || len(edits) > 6 {
		t.Errorf("got %d edits of 40 within 4 s, want about one a second", len(edits))
	}
	last := f.Made("chat.postMessage")[0].At
	for _, e := range edits {
		if d := e.At.Sub(last); d < time.Second {
			t.Errorf("got %v between two messages, want at least 1 s", d)
		}
		last = e.At
	}
	if got := edits[len(edits)-1].Form.Get("blocks"); !strings.Contains(got, "19,961") {
		t.Error("the last edit does not show the newest lag 19,961")
	}
}

func TestAnUnchangedLookIsNotSentAgain(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		for range 5 {
			card(t, a, &op, engine.Known)
			time.Sleep(3 * time.Second)
		}
	})
	if got := len(f.Made("chat.update")); got != 0 {
		t.Errorf("got %d edits, want none", got)
	}
}

func TestAnOutcomeGoesBeforeProgress(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		var ops []ledger.Operation
		for i := range 4 {
			op := slackuitest.Unposted(ledger.Settling)
			op.ID, op.Component = fmt.Sprintf("worker-%d-1", i), fmt.Sprintf("worker-%d", i)
			card(t, a, &op, engine.Known)
			ops = append(ops, op)
		}
		for i := range ops {
			ops[i] = ops[i].WithStep(func(s *ledger.Step) { s.Rollout.Now.Lag = 5 })
			if i == 3 {
				ops[i] = slackuitest.Step(ops[i], ledger.Failed)
			}
			card(t, a, &ops[i], engine.Known)
		}
		time.Sleep(10 * time.Second)
	})
	edits := f.Made("chat.update")
	if len(edits) != 4 {
		t.Fatalf("got %d edits, want 4", len(edits))
	}
	// The first edit may have been taken before the outcome was there.
	if early := edits[0].Form.Get("text") + edits[1].Form.Get("text"); !strings.Contains(early, "failed") {
		t.Errorf("got first edits %q, want the failure among them", early)
	}
}

func TestRetryAfterIsHonouredAndNothingIsLost(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	begin := time.Time{}
	f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method != "chat.postMessage" {
			return nil
		}
		if begin.IsZero() {
			begin = c.At
		}
		if c.At.Sub(begin) < 7*time.Second {
			return &slackuitest.FakeAnswer{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"7"}}, Body: `{"ok":false,"error":"ratelimited"}`}
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
	})
	posts := f.Made("chat.postMessage")
	if len(posts) != 2 || posts[1].At.Sub(posts[0].At) < 7*time.Second {
		t.Errorf("got %d posts %v, want a second one after 7 s", len(posts), posts)
	}
}

// TestAnUnknownOutcomeIsLookedUpBeforeItIsSentAgain cuts the connection after Slack
// took the message, and before (R-127: nothing is posted twice, nothing is lost).
func TestAnUnknownOutcomeIsLookedUpBeforeItIsSentAgain(t *testing.T) {
	for _, taken := range []bool{true, false} {
		t.Run(fmt.Sprintf("taken %v", taken), func(t *testing.T) {
			f := &slackuitest.FakeSlack{}
			cut := 0
			spoil := func(c slackuitest.FakeCall) error {
				if c.Method == "chat.postMessage" && cut == 0 {
					cut++
					return slackuitest.ErrCut
				}
				return nil
			}
			if taken {
				f.After = spoil
			} else {
				f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
					if err := spoil(c); err != nil {
						return &slackuitest.FakeAnswer{Err: err}
					}
					return nil
				}
			}
			announce(t, f, func(t *testing.T, a *Announcer) {
				op := slackuitest.Unposted(ledger.Proposed)
				card(t, a, &op, engine.Known)
				if op.Message.TS == "" {
					t.Error("the card has no place")
				}
			})
			if got := texts(f); len(got) != 1 {
				t.Errorf("got messages %q, want exactly one", got)
			}
		})
	}
}

func TestAfterARestartAPostIsLookedUpFirst(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		// Another process, which never learned where the card is.
		b := NewAnnouncer(Config{Client: a.client, AlertChannel: "C0INCIDENT", Snoozes: slackuitest.RunbookSnoozes})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = b.Run(ctx) })
		again := slackuitest.Unposted(ledger.Declined)
		card(t, b, &again, engine.MaybePosted)
		if again.Message != op.Message {
			t.Errorf("got the card at %v, want %v", again.Message, op.Message)
		}
		stop()
		running.Wait()
	})
	if got := texts(f); len(got) != 1 || !strings.Contains(got[0], "declined") {
		t.Errorf("got messages %q, want one, brought up to date", got)
	}
	oldest := f.Made("conversations.history")[0].Form.Get("oldest")
	if want := fmt.Sprintf("%d.000000", slackuitest.Noon.Add(-api.LookupMargin).Unix()); oldest != want {
		t.Errorf("got a lookup since %s, want a while before the request, %s", oldest, want)
	}
}

func TestADeletedCardIsPostedAnew(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		f.Mu.Lock()
		f.Messages = nil
		f.Mu.Unlock()
		op = slackuitest.Step(op, ledger.Approved)
		old := op.Message
		card(t, a, &op, engine.Known)
		time.Sleep(5 * time.Second)
		card(t, a, &op, engine.Known)
		if op.Message == old || op.Message.IsZero() {
			t.Errorf("got the card at %v, want a new place", op.Message)
		}
		time.Sleep(5 * time.Second)
	})
	if got := texts(f); len(got) != 1 || !strings.HasPrefix(got[0], "Ana approved") {
		t.Errorf("got messages %q, want one new card", got)
	}
}

func TestRefusedBlocksAreSentAsText(t *testing.T) {
	f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Form.Get("blocks") != "" && c.Form.Get("blocks") != "[]" {
			return slackuitest.Refusal("invalid_blocks")
		}
		return nil
	}}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
	})
	if got := texts(f); len(got) != 1 || !strings.Contains(got[0], "/scale approve download-worker-17") {
		t.Errorf("got %q, want a text that says how to approve by typing", got)
	}
}

func TestRefusalsForGoodAreToldInWords(t *testing.T) {
	for code, word := range map[string]string{
		"not_in_channel": "not a member", "is_archived": "archived", "channel_not_found": "does not exist", "restricted_action_read_only_channel": "does not let",
	} {
		f := &slackuitest.FakeSlack{Rule: func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
			if c.Method == "chat.postMessage" {
				return slackuitest.Refusal(code)
			}
			return nil
		}}
		announce(t, f, func(t *testing.T, a *Announcer) {
			_, err := a.Card(t.Context(), slackuitest.Unposted(ledger.Proposed), engine.Known)
			if !scale.IsFault(err, scale.FaultRejected) || !strings.Contains(err.Error(), word) {
				t.Errorf("%s: got %v, want a rejection that says %q", code, err, word)
			}
		})
		if got := len(f.Made("chat.postMessage")); got != 1 {
			t.Errorf("%s: got %d tries, want 1", code, got)
		}
	}
}

func TestAReportGoesIntoTheThreadWithItsChart(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Operation(ledger.Watching)
		op.Reports[1] = slackuitest.Report()
		for range 2 {
			if _, err := a.Report(t.Context(), op, 1, engine.Known); err != nil {
				t.Fatal(err)
			}
		}
	})
	posts := f.Made("chat.postMessage")
	if len(posts) != 1 {
		t.Fatalf("got %d posts, want 1 (R-127)", len(posts))
	}
	if got := posts[0].Form.Get("thread_ts"); got != "1.000001" {
		t.Errorf("got thread %q, want the card's (R-126)", got)
	}
	if !strings.Contains(posts[0].Form.Get("blocks"), "data_visualization") {
		t.Error("the report has no chart")
	}
}

func TestARefusedChartBecomesAPicture(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		switch {
		case strings.Contains(c.Form.Get("blocks"), "data_visualization"):
			return slackuitest.Refusal("invalid_blocks")
		case c.Method == "files.getUploadURLExternal":
			return &slackuitest.FakeAnswer{Body: `{"ok":true,"upload_url":"http://slack.test/api/upload","file_id":"F1"}`}
		case c.Method == "files.completeUploadExternal":
			return &slackuitest.FakeAnswer{Body: `{"ok":true,"files":[{"id":"F1","title":"lag"}]}`}
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Operation(ledger.Watching)
		for i := range 2 {
			op.Reports[i] = slackuitest.Report()
			if _, err := a.Report(t.Context(), op, i, engine.Known); err != nil {
				t.Fatal(err)
			}
		}
	})
	done := f.Made("files.completeUploadExternal")
	if len(done) != 2 || done[0].Form.Get("thread_ts") != "1.000001" {
		t.Errorf("got uploads %v, want two in the card's thread", done)
	}
	if got := len(f.Made("chat.postMessage")); got != 3 {
		t.Errorf("got %d posts, want 3: the refused chart is not tried again for the second report", got)
	}
}

func TestARemarkIsMadeOnce(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		in := scale.MessageRef{Channel: "C0INCIDENT", TS: "1.000001"}
		for range 3 {
			if err := a.Remark(t.Context(), in, "overdue", "the time to act has passed <!channel>", engine.Known); err != nil {
				t.Fatal(err)
			}
		}
	})
	if got := texts(f); len(got) != 1 || strings.Contains(got[0], "<!channel>") {
		t.Errorf("got %q, want one harmless remark", got)
	}
}

func TestWaitingEditsReachSlackWhenTheBotStops(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		op = slackuitest.Step(op, ledger.Declined)
		card(t, a, &op, engine.Known)
	})
	if got := texts(f); !strings.Contains(got[0], "declined") {
		t.Errorf("got %q, want the last look", got)
	}
}

func TestAnEditIsRepeatedUntilSlackTakesIt(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	failures := 0
	f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method == "chat.update" && failures < 3 {
			failures++
			return &slackuitest.FakeAnswer{Status: http.StatusServiceUnavailable, Body: "busy"}
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		op = slackuitest.Step(op, ledger.Declined)
		card(t, a, &op, engine.Known)
		time.Sleep(time.Minute)
	})
	if got := texts(f); !strings.Contains(got[0], "declined") || failures != 3 {
		t.Errorf("got %q after %d failures, want the last look after 3", got, failures)
	}
}

// TestAClosedEditWindowIsANewMessage: the old card is still there and carries the same
// metadata, so that it must not be taken for the new one.
func TestAClosedEditWindowIsANewMessage(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	f.Rule = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method == "chat.update" && strings.HasSuffix(c.Form.Get("ts"), "000001") {
			return slackuitest.Refusal("edit_window_closed")
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		for _, s := range []ledger.State{ledger.Approved, ledger.Applying} {
			op = slackuitest.Step(op, s)
			card(t, a, &op, engine.Known)
			time.Sleep(5 * time.Second)
		}
	})
	if got := texts(f); len(got) != 2 || !strings.Contains(got[1], "is being written") {
		t.Errorf("got messages %q, want a second card that is edited from then on", got)
	}
}

// TestAnothersMessageIsNotOurs: metadata alone could be anybody's.
func TestAnothersMessageIsNotOurs(t *testing.T) {
	f := &slackuitest.FakeSlack{Messages: []map[string]any{{
		"ts": "1.000001", "bot_id": "B2", "user": "UEVIL", "text": "not ours", "metadata": api.Key{Operation: "download-worker-17", Step: "card"}.Metadata(),
	}}}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.MaybePosted)
	})
	if got := texts(f); len(got) != 2 {
		t.Errorf("got messages %q, want a card of our own", got)
	}
}

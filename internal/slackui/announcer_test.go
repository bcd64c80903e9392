package slackui

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// announce runs a story with an announcer in virtual time.
func announce(t *testing.T, f *fakeSlack, story func(t *testing.T, a *Announcer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := NewAnnouncer(connect(t, f), "C0INCIDENT", runbookSnoozes)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = a.Run(ctx) })
		story(t, a)
		stop()
		running.Wait()
	})
}

// card posts the operation's card and stores where it is, as the engine does.
func card(t *testing.T, a *Announcer, op *scale.Operation, again bool) {
	t.Helper()
	ref, err := a.Card(t.Context(), *op, again)
	if err != nil {
		t.Fatal(err)
	}
	op.Message = ref
}

func fresh(state scale.State) scale.Operation {
	op := operation(state)
	op.Message = scale.MessageRef{}
	return op
}

func TestACardIsPostedOnceAndThenEditedInPlace(t *testing.T) {
	f := &fakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
		first := op.Message
		op = step(op, scale.Approved)
		card(t, a, &op, false)
		time.Sleep(5 * time.Second)
		if op.Message != first {
			t.Errorf("the card moved to %v, want %v", op.Message, first)
		}
	})
	if got := f.texts(); len(got) != 1 || !strings.HasPrefix(got[0], "Ana approved") {
		t.Errorf("got messages %q, want one that says who approved", got)
	}
	post := f.made("chat.postMessage")[0].form
	if got, want := post.Get("metadata"), `{"event_type":"scalebot","event_payload":{"operation":"download-worker-17","step":"card"}}`; got != want {
		t.Errorf("got metadata %s, want %s", got, want)
	}
	if got := post.Get("unfurl_links") + post.Get("unfurl_media"); got != "falsefalse" {
		t.Errorf("got unfurling %q, want it off", got)
	}
}

func TestAtMostOneMessageASecondGoesToAChannelAndOnlyTheNewestLook(t *testing.T) {
	f := &fakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
		op = step(step(step(op, scale.Approved), scale.Applying), scale.Settling)
		for i := range 40 {
			op.Rollout.Now.Lag = int64(20000 - i)
			card(t, a, &op, false)
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(5 * time.Second)
	})
	edits := f.made("chat.update")
	if len(edits) == 0 || len(edits) > 6 {
		t.Errorf("got %d edits of 40 within 4 s, want about one a second", len(edits))
	}
	last := f.made("chat.postMessage")[0].at
	for _, e := range edits {
		if d := e.at.Sub(last); d < time.Second {
			t.Errorf("got %v between two messages, want at least 1 s", d)
		}
		last = e.at
	}
	if got := edits[len(edits)-1].form.Get("blocks"); !strings.Contains(got, "19,961") {
		t.Error("the last edit does not show the newest lag 19,961")
	}
}

func TestAnUnchangedLookIsNotSentAgain(t *testing.T) {
	f := &fakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		for range 5 {
			card(t, a, &op, false)
			time.Sleep(3 * time.Second)
		}
	})
	if got := len(f.made("chat.update")); got != 0 {
		t.Errorf("got %d edits, want none", got)
	}
}

func TestAnOutcomeGoesBeforeProgress(t *testing.T) {
	f := &fakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		var ops []scale.Operation
		for i := range 4 {
			op := fresh(scale.Settling)
			op.ID, op.Component = fmt.Sprintf("worker-%d-1", i), fmt.Sprintf("worker-%d", i)
			card(t, a, &op, false)
			ops = append(ops, op)
		}
		for i := range ops {
			ops[i].Rollout.Now.Lag = 5
			if i == 3 {
				ops[i] = step(ops[i], scale.Failed)
			}
			card(t, a, &ops[i], false)
		}
		time.Sleep(10 * time.Second)
	})
	edits := f.made("chat.update")
	if len(edits) != 4 {
		t.Fatalf("got %d edits, want 4", len(edits))
	}
	// The first edit may have been taken before the outcome was there.
	if early := edits[0].form.Get("text") + edits[1].form.Get("text"); !strings.Contains(early, "failed") {
		t.Errorf("got first edits %q, want the failure among them", early)
	}
}

func TestRetryAfterIsHonouredAndNothingIsLost(t *testing.T) {
	f := &fakeSlack{}
	begin := time.Time{}
	f.rule = func(c fakeCall) *fakeAnswer {
		if c.method != "chat.postMessage" {
			return nil
		}
		if begin.IsZero() {
			begin = c.at
		}
		if c.at.Sub(begin) < 7*time.Second {
			return &fakeAnswer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {"7"}}, body: `{"ok":false,"error":"ratelimited"}`}
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
	})
	posts := f.made("chat.postMessage")
	if len(posts) != 2 || posts[1].at.Sub(posts[0].at) < 7*time.Second {
		t.Errorf("got %d posts %v, want a second one after 7 s", len(posts), posts)
	}
}

// TestAnUnknownOutcomeIsLookedUpBeforeItIsSentAgain cuts the connection after Slack
// took the message, and before (R-127: nothing is posted twice, nothing is lost).
func TestAnUnknownOutcomeIsLookedUpBeforeItIsSentAgain(t *testing.T) {
	for _, taken := range []bool{true, false} {
		t.Run(fmt.Sprintf("taken %v", taken), func(t *testing.T) {
			f := &fakeSlack{}
			cut := 0
			spoil := func(c fakeCall) error {
				if c.method == "chat.postMessage" && cut == 0 {
					cut++
					return errCut
				}
				return nil
			}
			if taken {
				f.after = spoil
			} else {
				f.rule = func(c fakeCall) *fakeAnswer {
					if err := spoil(c); err != nil {
						return &fakeAnswer{err: err}
					}
					return nil
				}
			}
			announce(t, f, func(t *testing.T, a *Announcer) {
				op := fresh(scale.Proposed)
				card(t, a, &op, false)
				if op.Message.TS == "" {
					t.Error("the card has no place")
				}
			})
			if got := f.texts(); len(got) != 1 {
				t.Errorf("got messages %q, want exactly one", got)
			}
		})
	}
}

func TestAfterARestartAPostIsLookedUpFirst(t *testing.T) {
	f := &fakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
		// Another process, which never learned where the card is.
		b := NewAnnouncer(a.client, "C0INCIDENT", runbookSnoozes)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = b.Run(ctx) })
		again := fresh(scale.Declined)
		card(t, b, &again, true)
		if again.Message != op.Message {
			t.Errorf("got the card at %v, want %v", again.Message, op.Message)
		}
		stop()
		running.Wait()
	})
	if got := f.texts(); len(got) != 1 || !strings.Contains(got[0], "declined") {
		t.Errorf("got messages %q, want one, brought up to date", got)
	}
	oldest := f.made("conversations.history")[0].form.Get("oldest")
	if want := fmt.Sprintf("%d.000000", noon.Add(-lookupMargin).Unix()); oldest != want {
		t.Errorf("got a lookup since %s, want a while before the request, %s", oldest, want)
	}
}

func TestADeletedCardIsPostedAnew(t *testing.T) {
	f := &fakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
		f.mu.Lock()
		f.messages = nil
		f.mu.Unlock()
		op = step(op, scale.Approved)
		old := op.Message
		card(t, a, &op, false)
		time.Sleep(5 * time.Second)
		card(t, a, &op, false)
		if op.Message == old || op.Message.IsZero() {
			t.Errorf("got the card at %v, want a new place", op.Message)
		}
		time.Sleep(5 * time.Second)
	})
	if got := f.texts(); len(got) != 1 || !strings.HasPrefix(got[0], "Ana approved") {
		t.Errorf("got messages %q, want one new card", got)
	}
}

func TestRefusedBlocksAreSentAsText(t *testing.T) {
	f := &fakeSlack{rule: func(c fakeCall) *fakeAnswer {
		if c.form.Get("blocks") != "" && c.form.Get("blocks") != "[]" {
			return refusal("invalid_blocks")
		}
		return nil
	}}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
	})
	if got := f.texts(); len(got) != 1 || !strings.Contains(got[0], "/scale approve download-worker-17") {
		t.Errorf("got %q, want a text that says how to approve by typing", got)
	}
}

func TestRefusalsForGoodAreToldInWords(t *testing.T) {
	for code, word := range map[string]string{
		"not_in_channel": "not a member", "is_archived": "archived", "channel_not_found": "does not exist", "restricted_action_read_only_channel": "does not let",
	} {
		f := &fakeSlack{rule: func(c fakeCall) *fakeAnswer {
			if c.method == "chat.postMessage" {
				return refusal(code)
			}
			return nil
		}}
		announce(t, f, func(t *testing.T, a *Announcer) {
			_, err := a.Card(t.Context(), fresh(scale.Proposed), false)
			if !scale.IsFault(err, scale.FaultRejected) || !strings.Contains(err.Error(), word) {
				t.Errorf("%s: got %v, want a rejection that says %q", code, err, word)
			}
		})
		if got := len(f.made("chat.postMessage")); got != 1 {
			t.Errorf("%s: got %d tries, want 1", code, got)
		}
	}
}

func TestAReportGoesIntoTheThreadWithItsChart(t *testing.T) {
	f := &fakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := operation(scale.Watching)
		op.Reports[1] = report()
		for range 2 {
			if _, err := a.Report(t.Context(), op, 1, false); err != nil {
				t.Fatal(err)
			}
		}
	})
	posts := f.made("chat.postMessage")
	if len(posts) != 1 {
		t.Fatalf("got %d posts, want 1 (R-127)", len(posts))
	}
	if got := posts[0].form.Get("thread_ts"); got != "1.000001" {
		t.Errorf("got thread %q, want the card's (R-126)", got)
	}
	if !strings.Contains(posts[0].form.Get("blocks"), "data_visualization") {
		t.Error("the report has no chart")
	}
}

func TestARefusedChartBecomesAPicture(t *testing.T) {
	f := &fakeSlack{}
	f.rule = func(c fakeCall) *fakeAnswer {
		switch {
		case strings.Contains(c.form.Get("blocks"), "data_visualization"):
			return refusal("invalid_blocks")
		case c.method == "files.getUploadURLExternal":
			return &fakeAnswer{body: `{"ok":true,"upload_url":"http://slack.test/api/upload","file_id":"F1"}`}
		case c.method == "files.completeUploadExternal":
			return &fakeAnswer{body: `{"ok":true,"files":[{"id":"F1","title":"lag"}]}`}
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := operation(scale.Watching)
		for i := range 2 {
			op.Reports[i] = report()
			if _, err := a.Report(t.Context(), op, i, false); err != nil {
				t.Fatal(err)
			}
		}
	})
	done := f.made("files.completeUploadExternal")
	if len(done) != 2 || done[0].form.Get("thread_ts") != "1.000001" {
		t.Errorf("got uploads %v, want two in the card's thread", done)
	}
	if got := len(f.made("chat.postMessage")); got != 3 {
		t.Errorf("got %d posts, want 3: the refused chart is not tried again for the second report", got)
	}
}

func TestARemarkIsMadeOnce(t *testing.T) {
	f := &fakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		in := scale.MessageRef{Channel: "C0INCIDENT", TS: "1.000001"}
		for range 3 {
			if err := a.Remark(t.Context(), in, "overdue", "the time to act has passed <!channel>", false); err != nil {
				t.Fatal(err)
			}
		}
	})
	if got := f.texts(); len(got) != 1 || strings.Contains(got[0], "<!channel>") {
		t.Errorf("got %q, want one harmless remark", got)
	}
}

func TestWaitingEditsReachSlackWhenTheBotStops(t *testing.T) {
	f := &fakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
		op = step(op, scale.Declined)
		card(t, a, &op, false)
	})
	if got := f.texts(); !strings.Contains(got[0], "declined") {
		t.Errorf("got %q, want the last look", got)
	}
}

func TestAnEditIsRepeatedUntilSlackTakesIt(t *testing.T) {
	f := &fakeSlack{}
	failures := 0
	f.rule = func(c fakeCall) *fakeAnswer {
		if c.method == "chat.update" && failures < 3 {
			failures++
			return &fakeAnswer{status: http.StatusServiceUnavailable, body: "busy"}
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
		op = step(op, scale.Declined)
		card(t, a, &op, false)
		time.Sleep(time.Minute)
	})
	if got := f.texts(); !strings.Contains(got[0], "declined") || failures != 3 {
		t.Errorf("got %q after %d failures, want the last look after 3", got, failures)
	}
}

// TestAClosedEditWindowIsANewMessage: the old card is still there and carries the same
// metadata, so that it must not be taken for the new one.
func TestAClosedEditWindowIsANewMessage(t *testing.T) {
	f := &fakeSlack{}
	f.rule = func(c fakeCall) *fakeAnswer {
		if c.method == "chat.update" && strings.HasSuffix(c.form.Get("ts"), "000001") {
			return refusal("edit_window_closed")
		}
		return nil
	}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, false)
		for _, s := range []scale.State{scale.Approved, scale.Applying} {
			op = step(op, s)
			card(t, a, &op, false)
			time.Sleep(5 * time.Second)
		}
	})
	if got := f.texts(); len(got) != 2 || !strings.Contains(got[1], "is being written") {
		t.Errorf("got messages %q, want a second card that is edited from then on", got)
	}
}

// TestAnothersMessageIsNotOurs: metadata alone could be anybody's.
func TestAnothersMessageIsNotOurs(t *testing.T) {
	f := &fakeSlack{messages: []map[string]any{{
		"ts": "1.000001", "bot_id": "B2", "user": "UEVIL", "text": "not ours", "metadata": key{"download-worker-17", "card"}.metadata(),
	}}}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := fresh(scale.Proposed)
		card(t, a, &op, true)
	})
	if got := f.texts(); len(got) != 2 {
		t.Errorf("got messages %q, want a card of our own", got)
	}
}

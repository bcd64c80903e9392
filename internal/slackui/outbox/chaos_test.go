package outbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// moods are what a bad Slack does to a call: before it is carried out, or after.
func moods(r *rand.Rand) (before func(slackuitest.FakeCall) *slackuitest.FakeAnswer, after func(slackuitest.FakeCall) error) {
	before = func(c slackuitest.FakeCall) *slackuitest.FakeAnswer {
		if c.Method == "auth.test" {
			return nil
		}
		switch r.IntN(12) {
		case 0:
			return &slackuitest.FakeAnswer{Err: slackuitest.ErrCut}
		case 1:
			return &slackuitest.FakeAnswer{Status: http.StatusServiceUnavailable, Body: "<html>"}
		case 2:
			return &slackuitest.FakeAnswer{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"3"}}, Body: `{"ok":false,"error":"ratelimited"}`}
		case 3:
			return slackuitest.Refusal("internal_error")
		}
		return nil
	}
	after = func(c slackuitest.FakeCall) error {
		if c.Method != "auth.test" && r.IntN(6) == 0 {
			return slackuitest.ErrCut
		}
		return nil
	}
	return before, after
}

// live brings one operation through its life, announcing every state as the engine
// does: again after every failure.
func live(t *testing.T, a *Announcer, op ledger.Operation, states []ledger.State, known engine.Knowledge) ledger.Operation {
	for _, s := range states {
		if s != ledger.Proposed {
			op = slackuitest.Step(op, s)
		}
		for try := 0; ; try++ {
			ref, err := a.Card(t.Context(), op, known)
			if err == nil {
				op.Message = ref
				break
			}
			known = engine.MaybePosted
			if try == 200 {
				t.Errorf("%s cannot be announced: %v", op.ID, err)
				return op
			}
			time.Sleep(2 * time.Second)
		}
		time.Sleep(500 * time.Millisecond)
	}
	return op
}

// TestInTheEndSlackShowsEveryOperationOnce plays many operations against a Slack that
// fails a third of all calls, before or after carrying them out.
func TestInTheEndSlackShowsEveryOperationOnce(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			f := &slackuitest.FakeSlack{}
			f.Rule, f.After = moods(rand.New(rand.NewPCG(seed, 1)))
			var ops [6]ledger.Operation
			announce(t, f, func(t *testing.T, a *Announcer) {
				var all sync.WaitGroup
				for i := range ops {
					op := slackuitest.Unposted(ledger.Proposed)
					op.ID = fmt.Sprintf("download-worker-%d", i+1)
					all.Go(func() {
						ops[i] = live(t, a, op, append([]ledger.State{ledger.Proposed}, slackuitest.Roads[ledger.Done]...), engine.Known)
					})
				}
				all.Wait()
				time.Sleep(10 * time.Minute)
			})
			f.Mu.Lock()
			defer f.Mu.Unlock()
			if len(f.Messages) != len(ops) {
				t.Errorf("got %d messages, want one for each of %d operations", len(f.Messages), len(ops))
			}
			shown := map[string]any{}
			for _, m := range f.Messages {
				shown[fmt.Sprint(m["ts"])] = m["text"]
			}
			for _, op := range ops {
				if got, want := shown[op.Message.TS], cards.DrawOperation(op).Text; got != want {
					t.Errorf("%s: Slack shows %q, want %q", op.ID, got, want)
				}
			}
		})
	}
}

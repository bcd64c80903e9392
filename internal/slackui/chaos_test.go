package slackui

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// moods are what a bad Slack does to a call: before it is carried out, or after.
func moods(r *rand.Rand) (before func(fakeCall) *fakeAnswer, after func(fakeCall) error) {
	before = func(c fakeCall) *fakeAnswer {
		if c.method == "auth.test" {
			return nil
		}
		switch r.IntN(12) {
		case 0:
			return &fakeAnswer{err: errCut}
		case 1:
			return &fakeAnswer{status: http.StatusServiceUnavailable, body: "<html>"}
		case 2:
			return &fakeAnswer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {"3"}}, body: `{"ok":false,"error":"ratelimited"}`}
		case 3:
			return refusal("internal_error")
		}
		return nil
	}
	after = func(c fakeCall) error {
		if c.method != "auth.test" && r.IntN(6) == 0 {
			return errCut
		}
		return nil
	}
	return before, after
}

// live brings one operation through its life, announcing every state as the engine
// does: again after every failure.
func live(t *testing.T, a *Announcer, op scale.Operation, states []scale.State, failed bool) scale.Operation {
	for _, s := range states {
		if s != scale.Proposed {
			op = step(op, s)
		}
		for try := 0; ; try++ {
			ref, err := a.Card(t.Context(), op, failed)
			if err == nil {
				op.Message = ref
				break
			}
			failed = true
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
			f := &fakeSlack{}
			f.rule, f.after = moods(rand.New(rand.NewPCG(seed, 1)))
			var ops [6]scale.Operation
			announce(t, f, func(t *testing.T, a *Announcer) {
				var all sync.WaitGroup
				for i := range ops {
					op := fresh(scale.Proposed)
					op.ID = fmt.Sprintf("download-worker-%d", i+1)
					all.Go(func() { ops[i] = live(t, a, op, append([]scale.State{scale.Proposed}, roads[scale.Done]...), false) })
				}
				all.Wait()
				time.Sleep(10 * time.Minute)
			})
			f.mu.Lock()
			defer f.mu.Unlock()
			if len(f.messages) != len(ops) {
				t.Errorf("got %d messages, want one for each of %d operations", len(f.messages), len(ops))
			}
			shown := map[string]any{}
			for _, m := range f.messages {
				shown[fmt.Sprint(m["ts"])] = m["text"]
			}
			for _, op := range ops {
				if got, want := shown[op.Message.TS], OperationLook(op).Text; got != want {
					t.Errorf("%s: Slack shows %q, want %q", op.ID, got, want)
				}
			}
		})
	}
}

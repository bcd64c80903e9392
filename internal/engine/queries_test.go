package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// InThread finds the operation of a thread while it is new and days later; another thread has
// none.
func TestAThreadIsFoundHoweverOld(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		old := ledger.Operation{
			Component: "download-worker", Number: 1, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}), Message: scale.MessageRef{Channel: "C0INCIDENT", TS: "7.0"},
			Request: ledger.Request{At: time.Now().Add(-25 * time.Hour)}, Events: []ledger.Event{{State: ledger.Proposed}, {State: ledger.Declined}},
		}
		old, err := s.store.Create(t.Context(), old)
		if err != nil {
			t.Fatal(err)
		}
		op := s.propose(9)
		for _, want := range []ledger.Operation{old, op} {
			found, err := s.desk().InThread(t.Context(), want.Message.Channel, want.Message.Root())
			if err != nil || found.ID != want.ID {
				t.Errorf("got %q and %v, want %s", found.ID, err, want.ID)
			}
		}
		for _, thread := range []string{"", "1.0"} {
			if found, err := s.desk().InThread(t.Context(), op.Message.Channel, thread); !errors.Is(err, scale.ErrNotStored) {
				t.Errorf("thread %q: got %q and %v, want ErrNotStored", thread, found.ID, err)
			}
		}
	})
}

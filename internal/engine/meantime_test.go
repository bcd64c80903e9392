package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// A decision about a proposal does not end the change if another replica is already carrying it
// out: the write may be on its way to the cluster (found by chaos, seed 3850, where a slow click
// found the lag unknown).
func TestWhatIsCarriedOutMeanwhileIsNotReplaced(t *testing.T) {
	for name, order := range map[string]func(*testing.T, *stage, ledger.Operation) (want string, err error){
		"a click that finds the world changed": func(t *testing.T, s *stage, op ledger.Operation) (string, error) {
			s.world.set(7, "kubectl")
			_, err := s.desk().Approve(t.Context(), click(op, ana))
			return scale.RefusedState, err
		},
		"a newer proposal": func(t *testing.T, s *stage, _ ledger.Operation) (string, error) {
			_, err := s.desk().Propose(t.Context(), ask(10, ben))
			return scale.RefusedBusy, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, nil, func(t *testing.T, s *stage) {
				others := s.follow(ledger.Replaced, ledger.Approved, ledger.Applying)
				op := s.propose(9)
				want, err := order(t, s, op)
				wantCode(t, err, want)
				if got := s.op(op.ID).State(); got != ledger.Applying || !others.acted() {
					t.Errorf("got %s, want applying, as the other replica has left it", got)
				}
			})
		})
	}
}

// A proposal expires unless it was approved at the last moment. Cancelling it also cancels it if
// it was approved meanwhile.
func TestWhatWasApprovedMeanwhile(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.follow(ledger.Expired, ledger.Approved)
		op := s.propose(9)
		s.wait(16 * time.Minute)
		_, err := s.desk().Approve(t.Context(), click(op, ben))
		wantCode(t, err, scale.RefusedState)
		s.wantState(op.ID, ledger.Approved)
	})
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.follow(ledger.Cancelled, ledger.Approved)
		op := s.propose(9)
		if _, err := s.desk().Cancel(t.Context(), click(op, carl)); err != nil {
			t.Error(err)
		}
		s.wantState(op.ID, ledger.Cancelled)
	})
}

// A proposal whose time is over is not approved, even if storing its expiry failed.
func TestALapsedProposalIsNotApproved(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.follow(ledger.Expired, "")
		op := s.propose(9)
		s.wait(16 * time.Minute)
		_, err := s.desk().Approve(t.Context(), click(op, ana))
		wantCode(t, err, scale.RefusedExpired)
		if got := s.op(op.ID).State(); got != ledger.Proposed {
			t.Errorf("got %s, want it to be left to the next look", got)
		}
	})
}

// follow starts a replica that does not lead. Just before it stores an operation in a state,
// another replica moves that operation on; with no next state, storing fails.
func (s *stage) follow(at ledger.State, to ...ledger.State) *others {
	config, o := s.config(), &others{Store: s.store, at: at, to: to}
	config.Store = o
	s.startFollowing(config)
	return o
}

// others is a store that another replica writes to as well.
type others struct {
	ledger.Store
	at ledger.State
	to []ledger.State

	mu   sync.Mutex
	done bool
}

func (o *others) acted() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.done
}

func (o *others) Update(ctx context.Context, op ledger.Operation) (ledger.Operation, error) {
	if op.State() == o.at && !o.acted() {
		if err := o.act(ctx, op.ID); err != nil {
			return op, err
		}
	}
	return o.Store.Update(ctx, op)
}

func (o *others) act(ctx context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = true
	op, err := o.Store.Get(ctx, id)
	for _, state := range o.to {
		if state == "" {
			return fault(scale.FaultUnreachable)
		}
		if err == nil {
			op, err = op.To(ledger.Event{State: state, At: time.Now(), By: ana})
		}
		if err == nil {
			op, err = o.Store.Update(ctx, op)
		}
	}
	return err
}

package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/memstore"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// stage is one engine with its world, its room and its store.
type stage struct {
	t      *testing.T
	world  *world
	room   *room
	store  ledger.Store
	book   *runbook.Book
	engine *engine.Engine
	stop   func()
	// meter and log may be set before the start.
	meter engine.Meter
	log   *slog.Logger
}

// book is the embedded runbook with the one component of the tests.
func book(t *testing.T) *runbook.Book {
	t.Helper()
	b := *runbook.Default()
	worker, ok := b.Component("download-worker")
	if !ok {
		t.Fatal("the embedded runbook has no download-worker")
	}
	b.Components = []scale.Component{worker}
	return &b
}

// play runs a test in a bubble of virtual time, with an engine that has taken its first
// samples.
func play(t *testing.T, replicas int, prepare func(*stage), script func(*testing.T, *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, world: newWorld(replicas), room: newRoom(), store: memstore.New(), book: book(t)}
		if prepare != nil {
			prepare(s)
		}
		s.start()
		defer func() { s.stop() }()
		s.wait(time.Minute)
		script(t, s)
	})
}

// config is the engine's on this stage.
func (s *stage) config() engine.Config {
	return engine.Config{
		Book: s.book, Kafka: s.world, Cluster: s.world, Hand: s.world, Metrics: s.world, Store: s.store, Announcer: s.room, Directory: s.room,
		Meter: s.meter, Log: s.log,
	}
}

func (s *stage) start() { s.startWith(s.config()) }

func (s *stage) startWith(c engine.Config) {
	s.engine = engine.New(c)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	run := s.engine.Run
	go func() { ended <- run(ctx) }()
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("the engine ended with %v", err)
		}
		s.stop = func() {}
	}
}

// startFollowing starts again as a replica that does not lead.
func (s *stage) startFollowing(c engine.Config) {
	s.stop()
	c.Leader = &lead{}
	s.startWith(c)
	s.wait(time.Minute)
}

// wait lets virtual time pass and everything come to rest.
func (s *stage) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (s *stage) desk() *engine.Desk { return s.engine.Desk() }

// propose asks for a count in Carl's name.
func (s *stage) propose(to int) ledger.Operation {
	s.t.Helper()
	op, err := s.desk().Propose(s.t.Context(), ask(to, carl))
	if err != nil {
		s.t.Fatalf("proposing %d: %v", to, err)
	}
	return op
}

func ask(to int, by scale.Person) engine.Ask {
	return engine.Ask{
		Component: "download-worker", Target: judge.Exactly(to), Reason: "the test", By: by, Origin: engine.FromCommand, Channel: "C0INCIDENT",
	}
}

// approve presses the button on the operation's card.
func (s *stage) approve(op ledger.Operation, by scale.Person) ledger.Operation {
	s.t.Helper()
	approved, err := s.desk().Approve(s.t.Context(), click(op, by))
	if err != nil {
		s.t.Fatalf("approving %s: %v", op.ID, err)
	}
	return approved
}

func click(op ledger.Operation, by scale.Person) engine.Act {
	return engine.Act{ID: op.ID, By: by, Channel: op.Message.Channel, TS: op.Message.TS}
}

// op reads an operation.
func (s *stage) op(id string) ledger.Operation {
	s.t.Helper()
	op, err := s.store.Get(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return op
}

// newest reads the newest operation.
func (s *stage) newest() ledger.Operation {
	s.t.Helper()
	recent, err := s.store.Newest(s.t.Context(), "download-worker", 1)
	if err != nil || len(recent) != 1 {
		s.t.Fatalf("got %d operations and %v, want the newest", len(recent), err)
	}
	return recent[0]
}

// episode reads the newest episode of a kind.
func (s *stage) episode(kind ledger.EpisodeKind) (ledger.Episode, bool) {
	s.t.Helper()
	e, err := s.store.NewestEpisode(s.t.Context(), "download-worker", kind)
	if err != nil && !errors.Is(err, scale.ErrNotStored) {
		s.t.Fatal(err)
	}
	return e, err == nil
}

// wantState checks the stored state and that people see the same.
func (s *stage) wantState(id string, want ledger.State) ledger.Operation {
	s.t.Helper()
	op := s.op(id)
	if op.State() != want {
		s.t.Fatalf("%s: got %s (%s), want %s", id, op.State(), op.Last().Note, want)
	}
	if shown := s.room.shows(id); shown != want {
		s.t.Errorf("card of %s: got %s, want %s", id, shown, want)
	}
	return op
}

// wantWrites checks how many writes took effect.
func (s *stage) wantWrites(want int) {
	s.t.Helper()
	if got := len(s.world.writes()); got != want {
		s.t.Errorf("effective writes: got %d, want %d", got, want)
	}
}

// wantCode checks that an error is a refusal of the given code.
func wantCode(t *testing.T, err error, code string) *scale.Refusal {
	t.Helper()
	var refusal *scale.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("got error %v, want a refusal %s", err, code)
	}
	if refusal.Code != code {
		t.Errorf("refusal: got %s (%s), want %s", refusal.Code, refusal.Why, code)
	}
	return refusal
}

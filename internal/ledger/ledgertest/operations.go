package ledgertest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Operations checks the port of operations.
func Operations(t *testing.T, open func(t *testing.T) ledger.Operations) {
	for _, check := range []struct {
		name string
		run  func(t *testing.T, s ledger.Operations)
	}{
		{"what is stored comes back", comesBack},
		{"the number is the lock", numberIsTheLock},
		{"of eight creators one wins", oneCreatorWins},
		{"of eight deciders one wins", oneDeciderWins},
		{"a stale update changes nothing", staleUpdate},
		{"unfinished and newest", lists},
		{"the newest of a component is by number", newestByNumber},
		{"a span of time", between},
		{"changes of operations wake", operationsWake},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(t, open(t)) })
	}
}

func operation(component string, number int) ledger.Operation {
	at := start.Add(time.Duration(number) * time.Minute)
	return ledger.Operation{
		ID: ledger.OperationID(component, number), Component: component, Number: number,
		Steps:   ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Request: ledger.Request{By: scale.Person{ID: "U0ANA", Name: "Ana"}, Origin: "command", Channel: "C1", At: at},
		Before:  scale.Snapshot{Component: component, At: at, Partitions: scale.Known(24, at, "Kafka")},
		Events:  []ledger.Event{{State: ledger.Proposed, At: at, By: scale.Person{ID: "U0ANA"}}},
	}
}

func create(t *testing.T, s ledger.Operations, op ledger.Operation) ledger.Operation {
	t.Helper()
	made, err := s.Create(t.Context(), op)
	if err != nil {
		t.Fatalf("creating %s: %v", op.ID, err)
	}
	return made
}

func step(t *testing.T, s ledger.Operations, op ledger.Operation, states ...ledger.State) ledger.Operation {
	t.Helper()
	for _, state := range states {
		next, err := op.To(ledger.Event{State: state, At: start.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if op, err = s.Update(t.Context(), next); err != nil {
			t.Fatalf("updating to %s: %v", state, err)
		}
	}
	return op
}

func comesBack(t *testing.T, s ledger.Operations) {
	made := create(t, s, operation("download-worker", 1))
	got, err := s.Get(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Version == "" || got.Version != made.Version {
		t.Errorf("version %q, want the created one %q", got.Version, made.Version)
	}
	if n, known := got.Before.Partitions.Get(); n != 24 || !known || got.State() != ledger.Proposed || got.Request.By.Name != "Ana" {
		t.Errorf("got %+v, want what was stored", got)
	}
	if _, known := got.Before.Workload.Get(); known {
		t.Error("an unknown reading came back as known")
	}
	got.Events[0].Note = "changed by the reader"
	if again, _ := s.Get(t.Context(), made.ID); again.Events[0].Note != "" {
		t.Error("a reader's change reached the store")
	}
	if _, err := s.Get(t.Context(), "download-worker-99"); !errors.Is(err, scale.ErrNotStored) {
		t.Errorf("reading a missing one: %v, want ErrNotStored", err)
	}
}

func numberIsTheLock(t *testing.T, s ledger.Operations) {
	for _, number := range []int{0, 2} {
		if _, err := s.Create(t.Context(), operation("download-worker", number)); !errors.Is(err, scale.ErrVersion) {
			t.Errorf("creating number %d first: %v, want ErrVersion", number, err)
		}
	}
	create(t, s, operation("download-worker", 1))
	if _, err := s.Create(t.Context(), operation("download-worker", 1)); !errors.Is(err, scale.ErrVersion) {
		t.Errorf("creating number 1 twice: %v, want ErrVersion", err)
	}
	create(t, s, operation("event-ingester", 1))
	create(t, s, operation("download-worker", 2))
}

// race makes the attempt eight times at once and counts successes; every other attempt must fail
// with ErrVersion.
func race(t *testing.T, attempt func(ctx context.Context) error) int {
	t.Helper()
	errs := make([]error, 8)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = attempt(t.Context()) })
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, scale.ErrVersion):
			t.Errorf("a loser got %v, want ErrVersion", err)
		}
	}
	return won
}

func oneCreatorWins(t *testing.T, s ledger.Operations) {
	if won := race(t, func(ctx context.Context) error {
		_, err := s.Create(ctx, operation("download-worker", 1))
		return err
	}); won != 1 {
		t.Errorf("%d creators won, want 1", won)
	}
}

func oneDeciderWins(t *testing.T, s ledger.Operations) {
	op := create(t, s, operation("download-worker", 1))
	approved, err := op.To(ledger.Event{State: ledger.Approved, At: start})
	if err != nil {
		t.Fatal(err)
	}
	if won := race(t, func(ctx context.Context) error {
		_, err := s.Update(ctx, approved)
		return err
	}); won != 1 {
		t.Errorf("%d deciders won, want 1", won)
	}
}

func staleUpdate(t *testing.T, s ledger.Operations) {
	old := create(t, s, operation("download-worker", 1))
	fresh := step(t, s, old, ledger.Approved)
	if fresh.Version == old.Version {
		t.Error("an update kept the version")
	}
	stale, err := old.To(ledger.Event{State: ledger.Declined, At: start})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Update(t.Context(), stale); !errors.Is(err, scale.ErrVersion) {
		t.Errorf("a stale update: %v, want ErrVersion", err)
	}
	if got, _ := s.Get(t.Context(), old.ID); got.State() != ledger.Approved {
		t.Errorf("the state is %s after a stale update, want approved", got.State())
	}
	missing := operation("event-ingester", 7)
	missing.Version = fresh.Version
	if _, err := s.Update(t.Context(), missing); !errors.Is(err, scale.ErrNotStored) {
		t.Errorf("updating a missing one: %v, want ErrNotStored", err)
	}
}

func ids(ops []ledger.Operation) (list []string) {
	for _, op := range ops {
		list = append(list, op.ID)
	}
	return list
}

func same(t *testing.T, what string, got []ledger.Operation, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if list := ids(got); len(list) != len(want) {
		t.Fatalf("%s: %v, want %v", what, list, want)
	}
	for i, id := range ids(got) {
		if id != want[i] {
			t.Fatalf("%s: %v, want %v", what, ids(got), want)
		}
	}
}

func lists(t *testing.T, s ledger.Operations) {
	step(t, s, create(t, s, operation("download-worker", 1)), ledger.Declined)
	create(t, s, operation("download-worker", 2))
	create(t, s, operation("event-ingester", 1))
	got, err := s.Newest(t.Context(), "download-worker", 10)
	same(t, "newest of one", got, err, "download-worker-2", "download-worker-1")
	got, err = s.Newest(t.Context(), "download-worker", 1)
	same(t, "the newest", got, err, "download-worker-2")
	if got, err = s.Newest(t.Context(), "", 10); err != nil || len(got) != 3 {
		t.Errorf("newest of all: %v, %v; want three", ids(got), err)
	}
	got, err = s.Unfinished(t.Context())
	same(t, "unfinished", got, err, "event-ingester-1", "download-worker-2")
}

// newestByNumber: the clock of the replica that made the second operation is slow.
func newestByNumber(t *testing.T, s ledger.Operations) {
	create(t, s, operation("download-worker", 1))
	behind := operation("download-worker", 2)
	behind.Request.At = start.Add(-time.Hour)
	create(t, s, behind)
	for limit, want := range [][]string{{}, {"download-worker-2"}, {"download-worker-2", "download-worker-1"}} {
		got, err := s.Newest(t.Context(), "download-worker", limit)
		same(t, "newest with a clock behind", got, err, want...)
	}
}

// between: from the start of one day to the start of the day after the next.
func between(t *testing.T, s ledger.Operations) {
	for number, at := range []time.Time{start.Add(-time.Second), start, start.Add(30 * time.Hour), start.Add(48 * time.Hour), start.Add(48*time.Hour + time.Second)} {
		op := operation("download-worker", number+1)
		op.Request.At = at.In(time.FixedZone("elsewhere", -11*3600))
		create(t, s, op)
	}
	got, err := s.Between(t.Context(), start, start.Add(48*time.Hour))
	same(t, "of two days", got, err, "download-worker-4", "download-worker-3", "download-worker-2")
	got, err = s.Between(t.Context(), start.Add(time.Hour), start.Add(2*time.Hour))
	same(t, "of an hour without any", got, err)
}

func operationsWake(t *testing.T, s ledger.Operations) {
	create(t, s, operation("download-worker", 1))
	woken(t, "an operation", s.Changes())
}

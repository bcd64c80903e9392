// Package ledgertest is the contract of engine.Store as a test suite. Every store runs
// it, so that the demo's memory and the cluster's custom resources can be trusted
// alike.
package ledgertest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

var start = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// Run checks a store; open returns a new, empty one for each check.
func Run(t *testing.T, open func(t *testing.T) engine.Store) {
	for _, check := range []struct {
		name string
		run  func(t *testing.T, s engine.Store)
	}{
		{"what is stored comes back", comesBack},
		{"the number is the lock", numberIsTheLock},
		{"of eight creators one wins", oneCreatorWins},
		{"of eight deciders one wins", oneDeciderWins},
		{"a stale update changes nothing", staleUpdate},
		{"unfinished and newest", lists},
		{"the newest of a component is by number", newestByNumber},
		{"a span of time", between},
		{"pruning keeps the newest", pruning},
		{"episodes", episodes},
		{"episodes of all components", allEpisodes},
		{"changes wake", changesWake},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(t, open(t)) })
	}
}

func operation(component string, number int) ledger.Operation {
	at := start.Add(time.Duration(number) * time.Minute)
	return ledger.Operation{
		ID: ledger.OperationID(component, number), Component: component, Number: number,
		Change:  ledger.Replicas{From: 6, To: 9},
		Request: ledger.Request{By: scale.Person{ID: "U0ANA", Name: "Ana"}, Origin: "command", Channel: "C1", At: at},
		Before:  scale.Snapshot{Component: component, At: at, Partitions: scale.Known(24, at, "Kafka")},
		Events:  []ledger.Event{{State: ledger.Proposed, At: at, By: scale.Person{ID: "U0ANA"}}},
	}
}

func create(t *testing.T, s engine.Store, op ledger.Operation) ledger.Operation {
	t.Helper()
	made, err := s.Create(t.Context(), op)
	if err != nil {
		t.Fatalf("creating %s: %v", op.ID, err)
	}
	return made
}

func step(t *testing.T, s engine.Store, op ledger.Operation, states ...ledger.State) ledger.Operation {
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

func comesBack(t *testing.T, s engine.Store) {
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

func numberIsTheLock(t *testing.T, s engine.Store) {
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

// race runs the attempt eight times at once and counts successes; every other attempt
// must fail with ErrVersion.
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

func oneCreatorWins(t *testing.T, s engine.Store) {
	if won := race(t, func(ctx context.Context) error {
		_, err := s.Create(ctx, operation("download-worker", 1))
		return err
	}); won != 1 {
		t.Errorf("%d creators won, want 1", won)
	}
}

func oneDeciderWins(t *testing.T, s engine.Store) {
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

func staleUpdate(t *testing.T, s engine.Store) {
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

func lists(t *testing.T, s engine.Store) {
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

// newestByNumber: the replica that made the second one has a clock that is behind.
func newestByNumber(t *testing.T, s engine.Store) {
	create(t, s, operation("download-worker", 1))
	behind := operation("download-worker", 2)
	behind.Request.At = start.Add(-time.Hour)
	create(t, s, behind)
	for limit, want := range [][]string{{}, {"download-worker-2"}, {"download-worker-2", "download-worker-1"}} {
		got, err := s.Newest(t.Context(), "download-worker", limit)
		same(t, "newest with a clock behind", got, err, want...)
	}
}

// between: from the start of one day to the start of the next but one.
func between(t *testing.T, s engine.Store) {
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

func pruning(t *testing.T, s engine.Store) {
	for number := 1; number <= 4; number++ {
		step(t, s, create(t, s, operation("download-worker", number)), ledger.Declined)
	}
	create(t, s, operation("event-ingester", 1))
	if err := s.Prune(t.Context(), 2, start); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Newest(t.Context(), "", 10); len(got) != 5 {
		t.Errorf("pruning what is too young left %v", ids(got))
	}
	if err := s.Prune(t.Context(), 2, start.Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, err := s.Newest(t.Context(), "download-worker", 10)
	same(t, "after pruning", got, err, "download-worker-4", "download-worker-3")
	if err := s.Prune(t.Context(), 0, start.Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, err = s.Newest(t.Context(), "", 10)
	if err != nil || len(got) != 2 {
		t.Errorf("pruning everything left %v, %v; want the newest of each component", ids(got), err)
	}
}

func episodes(t *testing.T, s engine.Store) {
	alert := ledger.Episode{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, OpenedAt: start, Lag: 14200}
	made, err := s.CreateEpisode(t.Context(), alert)
	if err != nil {
		t.Fatal(err)
	}
	if made.ID != "download-worker-alert-1" || made.Version == "" {
		t.Errorf("created %q with version %q, want an id and a version", made.ID, made.Version)
	}
	if _, err := s.CreateEpisode(t.Context(), alert); !errors.Is(err, scale.ErrVersion) {
		t.Errorf("creating it twice: %v, want ErrVersion", err)
	}
	if _, err := s.NewestEpisode(t.Context(), "download-worker", ledger.EpisodeSuggestion); !errors.Is(err, scale.ErrNotStored) {
		t.Errorf("the newest suggestion: %v, want ErrNotStored", err)
	}
	closed := made
	closed.ClosedAt = start.Add(time.Hour)
	if closed, err = s.UpdateEpisode(t.Context(), closed); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateEpisode(t.Context(), made); !errors.Is(err, scale.ErrVersion) {
		t.Errorf("a stale update: %v, want ErrVersion", err)
	}
	newest, err := s.NewestEpisode(t.Context(), "download-worker", ledger.EpisodeAlert)
	if err != nil || newest.Open() || newest.Lag != 14200 || newest.Version != closed.Version {
		t.Errorf("the newest is %+v, %v; want the closed one", newest, err)
	}
	if _, err := s.Episode(t.Context(), "download-worker-alert-9"); !errors.Is(err, scale.ErrNotStored) {
		t.Errorf("reading a missing one: %v, want ErrNotStored", err)
	}
}

// allEpisodes: the open ones and those that ended in a span of time, of whichever component.
func allEpisodes(t *testing.T, s engine.Store) {
	want := func(what string, got []ledger.Episode, err error, ids ...string) {
		t.Helper()
		var found []string
		for _, e := range got {
			if e.Version == "" {
				t.Errorf("%s: %s has no version", what, e.ID)
			}
			found = append(found, e.ID)
		}
		slices.Sort(found)
		if err != nil || !slices.Equal(found, ids) {
			t.Errorf("%s: got %v, %v; want %v", what, found, err, ids)
		}
	}
	none, err := s.OpenEpisodes(t.Context())
	want("before the first", none, err)
	for i, one := range []ledger.Episode{
		{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, ClosedAt: start.Add(-30 * time.Hour)},
		{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 2},
		{Component: "download-worker", Kind: ledger.EpisodeSuggestion, Number: 1, ClosedAt: start},
		{Component: "event-ingester", Kind: ledger.EpisodeAlert, Number: 1, ClosedAt: start.Add(24 * time.Hour)},
		{Component: "event-ingester", Kind: ledger.EpisodeAlert, Number: 2, ClosedAt: start.Add(24*time.Hour + time.Second)},
		{Component: "event-ingester", Kind: ledger.EpisodeSuggestion, Number: 1},
		{Component: ledger.Fleet, Kind: ledger.EpisodeBlindness, Number: 1, Blindness: &ledger.Blindness{Of: 6, First: ledger.Onset{At: start, AtLeast: true}}},
	} {
		ended := one.ClosedAt
		one.OpenedAt, one.ClosedAt = start.Add(time.Duration(i)*time.Minute), time.Time{}
		made, err := s.CreateEpisode(t.Context(), one)
		if err == nil && !ended.IsZero() {
			made.ClosedAt = ended.In(time.FixedZone("elsewhere", -11*3600))
			_, err = s.UpdateEpisode(t.Context(), made)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	open, err := s.OpenEpisodes(t.Context())
	want("open", open, err, "download-worker-alert-2", "event-ingester-suggestion-1", "fleet-blindness-1")
	note, err := s.NewestEpisode(t.Context(), ledger.Fleet, ledger.EpisodeBlindness)
	if err != nil || note.Blindness == nil || note.Blindness.Of != 6 || note.Blindness.First != (ledger.Onset{At: start, AtLeast: true}) {
		t.Errorf("the note about the fleet came back as %+v, %v", note, err)
	}
	ended, err := s.EndedEpisodes(t.Context(), start, start.Add(24*time.Hour))
	want("ended within a day", ended, err, "download-worker-suggestion-1", "event-ingester-alert-1")
	ended, err = s.EndedEpisodes(t.Context(), start.Add(time.Hour), start.Add(2*time.Hour))
	want("ended within an hour without any", ended, err)
}

func changesWake(t *testing.T, s engine.Store) {
	create(t, s, operation("download-worker", 1))
	woken(t, "an operation", s.Changes())
	createEpisode(t, s)
	woken(t, "an episode", s.EpisodeChanges())
}

func woken(t *testing.T, what string, changes <-chan struct{}) {
	t.Helper()
	select {
	case <-changes:
	case <-time.After(10 * time.Second):
		t.Errorf("no wake within 10 s of a change of %s", what)
	}
}

// WakesApart checks that a change wakes who waits for its kind and nobody else. The
// store must be new and must not follow a server, whose watch may tell of a change twice
// and late.
func WakesApart(t *testing.T, s engine.Store) {
	create(t, s, operation("download-worker", 1))
	woken(t, "an operation", s.Changes())
	undisturbed(t, "an operation", s.EpisodeChanges())
	createEpisode(t, s)
	woken(t, "an episode", s.EpisodeChanges())
	undisturbed(t, "an episode", s.Changes())
}

func undisturbed(t *testing.T, what string, others <-chan struct{}) {
	t.Helper()
	select {
	case <-others:
		t.Errorf("a change of %s wakes who waits for others", what)
	default:
	}
}

func createEpisode(t *testing.T, s engine.Store) {
	t.Helper()
	if _, err := s.CreateEpisode(t.Context(), ledger.Episode{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, OpenedAt: start}); err != nil {
		t.Fatal(err)
	}
}

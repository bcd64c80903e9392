package records

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// spoils are the ways in which a record of an operation, number 2, may be unreadable: as a
// newer version of the bot leaves it behind, or somebody's hand.
var spoils = map[string]func(t *testing.T, o *unstructured.Unstructured){
	"an unknown state": func(t *testing.T, o *unstructured.Unstructured) {
		alter(t, o, []any{map[string]any{"state": "proposed", "at": "2026-11-24T03:00:00Z"}, map[string]any{"state": "waiting", "at": "2026-11-24T03:00:00Z"}}, "events")
	},
	"no state at all": func(t *testing.T, o *unstructured.Unstructured) { alter(t, o, []any{}, "events") },
	"a number beyond an int64": func(t *testing.T, o *unstructured.Unstructured) {
		alter(t, o, float64(1<<63)*4, "change", "to")
	},
	"its own number beyond an int64": func(t *testing.T, o *unstructured.Unstructured) { alter(t, o, float64(1<<63)*4, "number") },
	"another kind of change": func(t *testing.T, o *unstructured.Unstructured) {
		alter(t, o, map[string]any{"kind": "partitions", "from": int64(24), "to": int64(48)}, "change")
	},
	"a change with more to it": func(t *testing.T, o *unstructured.Unstructured) {
		alter(t, o, map[string]any{"from": int64(6), "to": int64(9), "until": "2026-11-24T06:00:00Z"}, "change")
	},
	"an operation of another kind": func(t *testing.T, o *unstructured.Unstructured) { alter(t, o, "autoscaler", "kind") },
	"steps instead of a change": func(t *testing.T, o *unstructured.Unstructured) {
		unstructured.RemoveNestedField(o.Object, "spec", "record", "change")
		alter(t, o, []any{map[string]any{"do": map[string]any{"kind": "replicas"}}}, "steps")
	},
	"several steps": func(t *testing.T, o *unstructured.Unstructured) {
		unstructured.RemoveNestedField(o.Object, "spec", "record", "change")
		step := func(from, to int64) any {
			return map[string]any{"do": map[string]any{"kind": "replicas", "from": from, "to": to}}
		}
		alter(t, o, []any{step(9, 7), step(7, 6)}, "steps")
	},
	"a record that is cut": func(t *testing.T, o *unstructured.Unstructured) {
		if err := unstructured.SetNestedField(o.Object, `{"id": "download-worker-2", "compo`, "spec", "record"); err != nil {
			t.Fatal(err)
		}
	},
	"no record":             func(_ *testing.T, o *unstructured.Unstructured) { o.Object["spec"] = map[string]any{} },
	"the number of another": func(t *testing.T, o *unstructured.Unstructured) { alter(t, o, int64(1), "number") },
	"the identity of another": func(t *testing.T, o *unstructured.Unstructured) {
		alter(t, o, int64(1), "number")
		alter(t, o, "download-worker-1", "id")
	},
	"the component of another": func(t *testing.T, o *unstructured.Unstructured) { alter(t, o, "event-ingester", "component") },
	"a live one labelled as final": func(_ *testing.T, o *unstructured.Unstructured) {
		relabel(o, finalLabel, "true")
	},
	"one that no label finds": func(_ *testing.T, o *unstructured.Unstructured) { relabel(o, ComponentLabel, "somebody-elses") },
}

func alter(t *testing.T, o *unstructured.Unstructured, value any, path ...string) {
	t.Helper()
	if err := unstructured.SetNestedField(o.Object, value, append([]string{"spec", "record"}, path...)...); err != nil {
		t.Fatal(err)
	}
}

func relabel(o *unstructured.Unstructured, label, value string) {
	labels := o.GetLabels()
	labels[label] = value
	o.SetLabels(labels)
}

// spoil changes a stored operation behind the store's back.
func spoil(t *testing.T, store *Store, id string, how func(*testing.T, *unstructured.Unstructured)) {
	t.Helper()
	o, err := store.operations.Get(t.Context(), id, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	how(t, o)
	if _, err := store.operations.Update(t.Context(), o, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// A record that cannot be read is stepped over: what is found is what can be read, the next
// operation gets a number that was never used, once, and the record stays as it is.
func TestAnUnreadableRecordIsSteppedOver(t *testing.T) {
	for name, how := range spoils {
		t.Run(name, func(t *testing.T) {
			client := dynamicClient()
			var said bytes.Buffer
			store, other := NewStore(client, namespace, slog.New(slog.NewTextHandler(&said, nil))), NewStore(client, namespace, quiet)
			createUpTo(t, store, 1, 2)
			spoil(t, store, "download-worker-2", func(t *testing.T, o *unstructured.Unstructured) {
				alter(t, o, []any{map[string]any{"state": "proposed", "at": "2026-11-24T03:00:00Z"}}, "events")
				relabel(o, finalLabel, "false")
				how(t, o)
			})
			for _, s := range []*Store{store, other} {
				wantNewest(t, s, 1)
				if ops, err := s.Unfinished(t.Context()); err != nil || len(ops) != 0 {
					t.Errorf("unfinished: got %d and %v, want none that can be read", len(ops), err)
				}
				if _, err := s.Get(t.Context(), "download-worker-2"); !errors.Is(err, scale.ErrUnreadable) || errors.Is(err, scale.ErrNotStored) {
					t.Errorf("reading it: got %v, want that it cannot be read", err)
				}
			}
			wantOneCreator(t, 3, store, other)
			wantNewest(t, store, 3)
			wantNewest(t, other, 3)
			createUpTo(t, store, 4, 4)
			if err := store.Prune(t.Context(), 1, seenAt.AddDate(1, 0, 0)); err != nil {
				t.Error(err)
			}
			if _, err := store.operations.Get(t.Context(), "download-worker-2", metav1.GetOptions{}); err != nil {
				t.Errorf("the record itself: %v", err)
			}
			if n := strings.Count(said.String(), "level=WARN"); n > 1 || n == 0 && name != "one that no label finds" {
				t.Errorf("the record was named %d times, want once:\n%s", n, said.String())
			}
			all, broken, err := store.Unreadable(t.Context())
			if err != nil || all != 2 || len(broken) != 1 || broken[0].Name != "download-worker-2" {
				t.Errorf("got %d records, %v unreadable and %v; want number 2 of two named", all, broken, err)
			}
		})
	}
}

// wantOneCreator has several stores ask for number 2 at once: one gets the number that is
// free, the others learn that they were too late.
func wantOneCreator(t *testing.T, number int, stores ...*Store) {
	t.Helper()
	var group sync.WaitGroup
	made, errs := make([]ledger.Operation, len(stores)), make([]error, len(stores))
	for i, s := range stores {
		group.Go(func() { made[i], errs[i] = s.Create(t.Context(), numbered(2)) })
	}
	group.Wait()
	won := 0
	for i, err := range errs {
		switch {
		case err == nil && made[i].Number == number && made[i].ID == ledger.OperationID("download-worker", number) && made[i].Version != "":
			won++
		case !errors.Is(err, scale.ErrVersion):
			t.Errorf("got %s with version %q and %v, want number %d or that it is too late", made[i].ID, made[i].Version, err, number)
		}
	}
	if won != 1 {
		t.Errorf("%d creators won, want one: %v", won, errs)
	}
}

// A newer version ran for a week and left many behind; and one is all there is.
func TestManyUnreadableRecordsAreSteppedOverAtOnce(t *testing.T) {
	for name, numbers := range map[string][2]int{"the first ones can be read": {3, 40}, "none can": {1, 12}} {
		t.Run(name, func(t *testing.T) {
			client := dynamicClient()
			store := NewStore(client, namespace, quiet)
			createUpTo(t, store, 1, numbers[1])
			for number := numbers[0]; number <= numbers[1]; number++ {
				spoil(t, store, ledger.OperationID("download-worker", number), spoils["another kind of change"])
			}
			client.ClearActions()
			op, err := NewStore(client, namespace, quiet).Create(t.Context(), numbered(numbers[0]))
			if err != nil || op.Number != numbers[1]+1 {
				t.Errorf("got number %d and %v, want %d", op.Number, err, numbers[1]+1)
			}
			if n := len(client.Actions()); n > 5 {
				t.Errorf("it took %d requests, want a few however many there are", n)
			}
		})
	}
}

// A name that nobody's counting made leaves room for the next number.
func TestAMadeUpNumberIsNotCountedFrom(t *testing.T) {
	store := NewStore(dynamicClient(), namespace, quiet)
	createUpTo(t, store, 1, 1)
	for _, name := range []string{"download-worker-9223372036854775807", "download-worker-99999999999999999999", "download-worker-02", "download-worker-x", "notes"} {
		o, err := operationObject(numbered(1))
		if err != nil {
			t.Fatal(err)
		}
		o.SetName(name)
		if _, err := store.operations.Create(t.Context(), o, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	wantNewest(t, store, 1)
	createUpTo(t, store, 2, 2)
	wantNewest(t, store, 2)
}

// Of episodes the same holds: an alert that cannot be read keeps no other from being opened.
func TestAnUnreadableEpisodeIsSteppedOver(t *testing.T) {
	for name, how := range map[string]func(*testing.T, *unstructured.Unstructured){
		"an unknown urgency":       func(t *testing.T, o *unstructured.Unstructured) { alter(t, o, int64(7), "urgency") },
		"a number beyond an int64": func(t *testing.T, o *unstructured.Unstructured) { alter(t, o, float64(1<<63)*4, "lag") },
		"an unknown kind":          func(t *testing.T, o *unstructured.Unstructured) { alter(t, o, "forecast", "kind") },
		"no record":                spoils["no record"],
		"a record that is cut":     spoils["a record that is cut"],
		"the number of another":    func(t *testing.T, o *unstructured.Unstructured) { alter(t, o, int64(3), "number") },
	} {
		t.Run(name, func(t *testing.T) {
			store := NewStore(dynamicClient(), namespace, quiet)
			alert := ledger.Episode{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, OpenedAt: seenAt}
			if _, err := store.CreateEpisode(t.Context(), alert); err != nil {
				t.Fatal(err)
			}
			o, err := store.episodes.Get(t.Context(), "download-worker-alert-1", metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			how(t, o)
			if _, err := store.episodes.Update(t.Context(), o, metav1.UpdateOptions{}); err != nil {
				t.Fatal(err)
			}
			if _, err := store.NewestEpisode(t.Context(), "download-worker", ledger.EpisodeAlert); !errors.Is(err, scale.ErrNotStored) {
				t.Errorf("the newest: got %v, want none that can be read", err)
			}
			if open, err := store.OpenEpisodes(t.Context()); err != nil || len(open) != 0 {
				t.Errorf("open: got %d and %v, want none that can be read", len(open), err)
			}
			made, err := store.CreateEpisode(t.Context(), alert)
			if err != nil || made.ID != "download-worker-alert-2" {
				t.Errorf("got %s and %v, want the second", made.ID, err)
			}
			if newest, err := store.NewestEpisode(t.Context(), "download-worker", ledger.EpisodeAlert); err != nil || newest.Number != 2 {
				t.Errorf("the newest: got %d and %v, want the second", newest.Number, err)
			}
		})
	}
}

// What this version writes it reads; and what is stored today, without a field that was
// added later or a day on an episode, keeps loading.
func TestTodaysRecordsAreReadable(t *testing.T) {
	for state := range map[ledger.State]bool{ledger.Proposed: true, ledger.Watching: true, ledger.Replaced: true} {
		op := numbered(2)
		op.Events = []ledger.Event{{State: state, At: seenAt}}
		o, err := operationObject(op)
		if err != nil {
			t.Fatal(err)
		}
		alter(t, o, map[string]any{"added": "later"}, "site")
		if got, err := operationOf(o); err != nil || got.State() != state {
			t.Errorf("%s: got %s and %v", state, got.State(), err)
		}
	}
	closed := ledger.Episode{ID: "download-worker-alert-1", Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, OpenedAt: seenAt, ClosedAt: seenAt}
	o, err := episodeObject(closed)
	if err != nil {
		t.Fatal(err)
	}
	labels := o.GetLabels()
	delete(labels, dayLabel)
	o.SetLabels(labels)
	if got, err := episodeOf(o); err != nil || got.Open() {
		t.Errorf("an episode of an older version: got %s and %v", fmt.Sprint(got.ID), err)
	}
}

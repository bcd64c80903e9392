package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/rest"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/kube"
	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/memnet"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	fleetSize = 500
	// storedBudget is how many requests the store may get in a minute while nothing happens.
	storedBudget = 30
	// away is the delay of a request to the API server.
	away = 20 * time.Millisecond
)

// fleetBook has many components, each like the one of the other tests.
func fleetBook(s *stage) {
	worker := s.book.Components[0]
	s.book.Components = nil
	for i := range fleetSize {
		c := worker
		c.Name, c.Aliases, c.Downstream = fmt.Sprintf("worker-%03d", i), nil, nil
		c.Deployment, c.Group, c.Topics = c.Name, c.Name, []string{c.Name}
		s.book.Components = append(s.book.Components, c)
	}
}

// apiServer stores records as an API server does, with a delay.
type apiServer struct {
	api   *kubetest.API
	store *records.Store
	// custom changes the records directly, without the delay.
	custom *dynamicfake.FakeDynamicClient
	stop   func()
}

var recordKinds = map[schema.GroupVersionResource]string{
	{Group: records.Group, Version: records.Version, Resource: "scalingoperations"}: "ScalingOperationList",
	{Group: records.Group, Version: records.Version, Resource: "scalingepisodes"}:   "ScalingEpisodeList",
}

// startAPIServer starts one, and makes the bot's store with client-go's own transport and the
// bot's own limit on requests per second.
func startAPIServer(t *testing.T) *apiServer {
	t.Helper()
	custom := dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), recordKinds)
	kubetest.Versions(custom)
	a := &apiServer{api: kubetest.Serve(kubetest.Custom(custom, recordKinds)), custom: custom}
	network := memnet.New()
	var running, serving sync.WaitGroup
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serving.Add(1)
		defer serving.Done()
		time.Sleep(away)
		a.api.ServeHTTP(w, r)
	})}
	config := kube.Paced(&rest.Config{Host: "http://api.test", Dial: network.Dial})
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	a.store = records.NewStore(client, "kafka-pipeline", slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	running.Go(func() { _ = server.Serve(network) })
	running.Go(func() { _ = a.store.Run(ctx) })
	a.stop = func() {
		cancel()
		_ = server.Close()
		running.Wait()
		time.Sleep(2 * away) // a request that was accepted just before can start and end
		serving.Wait()
	}
	return a
}

// requests returns the number of requests so far.
func (a *apiServer) requests() (n int) {
	for _, count := range a.api.Counts() {
		n += count
	}
	return n
}

// playFleet runs a test with many components whose records are in an API server. The script
// starts after the first minute.
func playFleet(t *testing.T, prepare func(*stage, *apiServer), script func(*stage, *apiServer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := startAPIServer(t)
		defer a.stop()
		s := &stage{t: t, world: newWorld(6), room: newRoom(), store: a.store, book: book(t)}
		s.world.lagOf = map[string]int64{}
		fleetBook(s)
		if prepare != nil {
			prepare(s, a)
		}
		s.start()
		defer func() { s.stop() }()
		s.wait(time.Minute)
		script(s, a)
	})
}

// The records of 500 components cost a few requests a minute while nothing happens. It used to be
// one request for each component and kind of episode in every round.
func TestStoredThingsCostNextToNothingWhileNothingHappens(t *testing.T) {
	playFleet(t, nil, func(s *stage, a *apiServer) {
		const minutes = 3
		before := a.requests()
		s.wait(minutes * time.Minute)
		if n := a.requests() - before; n > minutes*storedBudget || n == 0 {
			s.t.Errorf("%d requests in %d minutes, want some and at most %d: %v", n, minutes, minutes*storedBudget, a.api.Counts())
		}
	})
}

// A new leader also uses lists to read which episodes are open and which ended recently.
func TestANewLeaderReadsLists(t *testing.T) {
	playFleet(t, func(s *stage, a *apiServer) { storeEpisodes(s.t, a, 40) }, func(s *stage, a *apiServer) {
		leads, config := &lead{}, s.config()
		s.stop()
		config.Leader = leads
		before := a.requests()
		s.startWith(config)
		leads.yes.Store(true)
		s.wait(14 * time.Second)
		if n := a.requests() - before; n > storedBudget {
			s.t.Errorf("%d requests to begin, want at most %d: %v", n, storedBudget, a.api.Counts())
		}
	})
}

// storeEpisodes stores an open suggestion that is snoozed and an ended alert for each of some
// components, as another leader has left them.
func storeEpisodes(t *testing.T, a *apiServer, many int) {
	t.Helper()
	for i := range many {
		open := ledger.Episode{
			Component: fmt.Sprintf("worker-%03d", i), Kind: ledger.EpisodeSuggestion, Number: 1, OpenedAt: time.Now(), At: time.Now().Add(time.Hour),
			SnoozedForever: true, SnoozedAt: scale.UrgencyInfo, Urgency: scale.UrgencyInfo, Message: scale.MessageRef{Channel: "C0INCIDENT", TS: fmt.Sprint(i)},
		}
		ended := open
		ended.Kind, ended.ClosedAt = ledger.EpisodeAlert, time.Now().Add(-25*time.Hour)
		for _, e := range []ledger.Episode{open, ended} {
			closed := e.ClosedAt
			e.ClosedAt = time.Time{}
			made, err := a.store.CreateEpisode(t.Context(), e)
			if err == nil && !closed.IsZero() {
				made.ClosedAt = closed
				_, err = a.store.UpdateEpisode(t.Context(), made)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The overview and a decision without a name are answered within a second, even in an incident:
// 30 components lag, and some are being changed.
func TestTheFleetIsAnsweredWithinASecond(t *testing.T) {
	playFleet(t, nil, func(s *stage, a *apiServer) {
		for i := range 10 {
			if _, err := s.desk().Propose(s.t.Context(), engine.Ask{
				Component: fmt.Sprintf("worker-%03d", i), Target: judge.Exactly(9), By: scale.Person{ID: fmt.Sprintf("U0CARL%d", i)}, Origin: engine.FromCommand,
				Channel: fmt.Sprintf("C0CHANNEL%d", i),
			}); err != nil {
				s.t.Fatal(err)
			}
		}
		s.world.edit(func(w *world) {
			for i := range 30 {
				w.lagOf[fmt.Sprintf("worker-%03d", i)] = 14_400
			}
		})
		s.wait(40 * time.Second)
		before, began := a.requests(), time.Now()
		all := s.desk().Overview(s.t.Context())
		if took := time.Since(began); took > time.Second {
			s.t.Errorf("it took %v, want at most a second", took)
		}
		if n := a.requests() - before; n > 10 {
			s.t.Errorf("it took %d requests, want a few lists", n)
		}
		operations, alerts := 0, 0
		for _, status := range all {
			if status.Operation != nil && status.Operation.State() == ledger.Proposed && status.Operation.Component == status.Component.Name {
				operations++
			}
			if status.Episode != nil && status.Episode.Open() && status.Episode.Component == status.Component.Name {
				alerts++
			}
		}
		if len(all) != fleetSize || operations != 10 || alerts != 30 {
			s.t.Errorf("got %d components with %d operations and %d alerts, want %d, 10 and 30", len(all), operations, alerts, fleetSize)
		}
	})
}

// An alert of the last of 500 components comes within one sampling interval and a second.
func TestAnAlertOfALargeFleetIsNotLate(t *testing.T) {
	playFleet(t, nil, func(s *stage, _ *apiServer) {
		const id = "worker-499-alert-1"
		for at := range 3 { // at several points of the interval
			s.wait(time.Duration(at) * 4 * time.Second)
		}
		s.world.edit(func(w *world) { w.lagOf["worker-499"] = 14_400 })
		s.wait(s.book.Policy.Times.Sample + time.Second)
		if s.room.posted(id) != 1 {
			s.t.Errorf("no alert within an interval and a second")
		}
	})
}

// A record that a newer version wrote and this one cannot read does not block its component. The
// next proposal gets a free number, warns of the unreadable record, and is carried out once.
// Rolling back past that record is refused.
func TestAnUnreadableRecordBlocksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := startAPIServer(t)
		defer a.stop()
		s := &stage{t: t, world: newWorld(6), room: newRoom(), store: a.store, book: book(t)}
		s.start()
		defer func() { s.stop() }()
		s.wait(time.Minute)
		first := s.approve(s.propose(9), ana)
		s.wait(3 * time.Minute)
		s.wantState(first.ID, ledger.Watching)
		later := s.propose(10)
		a.spoil(t, later.ID)
		_, err := s.desk().RollBack(t.Context(), click(s.op(first.ID), ana))
		wantCode(t, err, scale.RefusedUnknown)
		if _, err := s.desk().Approve(t.Context(), engine.Act{ID: later.ID, By: ana}); !errors.Is(err, scale.ErrUnreadable) {
			t.Errorf("approving it: got %v, want that it cannot be read", err)
		}
		next := s.propose(11)
		if next.Number != later.Number+1 || len(next.Plan.Warnings) == 0 {
			t.Fatalf("got %s with the warnings %q, want the number after %s and a warning", next.ID, next.Plan.Warnings, later.ID)
		}
		s.approve(next, ana)
		s.wait(3 * time.Minute)
		s.wantState(next.ID, ledger.Watching)
		s.wantWrites(2)
		_, err = s.desk().RollBack(t.Context(), click(s.op(first.ID), ana))
		wantCode(t, err, scale.RefusedUnknown)
	})
}

// spoil makes a stored operation one of a kind that this version does not know.
func (a *apiServer) spoil(t *testing.T, id string) {
	t.Helper()
	for resource := range recordKinds {
		if resource.Resource != "scalingoperations" {
			continue
		}
		in := a.custom.Resource(resource).Namespace("kafka-pipeline")
		o, err := in.Get(t.Context(), id, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		record, _ := o.Object["spec"].(map[string]any)["record"].(map[string]any)
		record["change"] = map[string]any{"kind": "partitions", "from": int64(24), "to": int64(48)}
		if _, err := in.Update(t.Context(), o, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/kube"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/memstore"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/runbook"
)

// traced is a trail over a store in memory and a fake cluster, running until the test's
// bubble stops it.
func traced(t *testing.T, store *memstore.Store, cluster *fake.Clientset) (*trail, func()) {
	t.Helper()
	book := runbook.Default().With("kafka-pipeline")
	tr := newTrail(store, kube.NewEvents(cluster, "test"), book, pace.Clock{}, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = tr.run(ctx) }()
	return tr, func() { stop(); <-done }
}

func proposed(at time.Time) ledger.Operation {
	return ledger.Operation{
		ID: "download-worker-1", Component: "download-worker", Number: 1, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Request: ledger.Request{At: at}, Events: []ledger.Event{{State: ledger.Proposed, At: at}},
	}
}

func written(t *testing.T, cluster *fake.Clientset) int {
	t.Helper()
	list, err := cluster.EventsV1().Events("kafka-pipeline").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return len(list.Items)
}

// A replica that died left a transition unwritten: whoever reads the operation next
// writes it, and what was written is not written twice (issue 3, audit).
func TestEventsAreCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, cluster := memstore.New(), fake.NewClientset()
		op, err := store.Create(t.Context(), proposed(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		tr, stop := traced(t, store, cluster)
		if _, err := tr.Unfinished(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := written(t, cluster); got != 1 {
			t.Errorf("got %d events after reading, want the missed one", got)
		}
		op, err = op.To(ledger.Event{State: ledger.Declined, At: time.Now()})
		if err == nil {
			_, err = tr.Update(t.Context(), op)
		}
		if err != nil {
			t.Fatal(err)
		}
		stop()
		second, stop := traced(t, store, cluster)
		if _, err := second.Newest(t.Context(), "", 10); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		stop()
		if got := written(t, cluster); got != 2 {
			t.Errorf("got %d events after a second leader, want 2", got)
		}
	})
}

// What is older than the API server remembers is not written as if it were new.
func TestOldTransitionsStayUnwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, cluster := memstore.New(), fake.NewClientset()
		tr, stop := traced(t, store, cluster)
		if _, err := tr.Create(t.Context(), proposed(time.Now().Add(-time.Hour))); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		stop()
		if got := written(t, cluster); got != 0 {
			t.Errorf("got %d events, want none", got)
		}
	})
}

// A cluster that takes no events neither holds up nor fails an operation, however many
// there are.
func TestEventsNeverHoldUpOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, cluster := memstore.New(), fake.NewClientset()
		hang := make(chan struct{})
		cluster.PrependReactor("create", "events", func(clienttesting.Action) (bool, runtime.Object, error) {
			<-hang
			return true, nil, errors.New("away")
		})
		tr, stop := traced(t, store, cluster)
		began := time.Now()
		for n := 1; n <= 2*trailQueue; n++ {
			op := proposed(time.Now())
			op.Number, op.ID = n, fmt.Sprintf("download-worker-%d", n)
			op.Events = append(op.Events, ledger.Event{State: ledger.Declined, At: time.Now()})
			if _, err := tr.Create(t.Context(), op); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 0 || len(tr.queue) > trailQueue {
			t.Errorf("it took %v and %d wait", took, len(tr.queue))
		}
		close(hang)
		stop()
	})
}

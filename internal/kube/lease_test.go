package kube

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/kube/kubetest"
)

// candidate is one replica that stands for election until it is stopped or cut off.
type candidate struct {
	*Lease
	cut  *atomic.Bool
	stop func()
}

// candidates starts one replica after the other against the same API server. A cut-off
// one gets no answers any more, which is what others see of a killed one.
func candidates(t *testing.T, names ...string) []candidate {
	t.Helper()
	shared := fake.NewClientset()
	kubetest.Versions(shared)
	var all []candidate
	for _, name := range names {
		client, cut := fake.NewClientset(), &atomic.Bool{}
		client.PrependReactor("*", "leases", func(action clienttesting.Action) (bool, runtime.Object, error) {
			if cut.Load() {
				return true, nil, errors.New("no route to host")
			}
			out, err := shared.Invokes(action, nil)
			return true, out, err
		})
		lease := NewLease(client, namespace, quiet)
		lease.identity = name
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := lease.Run(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}()
		all = append(all, candidate{lease, cut, func() { cancel(); <-done }})
		time.Sleep(time.Second)
	}
	return all
}

func TestOneReplicaLeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := candidates(t, "a", "b")
		time.Sleep(time.Minute)
		if !c[0].Leading() || c[1].Leading() {
			t.Errorf("a leads %t, b leads %t; want only the first", c[0].Leading(), c[1].Leading())
		}
		c[0].stop()
		if c[0].Leading() {
			t.Error("a stopped replica leads")
		}
		time.Sleep(5 * time.Second) // the other's pause between two looks is up to 4.4 s.
		if !c[1].Leading() {
			t.Error("the other does not lead 5 s after the lease was given back")
		}
		c[1].stop()
	})
}

// A killed leader is replaced in about 20 s: the lease, and at worst two of the other's
// pauses of up to 4.4 s between looks. Never do two lead at once.
func TestTakeoverAfterKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := candidates(t, "a", "b")
		time.Sleep(30 * time.Second)
		c[0].cut.Store(true)
		took := time.Duration(0)
		for ; !c[1].Leading() && took < time.Minute; took += 100 * time.Millisecond {
			time.Sleep(100 * time.Millisecond)
			if c[0].Leading() && c[1].Leading() {
				t.Fatalf("both lead %s after the cut", took)
			}
		}
		if took < leaseDuration-retryPeriod || took > 24*time.Second {
			t.Errorf("taken over after %s, want 13 to 24 s", took)
		}
		c[0].stop()
		c[1].stop()
	})
}

// A leader that was paused wakes with an old renewal and must not act on it.
func TestPausedLeaderDoesNotLead(t *testing.T) {
	var f fence
	sent := time.Now()
	f.renewed.Store(&sent)
	if !f.holds(sent.Add(renewDeadline - time.Millisecond)) {
		t.Error("a fresh renewal does not hold")
	}
	if f.holds(sent.Add(renewDeadline)) {
		t.Error("an old renewal holds")
	}
}

// A leader writes the lease every renewEvery, and every retryPeriod once a renewal has failed, so
// that it leads on when the next one is taken.
func TestTheLeaseIsWrittenSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, written, failing := fake.NewClientset(), &atomic.Int32{}, &atomic.Bool{}
		kubetest.Versions(client)
		client.PrependReactor("update", "leases", func(clienttesting.Action) (bool, runtime.Object, error) {
			written.Add(1)
			if failing.Load() {
				return true, nil, errors.New("no route to host")
			}
			return false, nil, nil
		})
		lease := NewLease(client, namespace, quiet).As("a")
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- lease.Run(ctx) }()
		time.Sleep(10 * time.Second)
		written.Store(0)
		time.Sleep(time.Minute)
		if n := written.Load(); n < 9 || n > 11 {
			t.Errorf("the lease was written %d times in a minute, want every %s", n, renewEvery)
		}
		for written.Store(0); written.Load() == 0; {
			time.Sleep(100 * time.Millisecond)
		}
		failing.Store(true)
		written.Store(0)
		time.Sleep(renewEvery + retryPeriod)
		if written.Load() < 2 || !lease.Leading() {
			t.Errorf("got %d attempts and leading %t after some failed, want more than one while it still leads", written.Load(), lease.Leading())
		}
		failing.Store(false)
		time.Sleep(2 * retryPeriod)
		if !lease.Leading() {
			t.Error("the leader does not lead on after the server answers again")
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

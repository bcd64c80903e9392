package kube

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// followed is a workload that a test keeps in view, with the watches in its hands.
type followed struct {
	stand
	deployments, pods atomic.Pointer[watch.FakeWatcher]
	// opened and listed count the watches on the Deployment and the lists of its ReplicaSets.
	opened, listed atomic.Int32
	told           chan scale.Workload
	seen           []scale.Workload
	ended          chan error
}

// follow keeps the workload in view until the test ends or the view is lost.
func follow(t *testing.T, objects ...runtime.Object) *followed {
	t.Helper()
	f := &followed{stand: newStand(objects...), told: make(chan scale.Workload, 100), ended: make(chan error, 1)}
	f.kubernetes.PrependReactor("list", "replicasets", func(clienttesting.Action) (bool, runtime.Object, error) { f.listed.Add(1); return false, nil, nil })
	f.kubernetes.PrependWatchReactor("deployments", func(action clienttesting.Action) (bool, watch.Interface, error) {
		f.opened.Add(1)
		f.deployments.Store(watch.NewFakeWithChanSize(10, false))
		if options := action.(clienttesting.WatchActionImpl).ListOptions; !options.AllowWatchBookmarks || options.TimeoutSeconds == nil || options.FieldSelector != "metadata.name=download-worker" {
			t.Errorf("watched with %+v, want one name, with bookmarks and an end", options)
		}
		return true, f.deployments.Load(), nil
	})
	f.kubernetes.PrependWatchReactor("pods", func(clienttesting.Action) (bool, watch.Interface, error) {
		f.pods.Store(watch.NewFakeWithChanSize(10, false))
		return true, f.pods.Load(), nil
	})
	go func() {
		f.ended <- f.Follow(t.Context(), worker, func(r scale.Reading[scale.Workload]) { f.told <- r.Value })
	}()
	synctest.Wait()
	return f
}

// last is the newest state that was told, after the events were gathered.
func (f *followed) last(t *testing.T) scale.Workload {
	t.Helper()
	time.Sleep(time.Second)
	for len(f.told) > 0 {
		f.seen = append(f.seen, <-f.told)
	}
	if len(f.seen) == 0 {
		t.Fatal("nothing was told")
	}
	return f.seen[len(f.seen)-1]
}

// lost is why the view was lost; it is an error of the test when it still stands.
func (f *followed) lost(t *testing.T) error {
	t.Helper()
	time.Sleep(time.Minute)
	select {
	case err := <-f.ended:
		return err
	default:
		t.Fatal("the view still stands")
		return nil
	}
}

func two() []runtime.Object {
	return []runtime.Object{deployment(2), set("dw-2", "2", 2), pod("a", "dw-2"), pod("b", "dw-2")}
}

func three(change ...func(*appsv1.Deployment)) *appsv1.Deployment { return deployment(3, change...) }

// what the watches tell is the same workload that a reading would bring.
func TestFollowTellsWhatBecomesOfAWorkload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, two()...)
		if w := f.last(t); w.Desired != 2 || w.ReadyPods() != 2 || len(f.seen) != 1 {
			t.Fatalf("first told %d times: %d wanted, %d ready; want once 2 and 2", len(f.seen), w.Desired, w.ReadyPods())
		}
		f.deployments.Load().Modify(three())
		f.pods.Load().Add(pod("c", "dw-2", waiting("ContainerCreating", "", "")))
		if w := f.last(t); w.Desired != 3 || len(w.Pods) != 3 || w.ReadyPods() != 2 || len(f.seen) != 2 {
			t.Errorf("told %d times: %d wanted, %d pods, %d ready; want both events told at once", len(f.seen), w.Desired, len(w.Pods), w.ReadyPods())
		}
		f.pods.Load().Modify(pod("c", "dw-2"))
		f.pods.Load().Delete(pod("a", "dw-2"))
		if w := f.last(t); len(w.Pods) != 2 || w.ReadyPods() != 2 {
			t.Errorf("got %d pods, %d ready; want one gone and one come", len(w.Pods), w.ReadyPods())
		}
		if f.opened.Load() != 1 || f.listed.Load() != 1 {
			t.Errorf("got %d watches and %d lists, want one of each", f.opened.Load(), f.listed.Load())
		}
	})
}

// A watch ends as all watches do, or has lost its position (410 Gone): the workload is listed
// again, which finds what was not told, also what is gone.
func TestFollowListsAgainWhenAWatchEnds(t *testing.T) {
	gone := apierrors.NewResourceExpired("too old resource version").Status()
	for name, end := range map[string]func(*followed){
		"its time is over": func(f *followed) { f.pods.Load().Stop() },
		"it is too old":    func(f *followed) { f.pods.Load().Error(&gone) },
		"another revision": func(f *followed) {
			f.deployments.Load().Modify(three(func(d *appsv1.Deployment) { d.Annotations[revisionAnnotation] = "3" }))
		},
		"a pod of an unknown set": func(f *followed) { f.pods.Load().Add(pod("z", "dw-3")) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := follow(t, two()...)
				if err := f.kubernetes.CoreV1().Pods(namespace).Delete(t.Context(), "a", metav1.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
				end(f)
				time.Sleep(followApart)
				if w := f.last(t); len(w.Pods) != 1 || f.opened.Load() != 2 || f.listed.Load() != 2 {
					t.Errorf("got %d pods after %d watches and %d lists, want the one that is left after 2 and 2", len(w.Pods), f.opened.Load(), f.listed.Load())
				}
			})
		})
	}
}

// A server that ends every watch at once is not asked without pause.
func TestFollowPausesBetweenWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, two()...)
		for range 60 {
			f.pods.Load().Stop()
			time.Sleep(time.Second)
		}
		if n := f.opened.Load(); n > 14 {
			t.Errorf("got %d watches in a minute, want one every %s", n, followApart)
		}
	})
}

// A bookmark says where a watch stands, and nothing of the workload.
func TestFollowTellsNothingAtABookmark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, two()...)
		f.deployments.Load().Action(watch.Bookmark, &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{ResourceVersion: "99"}})
		f.pods.Load().Action(watch.Bookmark, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{ResourceVersion: "99"}})
		if w := f.last(t); len(f.seen) != 1 || w.Desired != 2 || len(w.Pods) != 2 {
			t.Errorf("told %d times, %d wanted and %d pods; want nothing new", len(f.seen), w.Desired, len(w.Pods))
		}
	})
}

// What makes the view unusable ends it, so that the workload is read instead and is unknown where
// it cannot be.
func TestFollowEnds(t *testing.T) {
	refused := apierrors.NewForbidden(appsv1.Resource("deployments"), "", errors.New("no watch for you")).Status()
	for name, tt := range map[string]struct {
		prepare func(stand)
		objects []runtime.Object
		event   func(*followed)
		want    string
	}{
		"no such deployment":   {objects: []runtime.Object{}, want: "it does not exist"},
		"no right to list":     {objects: two(), prepare: func(s stand) { s.refuse("list", "pods", apierrors.NewForbidden(corev1.Resource("pods"), "", nil)) }, want: "does not allow it"},
		"it was deleted":       {objects: two(), event: func(f *followed) { f.deployments.Load().Delete(deployment(2)) }, want: "it does not exist"},
		"the watch is refused": {objects: two(), event: func(f *followed) { f.deployments.Load().Error(&refused) }, want: "no watch for you"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if tt.event != nil {
					f := follow(t, tt.objects...)
					tt.event(f)
					if err := f.lost(t); err == nil || !strings.Contains(err.Error(), tt.want) {
						t.Errorf("got %v, want %q", err, tt.want)
					}
					return
				}
				s := newStand(tt.objects...)
				if tt.prepare != nil {
					tt.prepare(s)
				}
				told := 0
				err := s.Follow(t.Context(), worker, func(scale.Reading[scale.Workload]) { told++ })
				if err == nil || !strings.Contains(err.Error(), tt.want) || told != 0 {
					t.Errorf("told %d times and ended with %v, want %q and nothing told", told, err, tt.want)
				}
			})
		})
	}
}

// A server that never begins to answer a watch does not hold the view up: client-go bounds that
// nowhere.
func TestFollowDoesNotWaitForAWatchForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := api.OpenWatch(t.Context(), 10*time.Second, func(ctx context.Context, _ metav1.ListOptions) (watch.Interface, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}, metav1.ListOptions{}, followSeconds)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Errorf("got %v after %s, want the deadline after 10 s", err, time.Since(began))
		}
	})
}

package kube

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	metricsfake "k8s.io/metrics/pkg/client/clientset/versioned/fake"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/scale"
)

// fleet is n components of one namespace.
func fleet(n int) []scale.Component {
	var all []scale.Component
	for i := range n {
		name := fmt.Sprintf("worker-%d", i)
		all = append(all, scale.Component{Name: name, Namespace: namespace, Deployment: name, Selector: "app=" + name})
	}
	return all
}

// belongs makes an object of the one worker of the fixtures one of a fleet's.
func belongs[T metav1.Object](o T, name string) T {
	rename := func(s string) string { return strings.Replace(s, "download-worker", name, 1) }
	o.SetName(rename(o.GetName()))
	o.SetUID(types.UID(o.GetName()))
	o.SetLabels(map[string]string{"app": name})
	owners := o.GetOwnerReferences()
	for i := range owners {
		owners[i].Name, owners[i].UID = rename(owners[i].Name), types.UID(rename(string(owners[i].UID)))
	}
	return o
}

// member are the objects of one component of a fleet: a deployment with two pods.
func member(name string, change ...func(*corev1.Pod)) []runtime.Object {
	d := belongs(deployment(2), name)
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: d.Labels}
	objects := []runtime.Object{d, belongs(set(name+"-2", "2", 2), name)}
	for i := range 2 {
		objects = append(objects, belongs(pod(fmt.Sprintf("%s-2-%d", name, i), name+"-2", change...), name))
	}
	return objects
}

// newFleet is a stand with all the members of a fleet, their use, and a server that
// answers in pages.
func newFleet(t *testing.T, n int) stand {
	t.Helper()
	var objects []runtime.Object
	var used []metricsv1beta1.PodMetrics
	for _, c := range fleet(n) {
		objects = append(objects, member(c.Name)...)
		for i := range 2 {
			used = append(used, podMetrics(fmt.Sprintf("%s-2-%d", c.Name, i), "500m", "512Mi"))
		}
	}
	s := newStand(append(objects, node("node-1", nil))...)
	client := metricsfake.NewSimpleClientset()
	client.PrependReactor("list", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		return true, &metricsv1beta1.PodMetricsList{Items: used}, nil
	})
	s.Metrics = client
	inPages(t, s.kubernetes)
	return s
}

// inPages makes a fake answer lists in pages, as an API server does; a position is how
// many objects came before.
func inPages(t *testing.T, fake kubetest.Fake) {
	fake.PrependReactor("list", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		list, ok := action.(clienttesting.ListActionImpl)
		if !ok || list.ListOptions.Limit == 0 || list.ListOptions.LabelSelector != "" {
			return false, nil, nil
		}
		all, err := fake.Tracker().List(action.GetResource(), list.GetKind(), action.GetNamespace())
		if err != nil {
			return true, nil, err
		}
		items, err := meta.ExtractList(all)
		if err != nil {
			t.Error(err)
		}
		from, _ := strconv.Atoi(list.ListOptions.Continue)
		items = items[from:]
		if more := len(items) - int(list.ListOptions.Limit); more > 0 {
			items = items[:list.ListOptions.Limit]
			all.(metav1.ListMetaAccessor).GetListMeta().SetContinue(strconv.Itoa(from + len(items)))
		}
		return true, all, meta.SetList(all, items)
	})
}

// workloadsOf are the known ones.
func workloadsOf(all map[string]scale.Reading[scale.Workload]) map[string]scale.Workload {
	known := map[string]scale.Workload{}
	for name, reading := range all {
		if w, ok := reading.Get(); ok {
			known[name] = w
		}
	}
	return known
}

func count[T any](all map[string]scale.Reading[T]) (known int) {
	for _, reading := range all {
		if reading.Known() {
			known++
		}
	}
	return known
}

// 500 components are read with a few calls for each kind, one per page, and all of them
// become known.
func TestAFleetTakesAsManyCallsAsPages(t *testing.T) {
	const n = 500
	s, all := newFleet(t, n), fleet(n)
	workloads := s.Workloads(t.Context(), all)
	given := workloadsOf(workloads)
	usages, owners, rooms := s.Usages(t.Context(), all, given), s.Owners(t.Context(), all), s.Rooms(t.Context(), all, given)
	if count(workloads) != n || count(usages) != n || count(owners) != n || count(rooms) != n {
		t.Errorf("known of %d: got %d workloads, %d usages, %d owners, %d rooms", n, count(workloads), count(usages), count(owners), count(rooms))
	}
	if w := given["worker-7"]; len(w.Counted()) != 2 || w.Pods[0].Name != "worker-7-2-0" || usages["worker-7"].Value.CPULimit != 0.5 {
		t.Errorf("got %+v with use %+v, want its own two pods at half of the limit", w, usages["worker-7"].Value)
	}
	calls := map[string]int{}
	for _, action := range append(s.kubernetes.Actions(), s.dynamic.Actions()...) {
		calls[action.GetVerb()+" "+action.GetResource().Resource+" in "+action.GetNamespace()]++
	}
	const pages = n / api.PageSize
	want := map[string]int{
		"list deployments in " + namespace: 2 * pages, // once for the workloads, once for who owns them.
		"list replicasets in " + namespace: pages, "list pods in " + namespace: 2 * pages,
		"list horizontalpodautoscalers in " + namespace: 1, "list scaledobjects in " + namespace: 1, "list rollouts in " + namespace: 1, "list resourcequotas in " + namespace: 1, "list limitranges in " + namespace: 1,
		"list nodes in ": 1, "list pods in ": 2 * pages,
	}
	if !reflect.DeepEqual(calls, want) {
		t.Errorf("calls: got %v, want %v", calls, want)
	}
}

// Reading many at once tells of each what reading it alone does, whatever is wrong.
func TestAFleetReadsAsOneByOneDoes(t *testing.T) {
	all := fleet(8)
	var objects []runtime.Object
	objects = append(objects, member("worker-0")...)
	objects = append(objects, member("worker-1", waiting("CrashLoopBackOff", "back-off 40s", "OOMKilled"))...)
	objects = append(objects, member("worker-2", waiting("", "", ""))...)
	objects = append(objects, warning("e", "Pod", "worker-2-2-0", "FailedScheduling", "0/3 nodes are available", seenAt))
	objects = append(objects, member("worker-3", terminating)...)
	objects = append(objects, belongs(set("worker-3-1", "1", 1), "worker-3"), belongs(pod("worker-3-1-0", "worker-3-1"), "worker-3"))
	objects = append(objects, belongs(deployment(3, managedBy("argocd-controller", replicasField)), "worker-4"))
	objects = append(objects, belongs(pod("stray", "nobody"), "worker-0"))
	five := member("worker-5")
	five[0].(*appsv1.Deployment).Spec.Template.Spec.Containers[0].Name = "other"
	objects = append(objects, five...)
	h := hpa("six")
	h.Spec.ScaleTargetRef.Name = "worker-6"
	objects = append(append(objects, member("worker-6")...), h) // worker-7 does not exist.
	s := newStand(objects...)
	workloads, owners := s.Workloads(t.Context(), all), s.Owners(t.Context(), all)
	for _, c := range all {
		alike(t, c.Name, workloads[c.Name], s.Workload(t.Context(), c))
		alike(t, c.Name, owners[c.Name], s.Owner(t.Context(), c))
	}
	if why := workloads["worker-7"].Why(); !strings.HasPrefix(why, "reading deployment worker-7: it does not exist") || owners["worker-6"].Value.Kind != scale.OwnerHPA {
		t.Errorf("got %q and owner %s, want that it does not exist, and an HPA", why, owners["worker-6"].Value.Kind)
	}
}

// alike compares two readings but for their time.
func alike[T any](t *testing.T, name string, together, alone scale.Reading[T]) {
	t.Helper()
	together.At = alone.At
	if !reflect.DeepEqual(together, alone) {
		t.Errorf("%s: together got %+v, alone %+v", name, together, alone)
	}
}

// A kind that may not be read leaves unknown what depends on it, with the reason, and
// nothing else.
func TestAFleetWithoutOneKind(t *testing.T) {
	for _, c := range []struct {
		kind                              string
		workloads, usages, owners, nobody bool
	}{
		{kind: "deployments", usages: true}, {kind: "replicasets", usages: true, owners: true},
		{kind: "horizontalpodautoscalers", workloads: true, usages: true}, {kind: "events", workloads: true, usages: true, owners: true},
	} {
		s, all := newFleet(t, alone+1), fleet(alone+1)
		given := workloadsOf(s.Workloads(t.Context(), all))
		s.refuse("*", c.kind, apierrors.NewForbidden(schema.GroupResource{Resource: c.kind}, "", errors.New("no right")))
		workloads, usages, owners := s.Workloads(t.Context(), all), s.Usages(t.Context(), all, given), s.Owners(t.Context(), all)
		w, u, o := workloads["worker-1"], usages["worker-1"], owners["worker-1"]
		if w.Known() != c.workloads || u.Known() != c.usages || o.Known() != c.owners {
			t.Errorf("%s: known are workload %t, use %t, owner %t; want %t, %t, %t", c.kind, w.Known(), u.Known(), o.Known(), c.workloads, c.usages, c.owners)
		}
		if why := w.Why() + o.Why(); why != "" && !strings.Contains(why, "no right") {
			t.Errorf("%s: got %q, want the reason", c.kind, why)
		}
	}
}

// A list whose position has expired (410) begins anew, and nothing is counted twice; one
// that always expires is unknown.
func TestAnExpiredPositionBeginsAnew(t *testing.T) {
	const n = api.PageSize + 10
	for _, c := range []struct {
		times int
		known int
	}{{1, n}, {api.PageRestarts + 1, 0}} {
		s := newFleet(t, n)
		left := c.times
		s.kubernetes.PrependReactor("list", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
			if list, ok := action.(clienttesting.ListActionImpl); ok && list.ListOptions.Continue != "" && left > 0 {
				left--
				return true, nil, apierrors.NewResourceExpired("the provided continue parameter is too old")
			}
			return false, nil, nil
		})
		all := s.Workloads(t.Context(), fleet(n))
		if got := count(all); got != c.known {
			t.Errorf("expired %d times: got %d known (%s), want %d", c.times, got, all["worker-1"].Why(), c.known)
		}
		if w, ok := all["worker-1"].Get(); ok && len(w.Pods) != 2 {
			t.Errorf("expired %d times: got %d pods, want 2", c.times, len(w.Pods))
		}
	}
}

// Few components in a namespace are read by name and selector: much else may be there.
func TestFewAreReadByName(t *testing.T) {
	s := newFleet(t, 20)
	if got := count(s.Workloads(t.Context(), fleet(alone))); got != alone {
		t.Errorf("got %d known, want %d", got, alone)
	}
	for _, action := range s.kubernetes.Actions() {
		list, ok := action.(clienttesting.ListActionImpl)
		if ok && list.ListOptions.LabelSelector == "" {
			t.Errorf("all %s of the namespace are listed for %d components", action.GetResource().Resource, alone)
		}
	}
}

// A reading is as old as its beginning: what happens while the answer is on its way may be missing from it, and a rollout that took a count read
// before its write for one read after it would say that somebody has set it back.
func TestAReadingIsAsOldAsItsBeginning(t *testing.T) {
	const n = 20
	s := newFleet(t, n)
	var mu sync.Mutex
	var first time.Time
	note := func(clienttesting.Action) (bool, runtime.Object, error) {
		mu.Lock()
		defer mu.Unlock()
		if first.IsZero() {
			first = time.Now()
		}
		return false, nil, nil
	}
	s.kubernetes.PrependReactor("*", "*", note)
	s.dynamic.PrependReactor("*", "*", note)
	s.Metrics.(*metricsfake.Clientset).PrependReactor("*", "*", note)
	check := func(what string, at time.Time) {
		t.Helper()
		if at.IsZero() || at.After(first) {
			t.Errorf("%s: read at %v, want not after the first call at %v", what, at, first)
		}
		first = time.Time{}
	}
	for _, components := range [][]scale.Component{fleet(n), fleet(1)} {
		workloads := s.Workloads(t.Context(), components)
		check("workloads", workloads["worker-0"].At)
		given := map[string]scale.Workload{"worker-0": workloads["worker-0"].Value}
		check("usages", s.Usages(t.Context(), components, given)["worker-0"].At)
		check("rooms", s.Rooms(t.Context(), components, given)["worker-0"].At)
		check("owners", s.Owners(t.Context(), components)["worker-0"].At)
	}
}

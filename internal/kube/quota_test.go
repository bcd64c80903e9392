package kube

import (
	"errors"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/scalebot/scalebot/internal/scale"
)

// amounts makes a list of "name=quantity" words.
func amounts(words ...string) corev1.ResourceList {
	l := corev1.ResourceList{}
	for _, word := range words {
		name, quantity, _ := strings.Cut(word, "=")
		l[corev1.ResourceName(name)] = resource.MustParse(quantity)
	}
	return l
}

func quota(name string, hard, used corev1.ResourceList, change ...func(*corev1.ResourceQuota)) *corev1.ResourceQuota {
	q := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
	q.Spec.Hard, q.Status.Hard, q.Status.Used = hard, hard, used
	for _, c := range change {
		c(q)
	}
	return q
}

func scoped(scopes ...corev1.ResourceQuotaScope) func(*corev1.ResourceQuota) {
	return func(q *corev1.ResourceQuota) { q.Spec.Scopes = scopes }
}

func selecting(scope corev1.ResourceQuotaScope, operator corev1.ScopeSelectorOperator, values ...string) func(*corev1.ResourceQuota) {
	return func(q *corev1.ResourceQuota) {
		q.Spec.ScopeSelector = &corev1.ScopeSelector{MatchExpressions: []corev1.ScopedResourceSelectorRequirement{{ScopeName: scope, Operator: operator, Values: values}}}
	}
}

// roomOf is the room for the pods of a deployment that has none yet.
func roomOf(t *testing.T, s corev1.PodSpec, objects ...runtime.Object) scale.Room {
	t.Helper()
	d := deployment(0)
	d.Spec.Template.Spec, d.Spec.Template.Labels = s, workerLabels()
	at := newStand(append(objects, d)...)
	return known(t, at.Room(t.Context(), worker, known(t, at.Workload(t.Context(), worker))))
}

// one is a pod of one container.
func one(r corev1.ResourceRequirements, change ...func(*corev1.PodSpec)) corev1.PodSpec {
	s := spec(container("worker", r))
	for _, c := range change {
		c(&s)
	}
	return s
}

var usual = resources(list("500m", "512Mi"), list("1", "1Gi"))

// a scoped quota counts only the pods in its scope: 3 are left in the one at hand.
func TestScopedQuotas(t *testing.T) {
	full := func(change ...func(*corev1.ResourceQuota)) *corev1.ResourceQuota {
		return quota("scoped", amounts("pods=10"), amounts("pods=7"), change...)
	}
	deadline := func(s *corev1.PodSpec) { seconds := int64(600); s.ActiveDeadlineSeconds = &seconds }
	class := func(s *corev1.PodSpec) { s.PriorityClassName = "high" }
	near := func(s *corev1.PodSpec) {
		s.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{
			{PodAffinityTerm: corev1.PodAffinityTerm{Namespaces: []string{"other"}}},
		}}}
	}
	nothing := corev1.ResourceRequirements{}
	pods := corev1.ResourceQuotaScopePriorityClass
	for _, c := range []struct {
		name string
		q    *corev1.ResourceQuota
		spec corev1.PodSpec
		want int
	}{
		{"no scope", full(), one(usual), 3},
		{"terminating, without a deadline", full(scoped("Terminating")), one(usual), -1},
		{"terminating, with a deadline", full(scoped("Terminating")), one(usual, deadline), 3},
		{"not terminating, without a deadline", full(scoped("NotTerminating")), one(usual), 3},
		{"not terminating, with a deadline", full(scoped("NotTerminating")), one(usual, deadline), -1},
		{"best effort, with requests", full(scoped("BestEffort")), one(usual), -1},
		{"best effort, without", full(scoped("BestEffort")), one(nothing), 3},
		{"not best effort, with requests", full(scoped("NotBestEffort")), one(usual), 3},
		{"not best effort, without", full(scoped("NotBestEffort")), one(nothing), -1},
		{"not best effort by an init container", full(scoped("NotBestEffort")), corev1.PodSpec{
			InitContainers: []corev1.Container{container("migrate", usual)}, Containers: []corev1.Container{container("worker", nothing)}}, 3},
		{"not best effort by the pod as a whole", full(scoped("NotBestEffort")), one(nothing, func(s *corev1.PodSpec) { r := usual; s.Resources = &r }), 3},
		{"two scopes, one matches", full(scoped("NotTerminating", "BestEffort")), one(usual), -1},
		{"priority class, of none", full(scoped(pods)), one(usual), -1},
		{"priority class, of one", full(scoped(pods)), one(usual, class), 3},
		{"priority class in", full(selecting(pods, corev1.ScopeSelectorOpIn, "high", "low")), one(usual, class), 3},
		{"priority class in others", full(selecting(pods, corev1.ScopeSelectorOpIn, "low")), one(usual, class), -1},
		{"priority class not in", full(selecting(pods, corev1.ScopeSelectorOpNotIn, "low")), one(usual, class), 3},
		{"priority class not in, of none", full(selecting(pods, corev1.ScopeSelectorOpNotIn, "low")), one(usual), 3},
		{"priority class exists", full(selecting(pods, corev1.ScopeSelectorOpExists)), one(usual, class), 3},
		{"priority class does not exist", full(selecting(pods, corev1.ScopeSelectorOpDoesNotExist)), one(usual), 3},
		{"affinity across namespaces", full(scoped("CrossNamespacePodAffinity")), one(usual, near), 3},
		{"affinity across namespaces, without", full(scoped("CrossNamespacePodAffinity")), one(usual), -1},
		{"a scope that pods do not have", full(scoped("VolumeAttributesClass")), one(usual), -1},
	} {
		if got := roomOf(t, c.spec, c.q).QuotaPods; got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

// what a pod takes of a quota is all of it: sidecars, the greediest init container,
// the pod's own bounds, overhead, devices; the tightest bound counts.
func TestQuotaCountsAllOfAPod(t *testing.T) {
	device := resources(amounts("cpu=500m", "memory=512Mi", "nvidia.com/gpu=2"), amounts("cpu=1", "memory=1Gi", "nvidia.com/gpu=2"))
	overhead := func(s *corev1.PodSpec) { s.Overhead = list("250m", "64Mi") }
	whole := func(s *corev1.PodSpec) { r := resources(list("2", "2Gi"), list("4", "4Gi")); s.Resources = &r }
	disk := resources(amounts("cpu=500m", "memory=512Mi", "ephemeral-storage=2Gi"), amounts("cpu=1", "memory=1Gi", "ephemeral-storage=4Gi"))
	migrate := corev1.PodSpec{InitContainers: []corev1.Container{container("migrate", resources(list("2", "1Gi"), list("2", "1Gi")))}, Containers: []corev1.Container{container("worker", usual)}}
	beside := corev1.PodSpec{InitContainers: []corev1.Container{sidecar("proxy", usual)}, Containers: []corev1.Container{container("worker", usual)}}
	for _, c := range []struct {
		name, hard, used string
		spec             corev1.PodSpec
		want             int
	}{
		{"pods", "pods=20", "pods=6", one(usual), 14},
		{"count/pods", "count/pods=20", "count/pods=6", one(usual), 14},
		{"requests.cpu", "requests.cpu=10", "requests.cpu=3", one(usual), 14},
		{"cpu", "cpu=10", "cpu=3", one(usual), 14},
		{"limits.cpu", "limits.cpu=10", "limits.cpu=3", one(usual), 7},
		{"requests.memory", "requests.memory=10Gi", "requests.memory=3Gi", one(usual), 14},
		{"limits.memory", "limits.memory=10Gi", "limits.memory=3Gi", one(usual), 7},
		{"a very large bound", "limits.memory=8Ei", "limits.memory=0", one(usual), 8589934591},
		{"full", "requests.cpu=3", "requests.cpu=3", one(usual), 0},
		{"lowered below its use", "requests.cpu=2", "requests.cpu=3", one(usual), 0},
		{"a limit without a request is one", "requests.cpu=10", "requests.cpu=3", one(resources(nil, list("1", "1Gi"))), 7},
		{"a sidecar", "requests.cpu=10", "requests.cpu=3", beside, 7},
		{"an init container", "requests.cpu=10", "requests.cpu=3", migrate, 3},
		{"overhead", "requests.cpu=10", "requests.cpu=3", one(usual, overhead), 9},
		{"the pod as a whole", "requests.cpu=10", "requests.cpu=3", one(usual, whole), 3},
		{"the pod as a whole, limits", "limits.memory=10Gi", "limits.memory=2Gi", one(usual, whole), 2},
		{"devices", "requests.nvidia.com/gpu=8", "requests.nvidia.com/gpu=1", one(device), 3},
		{"other devices", "requests.amd.com/gpu=1", "requests.amd.com/gpu=1", one(device), -1},
		{"disk", "requests.ephemeral-storage=20Gi", "requests.ephemeral-storage=5Gi", one(disk), 7},
		{"disk, limits", "limits.ephemeral-storage=20Gi", "limits.ephemeral-storage=5Gi", one(disk), 3},
		{"objects that are not pods", "count/services=1", "count/services=1", one(usual), -1},
	} {
		if got := roomOf(t, c.spec, quota("team", amounts(c.hard), amounts(c.used))); got.QuotaPods != c.want || got.Refused != "" {
			t.Errorf("%s: got %d (%s), want %d", c.name, got.QuotaPods, got.Refused, c.want)
		}
	}
	two := roomOf(t, one(usual), quota("a", amounts("pods=20"), amounts("pods=6")), quota("b", amounts("requests.cpu=4"), amounts("requests.cpu=3")))
	if want := []string{"quota a: pods 6 of 20 used", "quota b: requests.cpu 3 of 4 used"}; two.QuotaPods != 2 || !slices.Equal(two.Quota, want) {
		t.Errorf("got %+v, want 2 by the tighter one, and both named", two)
	}
}

// A quota on what a container does not set refuses every pod: no number of them fits, and
// the reason is the server's. A quota that is not counted yet is not full.
func TestQuotaThatRefusesEveryPod(t *testing.T) {
	nothing := corev1.ResourceRequirements{}
	requests := resources(list("500m", "512Mi"), nil)
	proxied := spec(container("worker", usual), container("proxy", nothing))
	migrated := corev1.PodSpec{InitContainers: []corev1.Container{container("migrate", nothing)}, Containers: []corev1.Container{container("worker", usual)}}
	whole := func(s *corev1.PodSpec) { r := usual; s.Resources = &r }
	for _, c := range []struct {
		name, hard string
		spec       corev1.PodSpec
		refused    string
		pods       int
	}{
		{"no limit", "limits.cpu=10", one(requests), "quota team: a pod must specify limits.cpu for worker", 0},
		{"no limit in one container", "limits.memory=10Gi", proxied, "quota team: a pod must specify limits.memory for proxy", 0},
		{"no request", "requests.cpu=10", one(nothing), "quota team: a pod must specify requests.cpu for worker", 0},
		{"no request, by its short name", "memory=10Gi", one(nothing), "quota team: a pod must specify memory for worker", 0},
		{"nothing in an init container", "limits.cpu=10", migrated, "quota team: a pod must specify limits.cpu for migrate", 0},
		{"the pod as a whole sets it", "limits.cpu=10", spec1(proxied, whole), "", 10},
		{"disk has to be set by nobody", "requests.ephemeral-storage=10Gi", one(nothing), "", -1},
		{"all is set", "limits.cpu=10", one(usual), "", 10},
	} {
		got := roomOf(t, c.spec, quota("team", amounts(c.hard), amounts(strings.Split(c.hard, "=")[0]+"=0")))
		if got.Refused != c.refused || got.QuotaPods != c.pods {
			t.Errorf("%s: got %d pods, refused %q; want %d and %q", c.name, got.QuotaPods, got.Refused, c.pods, c.refused)
		}
	}
	fresh := roomOf(t, one(usual), quota("new", amounts("pods=1"), nil, func(q *corev1.ResourceQuota) { q.Status = corev1.ResourceQuotaStatus{} }))
	if fresh.QuotaPods != -1 || len(fresh.Beyond) != 1 || !strings.Contains(fresh.Beyond[0], "not counted yet") {
		t.Errorf("got %+v of a quota that is not counted yet, want unknown", fresh)
	}
}

func spec1(s corev1.PodSpec, change func(*corev1.PodSpec)) corev1.PodSpec {
	s = *s.DeepCopy()
	change(&s)
	return s
}

func limitRange(items ...corev1.LimitRangeItem) *corev1.LimitRange {
	return &corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Name: "defaults", Namespace: namespace}, Spec: corev1.LimitRangeSpec{Limits: items}}
}

// a LimitRange gives pods what they do not say, and refuses those beyond its bounds.
func TestLimitRanges(t *testing.T) {
	nothing := corev1.ResourceRequirements{}
	perContainer, perPod := corev1.LimitTypeContainer, corev1.LimitTypePod
	cpu := quota("team", amounts("requests.cpu=10", "limits.cpu=20"), amounts("requests.cpu=0", "limits.cpu=0"))
	for _, c := range []struct {
		name    string
		item    corev1.LimitRangeItem
		spec    corev1.PodSpec
		pods    int
		refused string
	}{
		{"defaults of both", corev1.LimitRangeItem{Type: perContainer, DefaultRequest: list("500m", ""), Default: list("1", "")}, one(nothing), 20, ""},
		{"a default limit alone is the request too", corev1.LimitRangeItem{Type: perContainer, Default: list("1", "")}, one(nothing), 10, ""},
		{"a maximum is the default", corev1.LimitRangeItem{Type: perContainer, Max: list("2", "")}, one(nothing), 5, ""},
		{"a minimum is the default request", corev1.LimitRangeItem{Type: perContainer, Min: list("250m", ""), Default: list("1", "")}, one(resources(list("250m", ""), nil)), 20, ""},
		{"what is set stays", corev1.LimitRangeItem{Type: perContainer, DefaultRequest: list("2", ""), Default: list("4", "")}, one(usual), 20, ""},
		{"every container gets them", corev1.LimitRangeItem{Type: perContainer, DefaultRequest: list("500m", ""), Default: list("500m", "")}, spec(container("worker", usual), container("proxy", nothing)), 10, ""},
		{"above the maximum", corev1.LimitRangeItem{Type: perContainer, Max: list("500m", "")}, one(usual), 0, "LimitRange defaults: container worker: cpu may be at most 500m, and the limit is 1"},
		{"below the minimum", corev1.LimitRangeItem{Type: perContainer, Min: list("", "1Gi")}, one(usual), 0, "LimitRange defaults: container worker: memory has to be at least 1Gi, and the request is 512Mi"},
		{"ratio", corev1.LimitRangeItem{Type: perContainer, MaxLimitRequestRatio: amounts("cpu=1500m")}, one(usual), 0, "LimitRange defaults: container worker: the limit of cpu may be at most 1500m times the request"},
		{"ratio kept", corev1.LimitRangeItem{Type: perContainer, MaxLimitRequestRatio: amounts("cpu=2")}, one(usual), 20, ""},
		{"all containers together", corev1.LimitRangeItem{Type: perPod, Max: list("1500m", "")}, spec(container("worker", usual), container("proxy", usual)), 0, "LimitRange defaults: cpu may be at most 1500m, and the limit is 2"},
		{"claims are not pods", corev1.LimitRangeItem{Type: corev1.LimitTypePersistentVolumeClaim, Max: amounts("storage=1")}, one(usual), 20, ""},
		{"a default below the request", corev1.LimitRangeItem{Type: perContainer, Default: list("250m", "")}, one(resources(list("500m", "512Mi"), nil)), 0,
			"container worker: the request of 500m cpu is above the limit of 250m, a default of the namespace's LimitRange"},
	} {
		if got := roomOf(t, c.spec, limitRange(c.item), cpu); got.QuotaPods != c.pods || got.Refused != c.refused {
			t.Errorf("%s: got %d pods, refused %q; want %d and %q", c.name, got.QuotaPods, got.Refused, c.pods, c.refused)
		}
	}
}

// An older Role does not allow to list LimitRanges: whether a quota refuses pods that do
// not set what it counts is unknown then, and no refusal. A pod that exists has its defaults.
func TestWithoutTheRightToListLimitRanges(t *testing.T) {
	const counts = "limits.cpu=10"
	q := quota("team", amounts(counts), amounts("limits.cpu=4"))
	for _, live := range []bool{false, true} {
		d := deployment(1)
		d.Spec.Template.Spec = one(resources(list("500m", "512Mi"), nil))
		objects := []runtime.Object{d, q}
		if live {
			p := pod("a", "dw-2", func(p *corev1.Pod) { p.Spec = one(usual) })
			objects = append(objects, set("dw-2", "2", 1), p)
		}
		s := newStand(objects...)
		s.refuse("list", "limitranges", apierrors.NewForbidden(schema.GroupResource{Resource: "limitranges"}, "", errors.New("no")))
		room := known(t, s.Room(t.Context(), worker, known(t, s.Workload(t.Context(), worker))))
		switch {
		case room.Refused != "":
			t.Errorf("live %t: refused %q, want unknown", live, room.Refused)
		case live && (room.QuotaPods != 6 || len(room.Beyond) > 0):
			t.Errorf("got %+v, want 6 like the pod that exists", room)
		case !live && (room.QuotaPods != -1 || len(room.Beyond) != 2):
			t.Errorf("got %+v, want unknown by both", room)
		}
	}
}

package kube

import (
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// big is a node of a size, in a zone.
func big(name, zone string, allocatable corev1.ResourceList, change ...func(*corev1.Node)) *corev1.Node {
	return node(name, func(n *corev1.Node) {
		n.Status.Allocatable = allocatable
		n.Labels = map[string]string{corev1.LabelHostname: name, corev1.LabelTopologyZone: zone}
		for _, c := range change {
			c(n)
		}
	})
}

// lodger is somebody's pod on a node.
func lodger(name, on string, labels map[string]string, s corev1.PodSpec, change ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: labels}, Spec: s}
	p.Spec.NodeName, p.Status.Phase = on, corev1.PodRunning
	for _, c := range change {
		c(p)
	}
	return p
}

// what the scheduler counts of a pod is all of it. The first rows were shown as
// 818, 1124 and 1124.
func TestRoomCountsAllOfAPod(t *testing.T) {
	half := resources(list("500m", "512Mi"), nil)
	nothing := corev1.ResourceRequirements{}
	whole := func(s *corev1.PodSpec) { r := resources(list("1", "1Gi"), nil); s.Resources = &r }
	for _, c := range []struct {
		name string
		cpu  string
		spec corev1.PodSpec
		with []runtime.Object
		want int
	}{
		{"a sidecar", "409", corev1.PodSpec{InitContainers: []corev1.Container{sidecar("proxy", half)}, Containers: []corev1.Container{container("worker", half)}}, nil, 409},
		{"defaults of the namespace", "205", one(nothing), []runtime.Object{limitRange(corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, DefaultRequest: list("1", "1Gi"), Default: list("2", "2Gi")})}, 205},
		{"the pod as a whole", "205", one(nothing, whole), nil, 205},
		{"the pod as a whole, over its containers", "205", one(half, whole), nil, 205},
		{"an init container", "100", corev1.PodSpec{InitContainers: []corev1.Container{container("migrate", resources(list("2", ""), nil))}, Containers: []corev1.Container{container("worker", half)}}, nil, 50},
		{"a sidecar while an init container runs", "100", corev1.PodSpec{
			InitContainers: []corev1.Container{sidecar("proxy", half), container("migrate", resources(list("2", ""), nil))}, Containers: []corev1.Container{container("worker", half)}}, nil, 40},
		{"overhead", "100", one(half, func(s *corev1.PodSpec) { s.Overhead = list("500m", "") }), nil, 100},
		{"a limit is a request", "100", one(resources(nil, list("2", ""))), nil, 50},
		{"nothing asked for", "1", one(nothing), nil, 1124},
	} {
		room := roomOf(t, c.spec, append(c.with, big("node-1", "a", amounts("cpu="+c.cpu, "memory=4Ti", "pods=1124")))...)
		if room.NodePods != c.want || len(room.Beyond) > 0 {
			t.Errorf("%s: got %+v, want %d", c.name, room, c.want)
		}
	}
}

// what is on a node is taken: resized pods by what they have, pods that are ending
// until they are gone, devices and disk too.
func TestRoomBesideOthers(t *testing.T) {
	half := resources(list("500m", "512Mi"), nil)
	gpu := resources(amounts("cpu=500m", "nvidia.com/gpu=1"), amounts("nvidia.com/gpu=1"))
	size := amounts("cpu=4", "memory=8Gi", "pods=110", "nvidia.com/gpu=4", "ephemeral-storage=10Gi")
	resized := func(p *corev1.Pod) {
		now := resources(list("2", "512Mi"), nil)
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "worker", Resources: &now, AllocatedResources: now.Requests}}
	}
	for _, c := range []struct {
		name string
		spec corev1.PodSpec
		pod  *corev1.Pod
		want int
	}{
		{"a pod", one(half), lodger("x", "node-1", nil, one(half)), 7},
		{"a pod that is ending", one(half), lodger("x", "node-1", nil, one(half), terminating), 7},
		{"a pod that was resized", one(half), lodger("x", "node-1", nil, one(half), resized), 4},
		{"a pod with a sidecar", one(half), lodger("x", "node-1", nil, corev1.PodSpec{InitContainers: []corev1.Container{sidecar("p", half)}, Containers: []corev1.Container{container("w", half)}}), 6},
		{"devices", one(gpu), lodger("x", "node-1", nil, one(gpu)), 3},
		{"a device no node has", one(resources(amounts("amd.com/gpu=1"), amounts("amd.com/gpu=1"))), lodger("x", "node-1", nil, one(half)), 0},
		{"disk", one(resources(amounts("ephemeral-storage=3Gi"), nil)), lodger("x", "node-1", nil, one(half)), 3},
		{"more than there is", one(half), lodger("x", "node-1", nil, one(resources(list("5", ""), nil))), 0},
	} {
		if got := roomOf(t, c.spec, big("node-1", "a", size), c.pod).NodePods; got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

// only nodes that a pod may go to have room for it.
func TestRoomWhereAPodMayGo(t *testing.T) {
	half := resources(list("500m", "512Mi"), nil)
	taint := func(key string, effect corev1.TaintEffect) func(*corev1.Node) {
		return func(n *corev1.Node) {
			n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: key, Value: "kafka", Effect: effect})
		}
	}
	tolerate := func(t corev1.Toleration) func(*corev1.PodSpec) {
		return func(s *corev1.PodSpec) { s.Tolerations = append(s.Tolerations, t) }
	}
	selectZone := func(zone string) func(*corev1.PodSpec) {
		return func(s *corev1.PodSpec) { s.NodeSelector = map[string]string{corev1.LabelTopologyZone: zone} }
	}
	affinity := func(operator corev1.NodeSelectorOperator, values ...string) func(*corev1.PodSpec) {
		return func(s *corev1.PodSpec) {
			s.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
				NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelTopologyZone, Operator: operator, Values: values}}}},
			}}}
		}
	}
	dedicated := taint("dedicated", corev1.TaintEffectNoSchedule)
	cordoned := func(n *corev1.Node) { n.Spec.Unschedulable = true }
	small := func(n *corev1.Node) { n.Status.Allocatable = amounts("cpu=4", "memory=8Gi", "pods=3") }
	away := func(n *corev1.Node) { n.Status.Conditions[0].Status = corev1.ConditionUnknown }
	port := func(s *corev1.PodSpec) {
		s.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 8000, HostPort: 8000}}
	}
	for _, c := range []struct {
		name string
		node func(*corev1.Node) // of the second of two nodes with room for 8 each.
		spec corev1.PodSpec
		want int
	}{
		{"both", nil, one(half), 16},
		{"a taint", dedicated, one(half), 8},
		{"a taint that is tolerated", dedicated, one(half, tolerate(corev1.Toleration{Key: "dedicated", Operator: corev1.TolerationOpEqual, Value: "kafka", Effect: corev1.TaintEffectNoSchedule})), 16},
		{"a taint of another value", dedicated, one(half, tolerate(corev1.Toleration{Key: "dedicated", Operator: corev1.TolerationOpEqual, Value: "web"})), 8},
		{"every taint is tolerated", taint("x", corev1.TaintEffectNoExecute), one(half, tolerate(corev1.Toleration{Operator: corev1.TolerationOpExists})), 16},
		{"two taints, one tolerated", func(n *corev1.Node) { dedicated(n); taint("gpu", corev1.TaintEffectNoExecute)(n) }, one(half, tolerate(corev1.Toleration{Key: "dedicated", Operator: corev1.TolerationOpExists})), 8},
		{"a taint that only prefers", taint("x", corev1.TaintEffectPreferNoSchedule), one(half), 16},
		{"cordoned", cordoned, one(half), 8},
		{"cordoned, as a daemon sees it", cordoned, one(half, tolerate(corev1.Toleration{Key: corev1.TaintNodeUnschedulable, Operator: corev1.TolerationOpExists})), 16},
		{"not ready", away, one(half), 8},
		{"few pods", small, one(half), 11},
		{"a node selector", nil, one(half, selectZone("b")), 8},
		{"a node selector that none has", nil, one(half, selectZone("c")), 0},
		{"affinity", nil, one(half, affinity(corev1.NodeSelectorOpIn, "a", "b")), 16},
		{"affinity to one", nil, one(half, affinity(corev1.NodeSelectorOpNotIn, "a")), 8},
		{"a port of the node", nil, one(half, port), 2},
		{"a port that is taken", func(n *corev1.Node) { n.Name = "taken" }, one(half, port), 1},
	} {
		size := amounts("cpu=4", "memory=8Gi", "pods=110")
		second := big("node-2", "b", size)
		if c.node != nil {
			c.node(second)
		}
		objects := []runtime.Object{big("node-1", "a", size), second}
		if second.Name == "taken" {
			objects = append(objects, lodger("x", "taken", nil, one(corev1.ResourceRequirements{}, port)))
		}
		if got := roomOf(t, c.spec, objects...).NodePods; got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

// pods that must not share a node, or must be beside others, have the room that is
// there for them.
func TestRoomInCompany(t *testing.T) {
	half := resources(list("500m", "512Mi"), nil)
	about := func(labels map[string]string) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: labels}
	}
	cache := map[string]string{"app": "cache"}
	term := func(key string, labels map[string]string) []corev1.PodAffinityTerm {
		return []corev1.PodAffinityTerm{{TopologyKey: key, LabelSelector: about(labels)}}
	}
	apart := func(terms []corev1.PodAffinityTerm) func(*corev1.PodSpec) {
		return func(s *corev1.PodSpec) {
			s.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: terms}}
		}
	}
	beside := func(terms []corev1.PodAffinityTerm) func(*corev1.PodSpec) {
		return func(s *corev1.PodSpec) {
			s.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: terms}}
		}
	}
	other := term(corev1.LabelHostname, cache)
	other[0].Namespaces = []string{"elsewhere"}
	for _, c := range []struct {
		name string
		spec corev1.PodSpec
		pods []string // "app on node".
		want int
	}{
		{"one for each node", one(half, apart(term(corev1.LabelHostname, workerLabels()))), nil, 3},
		{"one for each node, one is there", one(half, apart(term(corev1.LabelHostname, workerLabels()))), []string{"download-worker node-1"}, 2},
		{"one for each zone", one(half, apart(term(corev1.LabelTopologyZone, workerLabels()))), nil, 2},
		{"away from others", one(half, apart(term(corev1.LabelHostname, cache))), []string{"cache node-2"}, 16},
		{"away from others' zone", one(half, apart(term(corev1.LabelTopologyZone, cache))), []string{"cache node-2"}, 8},
		{"away from others elsewhere", one(half, apart(other)), []string{"cache node-2"}, 23},
		{"beside others", one(half, beside(term(corev1.LabelHostname, cache))), []string{"cache node-2"}, 7},
		{"in the zone of others", one(half, beside(term(corev1.LabelTopologyZone, cache))), []string{"cache node-2"}, 15},
		{"beside others that are nowhere", one(half, beside(term(corev1.LabelHostname, cache))), nil, 0},
		{"all in one zone", one(half, beside(term(corev1.LabelTopologyZone, workerLabels()))), nil, 16},
		{"without company", one(half), []string{"cache node-2"}, 23},
	} {
		size := amounts("cpu=4", "memory=8Gi", "pods=110")
		objects := []runtime.Object{big("node-1", "a", size), big("node-2", "b", size), big("node-3", "b", size)}
		for i, p := range c.pods {
			var app, on string
			if _, err := fmt.Sscan(p, &app, &on); err != nil {
				t.Fatal(err)
			}
			objects = append(objects, lodger(fmt.Sprint("x", i), on, map[string]string{"app": app}, one(half)))
		}
		if got := roomOf(t, c.spec, objects...); got.NodePods != c.want || len(got.Beyond) > 0 {
			t.Errorf("%s: got %d (%v), want %d", c.name, got.NodePods, got.Beyond, c.want)
		}
	}
}

// What keeps pods from nodes and is not counted is named: the number is "at most" then.
func TestRoomThatIsAtMost(t *testing.T) {
	half := resources(list("500m", "512Mi"), nil)
	gated, class := corev1.PodSchedulingGate{Name: "example.com/hold"}, "gvisor"
	for want, change := range map[string]func(*corev1.PodSpec){
		"how the pods have to be spread over topology.kubernetes.io/zone": func(s *corev1.PodSpec) {
			s.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{MaxSkew: 1, TopologyKey: corev1.LabelTopologyZone, WhenUnsatisfiable: corev1.DoNotSchedule}, {TopologyKey: "x", WhenUnsatisfiable: corev1.ScheduleAnyway}}
		},
		"where volume data can be used": func(s *corev1.PodSpec) {
			s.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}}, {Name: "tmp"}}
		},
		"gate example.com/hold, which holds every pod back": func(s *corev1.PodSpec) { s.SchedulingGates = []corev1.PodSchedulingGate{gated} },
		"what scheduler batch decides by":                   func(s *corev1.PodSpec) { s.SchedulerName = "batch" },
		"devices that are claimed":                          func(s *corev1.PodSpec) { s.ResourceClaims = []corev1.PodResourceClaim{{Name: "gpu"}} },
		"what the runtime class gvisor adds to a pod":       func(s *corev1.PodSpec) { s.RuntimeClassName = &class },
		"affinity to pods of other namespaces over topology.kubernetes.io/zone": func(s *corev1.PodSpec) {
			s.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{
				TopologyKey: corev1.LabelTopologyZone, LabelSelector: &metav1.LabelSelector{}, NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "x"}},
			}}}}
		},
	} {
		room := roomOf(t, one(half, change), big("node-1", "a", amounts("cpu=4", "memory=8Gi", "pods=110")))
		if !slices.Equal(room.Beyond, []string{want}) || room.NodePods != 8 {
			t.Errorf("got %d pods beyond %q, want at most 8 and %q", room.NodePods, room.Beyond, want)
		}
	}
}

// The environment of a pod may hold secrets, and is no part of what decides where it fits.
func TestTheNextPodKeepsNoEnvironment(t *testing.T) {
	s := newStand(deployment(1), set("dw-2", "2", 1), pod("a", "dw-2"))
	w := known(t, s.Workload(t.Context(), worker))
	for _, c := range w.Template.(*nextPod).Spec.Containers {
		if len(c.Env) > 0 || len(c.Args) > 0 {
			t.Errorf("got %v, want names and resources alone", c)
		}
	}
}

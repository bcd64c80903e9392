package kube

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// documents are the YAML documents of a manifest.
func documents(t *testing.T, name string) [][]byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "manifests", name))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content))); ; {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if doc, err := yaml.ToJSON(document); err != nil || string(doc) != "null" {
			all = append(all, document)
		}
	}
}

// objects decodes a manifest strictly: an unknown or doubled field is an error.
func objects(t *testing.T, name string) []runtime.Object {
	t.Helper()
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	var all []runtime.Object
	for _, document := range documents(t, name) {
		object, _, err := decoder.Decode(document, nil, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, object)
	}
	return all
}

func find[T runtime.Object](t *testing.T, name string) T {
	t.Helper()
	for _, object := range objects(t, name) {
		if found, ok := object.(T); ok {
			return found
		}
	}
	t.Fatalf("%s has no %T", name, *new(T))
	return *new(T)
}

func TestManifestsDecodeStrictly(t *testing.T) {
	for name, want := range map[string]int{"rbac.yaml": 3, "nodes/rbac.yaml": 2, "networkpolicy.yaml": 1, "configmap.yaml": 1, "deployment.yaml": 1} {
		if got := len(objects(t, name)); got != want {
			t.Errorf("%s has %d objects, want %d", name, got, want)
		}
	}
}

// The pod runs with no more than it needs, and never less than one replica is there.
func TestDeploymentIsRestricted(t *testing.T) {
	d := find[*appsv1.Deployment](t, "deployment.yaml")
	pod := d.Spec.Template.Spec
	security := pod.Containers[0].SecurityContext
	if !*pod.SecurityContext.RunAsNonRoot || pod.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Error("the pod may run as root or without seccomp")
	}
	if !*security.ReadOnlyRootFilesystem || *security.AllowPrivilegeEscalation || !slices.Equal(security.Capabilities.Drop, []corev1.Capability{"ALL"}) {
		t.Errorf("got %+v, want a read-only root, no escalation, no capabilities", security)
	}
	if d.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue() != 0 || *d.Spec.Replicas != 2 || pod.ServiceAccountName != "scalebot" {
		t.Errorf("got %d replicas, %v, account %q", *d.Spec.Replicas, d.Spec.Strategy.RollingUpdate, pod.ServiceAccountName)
	}
}

// everything makes every kind of call the package knows and returns them.
func everything(t *testing.T) (calls, cluster []kubetest.Call) {
	t.Helper()
	s := newStand(deployment(2), set("dw-2", "2", 2), pod("new", "dw-2"))
	ctx := t.Context()
	known(t, s.Workload(ctx, worker))
	s.Workloads(ctx, fleet(alone+1))
	ill := newStand(deployment(2), set("dw-2", "2", 2), pod("new", "dw-2", waiting("", "", "")))
	known(t, ill.Workload(ctx, worker))
	known(t, s.Owner(ctx, worker))
	brief, end := context.WithTimeout(ctx, 100*time.Millisecond)
	defer end()
	_ = s.Follow(brief, worker, func(scale.Reading[scale.Workload]) {}) // it ends with the context.
	s.Workload(ctx, scale.Component{Name: "nowhere", Namespace: namespace, Deployment: "nowhere"})
	if _, err := s.Set(ctx, worker, change.Step{Do: change.Replicas{From: 2, To: 3}}, "7", false); err != nil {
		t.Fatal(err)
	}
	known(t, s.Room(ctx, worker, each))
	s.usage(t, each, nil)
	keepRecords(t, records.NewStore(s.dynamic, namespace, quiet))
	if _, err := NewEvents(s.kubernetes, "test").Record(ctx, worker, recorded(), 0); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) { standOnce(t, s) })
	for _, c := range kubetest.Calls(slices.Concat(s.kubernetes.Actions(), ill.kubernetes.Actions(), s.dynamic.Actions())) {
		if c.Resource == "nodes" {
			cluster = append(cluster, c)
			continue
		}
		calls = append(calls, c)
	}
	return append(calls, kubetest.Call{Group: "metrics.k8s.io", Resource: "pods", Verb: "list"}), cluster
}

// anOperation is one that somebody has declined.
func anOperation(number int) ledger.Operation {
	return ledger.Operation{
		Component: worker.Name, Number: number, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}), Request: ledger.Request{At: seenAt},
		Events: []ledger.Event{{State: ledger.Proposed, At: seenAt}, {State: ledger.Declined, At: seenAt}},
	}
}

func keepRecords(t *testing.T, store *records.Store) {
	t.Helper()
	ctx := t.Context()
	for number := 1; number <= 2; number++ {
		op := anOperation(number)
		made, err := store.Create(ctx, op)
		if err == nil {
			_, err = store.Update(ctx, made)
		}
		e, other := store.CreateEpisode(ctx, ledger.Episode{Component: worker.Name, Kind: ledger.EpisodeAlert, Number: number, ClosedAt: seenAt})
		if other == nil {
			_, other = store.UpdateEpisode(ctx, e)
		}
		if err := errors.Join(err, other); err != nil {
			t.Fatal(err)
		}
	}
	watched, stop := context.WithTimeout(ctx, 100*time.Millisecond)
	defer stop()
	if err := errors.Join(store.Prune(ctx, 1, seenAt.Add(time.Hour)), store.Run(watched)); err != nil {
		t.Fatal(err)
	}
}

func standOnce(t *testing.T, s stand) {
	lease := NewLease(s.kubernetes, namespace, quiet)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if err := lease.Run(ctx); err != nil {
		t.Error(err)
	}
}

func allowed(rules []rbacv1.PolicyRule) []kubetest.Call {
	var calls []kubetest.Call
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					calls = append(calls, kubetest.Call{Group: group, Resource: resource, Verb: verb})
				}
			}
		}
	}
	return calls
}

// The Role allows exactly what the code does, neither less nor more.
func TestRoleIsWhatTheCodeDoes(t *testing.T) {
	calls, cluster := everything(t)
	role := allowed(find[*rbacv1.Role](t, "rbac.yaml").Rules)
	for _, c := range calls {
		if !slices.Contains(role, c) {
			t.Errorf("the code makes the call %+v and the Role does not allow it", c)
		}
	}
	for _, c := range role {
		if !slices.Contains(calls, c) {
			t.Errorf("the Role allows %+v and the code does not need it", c)
		}
	}
	nodes := allowed(find[*rbacv1.ClusterRole](t, "nodes/rbac.yaml").Rules)
	if want := append(cluster, kubetest.Call{Resource: "pods", Verb: "list"}); !slices.Equal(nodes, want) {
		t.Errorf("the ClusterRole allows %+v, want %+v", nodes, want)
	}
}

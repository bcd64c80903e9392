package kube

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/scale"
)

func ofKEDA(h *autoscalingv2.HorizontalPodAutoscaler) {
	h.OwnerReferences = []metav1.OwnerReference{{Kind: "ScaledObject", Name: "dw-scaler"}}
}

func managedBy(manager, fields string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		at := metav1.NewTime(seenAt)
		raw := &metav1.FieldsV1{}
		raw.SetRawString(fields)
		d.ManagedFields = append(d.ManagedFields, metav1.ManagedFieldsEntry{Manager: manager, Time: &at, FieldsV1: raw})
	}
}

const replicasField = `{"f:spec":{"f:replicas":{}}}`

// T-01 to T-04: who would undo a change, and how soon.
func TestOwner(t *testing.T) {
	pausedAt := scaledObject(map[string]string{"autoscaling.keda.sh/paused-replicas": "6"})
	there := pausedAt.DeepCopy()
	if err := unstructured.SetNestedField(there.Object, int64(6), "status", "pausedReplicaCount"); err != nil {
		t.Fatal(err)
	}
	paused := func(kind, value string) runtime.Object {
		return scaledObject(map[string]string{"autoscaling.keda.sh/" + kind: value})
	}
	for _, c := range []struct {
		name    string
		objects []runtime.Object
		kind    scale.OwnerKind
		paused  string
		within  time.Duration
	}{
		{"nobody", nil, scale.OwnerNone, "", 0},
		{"T-01 an HPA", []runtime.Object{hpa("dw-hpa")}, scale.OwnerHPA, "", hpaWithin},
		{"T-02 KEDA with its HPA", []runtime.Object{scaledObject(nil), hpa("keda-hpa-dw", ofKEDA)}, scale.OwnerKEDA, "", hpaWithin},
		{"T-03 both", []runtime.Object{scaledObject(nil), hpa("keda-hpa-dw", ofKEDA), hpa("zz-hpa")}, scale.OwnerConflict, "", hpaWithin},
		{"T-03 two HPAs", []runtime.Object{hpa("one"), hpa("two")}, scale.OwnerConflict, "", hpaWithin},
		{"T-04 paused, no HPA left", []runtime.Object{paused("paused", "true")}, scale.OwnerKEDA, "fully", 0},
		{"T-04 no boolean pauses", []runtime.Object{paused("paused", "until friday")}, scale.OwnerKEDA, "fully", 0},
		{"T-04 false does not", []runtime.Object{paused("paused", "false")}, scale.OwnerKEDA, "", hpaWithin},
		{"T-04 scale-in", []runtime.Object{paused("paused-scale-in", "true"), hpa("keda-hpa-dw", ofKEDA)}, scale.OwnerKEDA, "scale-in only", hpaWithin},
		{"T-04 going to a count", []runtime.Object{pausedAt}, scale.OwnerKEDA, "at 6 replicas", hpaWithin},
		{"T-04 at the count", []runtime.Object{there}, scale.OwnerKEDA, "at 6 replicas", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := known(t, newStand(append(c.objects, deployment(6))...).Owner(t.Context(), worker))
			if got.Kind != c.kind || got.Paused != c.paused || got.Within != c.within {
				t.Errorf("got %s, paused %q, within %s; want %s, %q, %s", got.Kind, got.Paused, got.Within, c.kind, c.paused, c.within)
			}
		})
	}
}

// R-058, T-02, T-15: bounds, the wanted count, and what each number is a share of.
func TestOwnerNumbers(t *testing.T) {
	h := known(t, newStand(deployment(6), hpa("dw-hpa")).Owner(t.Context(), worker))
	if h.Min != 4 || h.Max != 12 || h.Wants != 7 || !slices.Equal(h.Targets, []string{"cpu 70 % of request, now 82 %"}) {
		t.Errorf("got %+v, want 4 to 12, wants 7, CPU as a share of the request", h)
	}
	k := known(t, newStand(deployment(6), scaledObject(nil)).Owner(t.Context(), worker))
	if k.Min != 4 || k.Max != 12 || k.LagPerReplica != 1000 || len(k.Targets) != 1 || !strings.Contains(k.Targets[0], "÷ 1000") {
		t.Errorf("got %+v, want 4 to 12 and lag over 1000", k)
	}
}

func TestGitOpsOwner(t *testing.T) {
	for manager, want := range map[string]scale.OwnerKind{
		"argocd-controller": scale.OwnerGitOps, "kustomize-controller": scale.OwnerGitOps, "helm-controller": scale.OwnerGitOps,
		"kubectl": scale.OwnerNone, "scalebot": scale.OwnerNone,
	} {
		s := newStand(deployment(6, managedBy(manager, replicasField)))
		if got := known(t, s.Owner(t.Context(), worker)); got.Kind != want {
			t.Errorf("%s: got %s, want %s", manager, got.Kind, want)
		}
	}
}

// No KEDA is none; not being allowed to look is unknown, never none.
func TestOwnerUnknown(t *testing.T) {
	resource := schema.GroupResource{Group: "keda.sh", Resource: "scaledobjects"}
	for _, c := range []struct {
		err   error
		known bool
	}{{apierrors.NewNotFound(resource, ""), true}, {apierrors.NewForbidden(resource, "", errors.New("no")), false}} {
		s := newStand(deployment(6))
		s.dynamic.PrependReactor("list", "scaledobjects", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, c.err })
		if got := s.Owner(t.Context(), worker); got.Known() != c.known {
			t.Errorf("%v: known is %t (%s), want %t", c.err, got.Known(), got.Why(), c.known)
		}
	}
	for _, kind := range []string{"horizontalpodautoscalers", "deployments"} {
		s := newStand(deployment(6))
		s.refuse("*", kind, apierrors.NewForbidden(schema.GroupResource{Resource: kind}, "", errors.New("no")))
		if got := s.Owner(t.Context(), worker); got.Known() || !strings.Contains(got.Why(), "does not allow") {
			t.Errorf("%s forbidden: known is %t, %q", kind, got.Known(), got.Why())
		}
	}
}

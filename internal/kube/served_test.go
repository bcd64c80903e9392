package kube_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/scalebot/scalebot/internal/ledger"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/ledger/ledgertest"
	"github.com/scalebot/scalebot/internal/memnet"
)

const namespace = "kafka-pipeline"

var customKinds = map[schema.GroupVersionResource]string{
	{Group: records.Group, Version: records.Version, Resource: "scalingoperations"}: "ScalingOperationList",
	{Group: records.Group, Version: records.Version, Resource: "scalingepisodes"}:   "ScalingEpisodeList",
}

// served is an API server with real clients of it.
type served struct {
	api    *kubetest.API
	typed  *kubernetes.Clientset
	custom *dynamic.DynamicClient
}

func serve(t *testing.T, objects ...runtime.Object) served {
	t.Helper()
	typed, custom := fake.NewClientset(objects...), dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), customKinds)
	kubetest.Versions(typed)
	kubetest.Versions(custom)
	s := served{api: kubetest.Serve(kubetest.Typed(typed, scheme.Scheme), kubetest.Custom(custom, customKinds))}
	network := memnet.New()
	server := &http.Server{Handler: s.api}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(network) })
	t.Cleanup(func() { _ = server.Close(); serving.Wait() })
	config := &rest.Config{Host: "http://api.test", Dial: network.Dial, QPS: -1}
	var err error
	if s.typed, err = kubernetes.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	if s.custom, err = dynamic.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	return s
}

func workers(name string, replicas int32, labels map[string]string) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: labels, ResourceVersion: "7"},
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas},
	}
}

// The store's contract holds over HTTP as it does on the fakes alone.
func TestServedStoreKeepsTheContract(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		return records.NewStore(serve(t).custom, namespace, slog.New(slog.DiscardHandler))
	})
}

// The scale subresource, a dry run and the precondition travel over HTTP.
func TestServedScale(t *testing.T) {
	s := serve(t, workers("download-worker", 6, nil))
	deployments := s.typed.AppsV1().Deployments(namespace)
	write := func(version string, to int32, options metav1.UpdateOptions) (*autoscalingv1.Scale, error) {
		return deployments.UpdateScale(t.Context(), "download-worker", &autoscalingv1.Scale{
			ObjectMeta: metav1.ObjectMeta{Name: "download-worker", Namespace: namespace, ResourceVersion: version},
			Spec:       autoscalingv1.ScaleSpec{Replicas: to},
		}, options)
	}
	if _, err := write("6", 9, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		t.Errorf("an old version: got %v, want a conflict", err)
	}
	if _, err := write("7", 9, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		t.Errorf("a dry run: %v", err)
	}
	if d, err := deployments.Get(t.Context(), "download-worker", metav1.GetOptions{}); err != nil || *d.Spec.Replicas != 6 {
		t.Fatalf("after a conflict and a dry run: got %+v, %v; want 6 replicas", d, err)
	}
	written, err := write("7", 9, metav1.UpdateOptions{})
	if err != nil || written.Spec.Replicas != 9 || written.ResourceVersion == "7" {
		t.Errorf("got %+v, %v; want 9 under a new version", written, err)
	}
	if got, err := deployments.GetScale(t.Context(), "download-worker", metav1.GetOptions{}); err != nil || got.Spec.Replicas != 9 {
		t.Errorf("got %+v, %v; want 9", got, err)
	}
}

// What does not exist is a 404 that clients recognise, whichever way it is missing.
func TestServedNothing(t *testing.T) {
	s := serve(t)
	_, err := s.typed.AppsV1().Deployments(namespace).Get(t.Context(), "nowhere", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		t.Errorf("no such object: got %v, want not found", err)
	}
	keda := schema.GroupVersionResource{Group: "keda.sh", Version: "v1alpha1", Resource: "scaledobjects"}
	if _, err := s.custom.Resource(keda).Namespace(namespace).List(t.Context(), metav1.ListOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("no such resource: got %v, want not found", err)
	}
}

// Labels select, a patch and a status reach the object, and a deletion ends it.
func TestServedObjects(t *testing.T) {
	mine := map[string]string{"app": "mine"}
	s := serve(t, workers("a", 1, mine), workers("b", 1, nil))
	deployments := s.typed.AppsV1().Deployments(namespace)
	list, err := deployments.List(t.Context(), metav1.ListOptions{LabelSelector: "app=mine"})
	if err != nil || len(list.Items) != 1 || list.Items[0].Name != "a" {
		t.Fatalf("got %v, %v; want a alone", list, err)
	}
	patched, err := deployments.Patch(t.Context(), "a", types.MergePatchType, []byte(`{"spec":{"replicas":3}}`), metav1.PatchOptions{})
	if err != nil || *patched.Spec.Replicas != 3 {
		t.Fatalf("got %v, %v; want 3 replicas", patched, err)
	}
	patched.Status.ReadyReplicas = 3
	if d, err := deployments.UpdateStatus(t.Context(), patched, metav1.UpdateOptions{}); err != nil || d.Status.ReadyReplicas != 3 {
		t.Errorf("got %v, %v; want 3 ready", d, err)
	}
	if err := deployments.Delete(t.Context(), "a", metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
	if err := deployments.Delete(t.Context(), "a", metav1.DeleteOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("deleting it again: got %v, want not found", err)
	}
	if got := s.api.Counts()[kubetest.Call{Group: "apps", Resource: "deployments", Verb: "delete"}]; got != 2 {
		t.Errorf("counted %d deletions, want 2", got)
	}
	if got := s.api.Counts()[kubetest.Call{Group: "apps", Resource: "deployments/status", Verb: "update"}]; got != 1 {
		t.Errorf("counted %d writes of a status, want 1", got)
	}
}

// A watch with a selector tells of an object that leaves the selection as deleted, and
// ends after its time.
func TestServedWatch(t *testing.T) { synctest.Test(t, servedWatch) }

func servedWatch(t *testing.T) {
	s := serve(t)
	ctx := t.Context()
	maps := s.typed.CoreV1().ConfigMaps(namespace)
	for i := range 150 {
		// More than a fake's watcher holds.
		other := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("other-%d", i), Labels: map[string]string{"final": "true"}}}
		if _, err := maps.Create(ctx, other, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"final": "false"}}}
	if _, err := maps.Create(ctx, object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	seconds := int64(1)
	w, err := maps.Watch(ctx, metav1.ListOptions{LabelSelector: "final=false", TimeoutSeconds: &seconds})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	want := func(kind watch.EventType) {
		t.Helper()
		if e := <-w.ResultChan(); e.Type != kind {
			t.Errorf("got %s of %v, want %s", e.Type, e.Object, kind)
		}
	}
	want(watch.Added)
	object.Data = map[string]string{"k": "v"}
	for _, step := range []struct {
		final string
		want  watch.EventType
	}{{"false", watch.Modified}, {"true", watch.Deleted}, {"false", watch.Added}} {
		object.Labels["final"] = step.final
		if _, err := maps.Update(ctx, object, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		want(step.want)
	}
	if e, ok := <-w.ResultChan(); ok {
		t.Errorf("got %v, want the end of the watch", e)
	}
}

// A list comes in pages, in the order of names; what is made or deleted between two pages
// neither doubles nor hides another object.
func TestServedPages(t *testing.T) {
	s := serve(t, workers("e", 1, nil), workers("b", 1, nil), workers("d", 1, nil), workers("a", 1, nil))
	deployments := s.typed.AppsV1().Deployments(namespace)
	first, err := deployments.List(t.Context(), metav1.ListOptions{Limit: 2})
	if err != nil || len(first.Items) != 2 || first.Items[0].Name != "a" || first.Items[1].Name != "b" || first.Continue == "" || *first.RemainingItemCount != 2 {
		t.Fatalf("got %v, %v; want a and b and a position", first, err)
	}
	if err := deployments.Delete(t.Context(), "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	second, err := deployments.List(t.Context(), metav1.ListOptions{Limit: 2, Continue: first.Continue})
	if err != nil || len(second.Items) != 2 || second.Items[0].Name != "d" || second.Items[1].Name != "e" || second.Continue != "" {
		t.Errorf("got %v, %v; want d and e and the end", second, err)
	}
}

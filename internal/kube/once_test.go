package kube

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/scale"
)

// losing is an API server that stores what it is sent and fails to say so, with the time
// after which to ask again.
func losing(t *testing.T, sent map[string]int) *rest.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent[r.Method]++
		answer := apierrors.NewServerTimeout(schema.GroupResource{Group: "apps", Resource: "deployments"}, "update", 1).ErrStatus
		if sent[r.Method] > 1 {
			answer = apierrors.NewConflict(schema.GroupResource{Group: "apps", Resource: "deployments"}, "download-worker", nil).ErrStatus
		}
		answer.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(int(answer.Code))
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return Paced(&rest.Config{Host: server.URL})
}

// A write that was stored and whose answer was lost is not sent again by the library: the
// outcome is unknown, and not a conflict with itself.
func TestAWriteIsSentOnce(t *testing.T) {
	sent := map[string]int{}
	config := losing(t, sent)
	clients := kubernetes.NewForConfigOrDie(config)
	cluster := New(Config{Kubernetes: clients, Clock: pace.New(1)})
	component := scale.Component{Name: "download-worker", Deployment: "download-worker", Namespace: "kafka-pipeline"}
	_, err := cluster.Set(t.Context(), component, change.Step{Do: change.Replicas{From: 6, To: 9}}, "1", false)
	if !scale.IsFault(err, scale.FaultUnknownOutcome) || sent[http.MethodPut] != 1 {
		t.Errorf("the count: got %v after %d writes, want an unknown outcome after 1", err, sent[http.MethodPut])
	}
	_, err = clients.AppsV1().Deployments("kafka-pipeline").Create(t.Context(), &appsv1.Deployment{}, metav1.CreateOptions{})
	if !apierrors.IsServerTimeout(err) || sent[http.MethodPost] != 1 {
		t.Errorf("something new: got %v after %d writes, want the time-out after 1", err, sent[http.MethodPost])
	}
	if seconds, told := apierrors.SuggestsClientDelay(err); !told || seconds != 1 {
		t.Errorf("got %d s, want the time after which to ask again", seconds)
	}
	kept := dynamic.NewForConfigOrDie(config).Resource(records.OperationsResource).Namespace("kafka-pipeline")
	if err := kept.Delete(context.WithoutCancel(t.Context()), "download-worker-1", metav1.DeleteOptions{}); !apierrors.IsServerTimeout(err) || sent[http.MethodDelete] != 1 {
		t.Errorf("a record: got %v after %d writes, want the time-out after 1", err, sent[http.MethodDelete])
	}
}

package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/kube/records"
)

// object is a piece of JSON.
type object map[string]any

const (
	podsEach   = 2 // pods of every deployment.
	started    = "2026-01-01T00:00:00Z"
	namespaced = "/namespaces/{namespace}/"
)

// distance is how long after it was asked the API server answers.
const distance = 5 * time.Millisecond

// kubernetes is as much of an API server as the bot asks for: every deployment exists, is
// rolled out and has two ready pods whose metrics page is this server's own; records, the
// lease and events are kept, compared and watched as a real one does; everything is
// allowed. It answers from some way away and counts what it is asked for.
type kubernetes struct {
	names []string // of the deployments.
	port  string   // where the pods' metrics page is.
}

// asked is what was asked for so far: of what is stored, and of everything.
type asked struct {
	Stored, All int
}

func (k kubernetes) handler() http.Handler {
	var mu sync.Mutex
	var so asked
	mux := k.api()
	outer := http.NewServeMux()
	outer.HandleFunc("GET /asked", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_ = json.NewEncoder(w).Encode(so)
	})
	outer.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			mu.Lock()
			so.All++
			if strings.HasPrefix(r.URL.Path, "/apis/"+records.Group+"/") {
				so.Stored++
			}
			mu.Unlock()
			time.Sleep(distance)
		}
		mux.ServeHTTP(w, r)
	})
	return outer
}

// kept serves what the bot writes, over client-go's fakes as corrected in kubetest.
func kept() http.Handler {
	records := map[schema.GroupVersionResource]string{
		{Group: records.Group, Version: records.Version, Resource: "scalingoperations"}: "ScalingOperationList",
		{Group: records.Group, Version: records.Version, Resource: "scalingepisodes"}:   "ScalingEpisodeList",
	}
	typed, custom := fake.NewClientset(), dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), records)
	kubetest.Versions(typed)
	kubetest.Versions(custom)
	return kubetest.Serve(kubetest.Custom(custom, records), kubetest.Typed(typed, scheme.Scheme))
}

// allowed answers access reviews, whose question does not matter.
func allowed(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(object{"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": object{}, "status": object{"allowed": true}})
}

func (k kubernetes) api() *http.ServeMux {
	mux := http.NewServeMux()
	written := kept()
	for _, group := range []string{records.Group, "coordination.k8s.io", "events.k8s.io"} {
		mux.Handle("/apis/"+group+"/", written)
	}
	mux.HandleFunc("POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", allowed)
	list := func(kind kind, pattern string, items func(deployment string) []object) {
		mux.HandleFunc("GET "+kind.root()+pattern, func(w http.ResponseWriter, r *http.Request) {
			var all []object
			for _, name := range k.selected(r) {
				all = append(all, items(name)...)
			}
			kind.answer(w, r, all)
		})
	}
	fixed := func(kind kind, pattern string, items ...object) {
		mux.HandleFunc("GET "+kind.root()+pattern, func(w http.ResponseWriter, r *http.Request) { kind.answer(w, r, items) })
	}
	mux.HandleFunc("GET /apis/apps/v1"+namespaced+"deployments/{name}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, deployment(r.PathValue("name")))
	})
	list(kind{"apps/v1", "DeploymentList"}, namespaced+"deployments", func(name string) []object { return []object{deployment(name)} })
	list(kind{"apps/v1", "ReplicaSetList"}, namespaced+"replicasets", func(name string) []object { return []object{replicaSet(name)} })
	list(kind{"v1", "PodList"}, namespaced+"pods", k.pods)
	list(kind{"v1", "PodList"}, "/pods", k.pods)
	list(kind{"metrics.k8s.io/v1beta1", "PodMetricsList"}, namespaced+"pods", usages)
	fixed(kind{"v1", "NodeList"}, "/nodes", node)
	fixed(kind{"v1", "ResourceQuotaList"}, namespaced+"resourcequotas")
	fixed(kind{"v1", "LimitRangeList"}, namespaced+"limitranges")
	fixed(kind{"v1", "EventList"}, namespaced+"events")
	fixed(kind{"autoscaling/v2", "HorizontalPodAutoscalerList"}, namespaced+"horizontalpodautoscalers")
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) })
	return mux
}

// kind is what a list says that it is. The client takes a list of another kind for an
// empty one, without an error.
type kind struct{ version, name string }

// root is where the kind's API group is served.
func (k kind) root() string {
	if !strings.Contains(k.version, "/") {
		return "/api/" + k.version
	}
	return "/apis/" + k.version
}

// answer answers with one page of a list. A position is how many objects came before.
func (k kind) answer(w http.ResponseWriter, r *http.Request, all []object) {
	query := r.URL.Query()
	from, _ := strconv.Atoi(query.Get("continue"))
	head, items := object{"resourceVersion": "1"}, all[min(from, len(all)):]
	if limit, _ := strconv.Atoi(query.Get("limit")); limit > 0 && len(items) > limit {
		items = items[:limit]
		head["continue"], head["remainingItemCount"] = strconv.Itoa(from+limit), len(all)-from-limit
	}
	answer(w, object{"kind": k.name, "apiVersion": k.version, "metadata": head, "items": append([]object{}, items...)})
}

func answer(w http.ResponseWriter, body object) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// selected are the deployments a request's selector asks for: one, or all of them.
func (k kubernetes) selected(r *http.Request) []string {
	if _, name, ok := strings.Cut(r.URL.Query().Get("labelSelector"), "app="); ok {
		return []string{name}
	}
	return k.names
}

func meta(name, app string) object {
	return object{
		"name": name, "namespace": "kafka-pipeline", "uid": "uid-" + name, "resourceVersion": "1", "generation": 1,
		"creationTimestamp": started, "labels": object{"app": app}, "annotations": object{"deployment.kubernetes.io/revision": "1"},
	}
}

func owned(m object, kind, owner string) object {
	m["ownerReferences"] = []object{{"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": "uid-" + owner, "controller": true}}
	return m
}

var container = object{"name": "worker", "image": "worker:1", "resources": object{
	"requests": object{"cpu": "250m", "memory": "256Mi"}, "limits": object{"cpu": "1", "memory": "512Mi"},
}}

func deployment(name string) object {
	return object{
		"kind": "Deployment", "apiVersion": "apps/v1", "metadata": meta(name, name),
		"spec": object{
			"replicas": podsEach, "selector": object{"matchLabels": object{"app": name}},
			"template": object{"metadata": object{"labels": object{"app": name}}, "spec": object{"containers": []object{container}}},
		},
		"status": object{"observedGeneration": 1, "replicas": podsEach, "readyReplicas": podsEach, "updatedReplicas": podsEach, "availableReplicas": podsEach},
	}
}

func replicaSet(name string) object {
	return object{
		"metadata": owned(meta(name+"-1", name), "Deployment", name),
		"spec":     object{"replicas": podsEach}, "status": object{"replicas": podsEach, "readyReplicas": podsEach},
	}
}

func (k kubernetes) pods(app string) []object {
	var out []object
	for i := range podsEach {
		m := owned(meta(fmt.Sprintf("%s-1-%d", app, i), app), "ReplicaSet", app+"-1")
		m["annotations"] = object{"prometheus.io/port": k.port, "prometheus.io/path": "/metrics"}
		out = append(out, object{
			"metadata": m, "spec": object{"nodeName": "node-1", "containers": []object{container}},
			"status": object{
				"phase": "Running", "podIP": "127.0.0.1",
				"conditions":        []object{{"type": "Ready", "status": "True", "lastTransitionTime": started}},
				"containerStatuses": []object{{"name": "worker", "ready": true, "restartCount": 0, "state": object{"running": object{"startedAt": started}}}},
			},
		})
	}
	return out
}

func usages(app string) []object {
	var out []object
	for i := range podsEach {
		out = append(out, object{
			"metadata": object{"name": fmt.Sprintf("%s-1-%d", app, i), "namespace": "kafka-pipeline", "labels": object{"app": app}}, "timestamp": started, "window": "30s",
			"containers": []object{{"name": "worker", "usage": object{"cpu": "100m", "memory": "200Mi"}}},
		})
	}
	return out
}

var node = object{
	"metadata": object{"name": "node-1", "uid": "uid-node-1"},
	"status": object{
		"allocatable": object{"cpu": "2000", "memory": "4000Gi", "pods": "2000"},
		"conditions":  []object{{"type": "Ready", "status": "True"}},
	},
}

// page is what a worker says of itself.
const page = `# TYPE kafka_messages_consumed_total counter
kafka_messages_consumed_total{topic="t"} 100
# TYPE kafka_processing_errors_total counter
kafka_processing_errors_total{kind="timeout"} 1
# TYPE processing_duration_seconds histogram
processing_duration_seconds_bucket{le="0.5"} 50
processing_duration_seconds_bucket{le="1"} 90
processing_duration_seconds_bucket{le="5"} 99
processing_duration_seconds_bucket{le="+Inf"} 100
processing_duration_seconds_sum 70
processing_duration_seconds_count 100
# TYPE circuit_breaker_open gauge
circuit_breaker_open 0
`

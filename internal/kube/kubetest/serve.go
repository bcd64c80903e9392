package kubetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/testing"
)

// Invoker is the part that all of client-go's fakes have in common.
type Invoker interface {
	Invokes(action testing.Action, otherwise runtime.Object) (runtime.Object, error)
	InvokesWatch(action testing.Action) (watch.Interface, error)
}

// Source is a fake with the kinds that it serves.
type Source struct {
	fake   Invoker
	kinds  map[schema.GroupVersionResource]schema.GroupVersionKind
	typer  runtime.ObjectTyper
	decode runtime.Decoder
}

// Typed is a fake clientset with the scheme of its kinds.
func Typed(fake Invoker, scheme *runtime.Scheme) Source {
	s := Source{fake: fake, kinds: map[schema.GroupVersionResource]schema.GroupVersionKind{}, typer: scheme}
	s.decode = serializer.NewCodecFactory(scheme).UniversalDeserializer()
	for kind := range scheme.AllKnownTypes() {
		resource, _ := meta.UnsafeGuessKindToResource(kind)
		if kind.Kind == "PodMetrics" {
			resource.Resource = "pods" // the one API whose resources are named after another's.
		}
		s.kinds[resource] = kind
	}
	return s
}

// Custom is a fake dynamic client with the resources and list kinds it was made with.
func Custom(fake Invoker, listKinds map[schema.GroupVersionResource]string) Source {
	s := Source{fake: fake, kinds: map[schema.GroupVersionResource]schema.GroupVersionKind{}, decode: unstructured.UnstructuredJSONScheme}
	for resource, list := range listKinds {
		s.kinds[resource] = resource.GroupVersion().WithKind(strings.TrimSuffix(list, "List"))
	}
	return s
}

// API serves fakes over HTTP as an API server would. Everything goes through their reactors and
// trackers, so the corrections of [Versions] apply here too. It counts the calls.
//
// It has no TLS, no authentication and no discovery, and cannot delete collections.
type API struct {
	sources []Source

	mu    sync.Mutex
	calls map[Call]int
}

// Serve returns an API for the given fakes.
func Serve(sources ...Source) *API { return &API{sources: sources, calls: map[Call]int{}} }

// Counts is how often each call was made so far, refused ones included.
func (a *API) Counts() map[Call]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.calls)
}

func (a *API) count(c Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls[c]++
}

// ServeHTTP answers one call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, err := a.parse(r)
	if err != nil {
		refuse(w, err)
		return
	}
	a.count(q.Call())
	if q.verb == "watch" {
		q.watch(w, r)
		return
	}
	object, err := q.invoke(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	if object == nil {
		object = &metav1.Status{Status: metav1.StatusSuccess}
	}
	q.answer(w, object)
}

// query is one parsed call.
type query struct {
	Source
	verb      string
	resource  schema.GroupVersionResource
	kind      schema.GroupVersionKind
	namespace string
	name, sub string
}

// Call is the query in the form of a Role's rule.
func (q query) Call() Call {
	c := Call{Group: q.resource.Group, Resource: q.resource.Resource, Verb: q.verb}
	if q.sub != "" {
		c.Resource += "/" + q.sub
	}
	return c
}

// parse reads /api/v1/… and /apis/<group>/<version>/…, each with or without namespaces/<name>/.
func (a *API) parse(r *http.Request) (query, error) {
	var q query
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		q.resource.Version, parts = parts[1], parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		q.resource.Group, q.resource.Version, parts = parts[1], parts[2], parts[3:]
	default:
		return q, unserved(r)
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		q.namespace, parts = parts[1], parts[2:]
	}
	q.resource.Resource = parts[0]
	if len(parts) > 1 {
		q.name = parts[1]
	}
	if len(parts) > 2 {
		q.sub = parts[2]
	}
	if q.verb = verbOf(r, q.name); q.verb == "" || len(parts) > 3 {
		return q, unserved(r)
	}
	for _, s := range a.sources {
		if kind, ok := s.kinds[q.resource]; ok {
			q.Source, q.kind = s, kind
			return q, nil
		}
	}
	return q, unserved(r)
}

// unserved is the answer for a path that the server does not have.
func unserved(r *http.Request) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotFound, Reason: metav1.StatusReasonNotFound,
		Message: fmt.Sprintf("the server could not find the requested resource (%s %s)", r.Method, r.URL.Path),
	}}
}

// verbOf is the verb of a Role; empty when there is none for it here.
func verbOf(r *http.Request, name string) string {
	switch one := name != ""; {
	case r.Method == http.MethodGet && one:
		return "get"
	case r.Method == http.MethodGet && watching(r):
		return "watch"
	case r.Method == http.MethodGet:
		return "list"
	case r.Method == http.MethodPost:
		return "create"
	case r.Method == http.MethodPut && one:
		return "update"
	case r.Method == http.MethodPatch && one:
		return "patch"
	case r.Method == http.MethodDelete && one:
		return "delete"
	}
	return ""
}

func watching(r *http.Request) bool {
	w := r.URL.Query().Get("watch")
	return w == "true" || w == "1"
}

// answer writes an object with its kind, which clientsets leave out.
func (q query) answer(w http.ResponseWriter, object runtime.Object) {
	data, err := q.encode(object)
	if err != nil {
		refuse(w, err)
		return
	}
	status := http.StatusOK
	if q.verb == "create" {
		status = http.StatusCreated
	}
	write(w, status, data)
}

func (q query) encode(object runtime.Object) ([]byte, error) {
	if status, ok := object.(*metav1.Status); ok {
		status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		return json.Marshal(status)
	}
	kind := q.kind
	switch {
	case q.typer != nil:
		kinds, _, err := q.typer.ObjectKinds(object)
		if err != nil {
			return nil, err
		}
		kind = kinds[0]
	case meta.IsListType(object):
		kind.Kind += "List"
	}
	object.GetObjectKind().SetGroupVersionKind(kind)
	return json.Marshal(object)
}

// refuse answers with a Status, as an API server tells every error.
func refuse(w http.ResponseWriter, err error) {
	status := apierrors.NewInternalError(err).Status()
	if known := apierrors.APIStatus(nil); errors.As(err, &known) {
		status = known.Status()
	}
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	data, err := json.Marshal(status)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	code := int(status.Code)
	if code < 400 {
		code = http.StatusInternalServerError
	}
	write(w, code, data)
}

func write(w http.ResponseWriter, status int, data []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data) // a client that went away cannot be told.
}

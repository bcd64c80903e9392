package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clientfake "k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/kube/kubetest"
)

// deploymentsResource is where workloads are kept.
var deploymentsResource = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

// apiServer is the cluster of a chaos run: kubetest's corrected fakes behind the REST
// paths the bot calls, so that client-go's own transport, retries and watches are in
// play and a request can be lost before or after it is carried out. All replicas share
// it. Whatever call it does not know is an error of the test.
type apiServer struct {
	typed   plainClientset
	custom  *dynamicfake.FakeDynamicClient
	watchme func(stored)

	mu               sync.Mutex // one request is carried out at a time; never held while waiting.
	requests, inside int
	unknown          []string
	// lists are lists of records as they were last written out, until the next write.
	lists map[string][]byte
	// changes are what watches tell.
	changes changes
}

// stored is a change that was carried out, told while no other can be.
type stored struct {
	by       string // the field manager.
	verb     string
	resource string
	object   runtime.Object
	// before is the replica count a scale had.
	before int32
}

// plainClientset is client-go's fake without its tracker of managed fields, which sorts
// the whole scheme at every write; whose field the replica count is, kubetest keeps.
type plainClientset struct {
	*clientfake.Clientset
	tracker clienttesting.ObjectTracker
}

// Tracker implements kubetest.Fake.
func (c plainClientset) Tracker() clienttesting.ObjectTracker { return c.tracker }

func newPlainClientset(objects ...runtime.Object) plainClientset {
	c := plainClientset{&clientfake.Clientset{}, clienttesting.NewObjectTracker(scheme.Scheme, scheme.Codecs.UniversalDecoder())}
	for _, o := range objects {
		if err := c.tracker.Add(o); err != nil {
			panic(err) // the objects are the test's own.
		}
	}
	c.AddReactor("*", "*", clienttesting.ObjectReaction(c.tracker))
	return c
}

func newAPIServer(watchme func(stored), objects ...runtime.Object) *apiServer {
	kinds := map[schema.GroupVersionResource]string{
		{Group: "scalebot.dev", Version: "v1alpha1", Resource: "scalingoperations"}: "ScalingOperationList",
		{Group: "scalebot.dev", Version: "v1alpha1", Resource: "scalingepisodes"}:   "ScalingEpisodeList",
		{Group: "keda.sh", Version: "v1alpha1", Resource: "scaledobjects"}:          "ScaledObjectList",
		{Group: "argoproj.io", Version: "v1alpha1", Resource: "rollouts"}:           "RolloutList",
	}
	s := &apiServer{
		typed: newPlainClientset(objects...), custom: dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), kinds),
		watchme: watchme, lists: map[string][]byte{},
	}
	kubetest.Versions(s.typed)
	kubetest.Versions(s.custom)
	s.observeChanges()
	return s
}

// call is a request taken apart.
type call struct {
	verb, resource, namespace, name string
	version                         schema.GroupVersionResource
	labels                          labels.Selector
	// field is the name that a field selector asks for.
	field   string
	watch   bool
	dryRun  bool
	manager string
	body    []byte
}

// read takes a request apart. Only paths of resources are known.
func read(r *http.Request) (call, error) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var c call
	switch {
	case len(parts) > 2 && parts[0] == "api":
		c.version.Version, parts = parts[1], parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		c.version.Group, c.version.Version, parts = parts[1], parts[2], parts[3:]
	default:
		return c, fmt.Errorf("the path %s is of no resource", r.URL.Path)
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		c.namespace, parts = parts[1], parts[2:]
	}
	c.version.Resource, c.resource = parts[0], parts[0]
	if len(parts) > 1 {
		c.name = parts[1]
	}
	if len(parts) > 2 {
		c.resource += "/" + parts[2]
	}
	query := r.URL.Query()
	c.watch, c.dryRun, c.manager = query.Get("watch") != "", query.Get("dryRun") != "", query.Get("fieldManager")
	c.field, _ = strings.CutPrefix(query.Get("fieldSelector"), metav1.ObjectNameField+"=")
	if !query.Has("fieldSelector") || strings.HasPrefix(c.field, "type=") {
		c.field = ""
	}
	var err error
	if c.labels, err = labels.Parse(query.Get("labelSelector")); err != nil {
		return c, err
	}
	c.verb = map[string]string{http.MethodGet: "get", http.MethodPost: "create", http.MethodPut: "update", http.MethodDelete: "delete"}[r.Method]
	if c.verb == "get" && c.name == "" {
		c.verb = "list"
	}
	if r.Body != nil {
		c.body, err = io.ReadAll(r.Body)
	}
	return c, err
}

// serve carries a request out at once.
func (s *apiServer) serve(r *http.Request) *http.Response {
	c, err := read(r)
	if err != nil {
		return s.refuse(apierrors.NewBadRequest(err.Error()))
	}
	if c.watch {
		return s.watch(r, c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.noteChanges()
	s.forgetActions()
	if slices.Contains([]string{"scalebot.dev", "keda.sh", "argoproj.io"}, c.version.Group) {
		return s.answerRecords(r, c)
	}
	result, err := s.objects(r, c)
	if err != nil {
		return s.refuse(err)
	}
	return answer(http.StatusOK, s.placed(result))
}

// answerRecords answers for records, keeping lists until the next write: writing them out is
// most of what a play costs. mu is held.
func (s *apiServer) answerRecords(r *http.Request, c call) *http.Response {
	list := ""
	switch c.verb {
	case "list":
		list = c.version.String() + " " + c.namespace + " " + c.labels.String()
		if data, ok := s.lists[list]; ok {
			return written(http.StatusOK, data)
		}
	case "create", "update", "delete":
		s.lists = map[string][]byte{}
	}
	result, err := s.records(r, c)
	if err != nil {
		return s.refuse(err)
	}
	data := mustEncode(s.placed(result))
	if list != "" {
		s.lists[list] = data
	}
	return written(http.StatusOK, data)
}

// forgetActions keeps the fakes' list of what they were asked from growing for hours.
func (s *apiServer) forgetActions() {
	if s.requests++; s.requests%500 == 0 {
		s.typed.ClearActions()
		s.custom.ClearActions()
	}
}

// records are the bot's own resources and other custom ones.
func (s *apiServer) records(r *http.Request, c call) (any, error) {
	in := s.custom.Resource(c.version).Namespace(c.namespace)
	ctx := r.Context()
	switch c.verb {
	case "get":
		return in.Get(ctx, c.name, metav1.GetOptions{})
	case "list":
		return in.List(ctx, metav1.ListOptions{LabelSelector: c.labels.String()})
	case "delete":
		return &metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess}, in.Delete(ctx, c.name, metav1.DeleteOptions{})
	case "create", "update":
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(c.body); err != nil {
			return nil, err
		}
		object, err := s.storeRecord(r, c, in, object)
		if err != nil {
			return nil, err
		}
		s.watchme(stored{by: c.manager, verb: c.verb, resource: c.resource, object: object})
		return object, nil
	}
	return nil, s.stranger(c)
}

func (s *apiServer) storeRecord(r *http.Request, c call, in dynamic.ResourceInterface, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if c.verb == "create" {
		return in.Create(r.Context(), object, metav1.CreateOptions{})
	}
	return in.Update(r.Context(), object, metav1.UpdateOptions{})
}

// objects are Kubernetes' own resources.
func (s *apiServer) objects(r *http.Request, c call) (any, error) {
	ctx, all := r.Context(), metav1.ListOptions{LabelSelector: c.labels.String()}
	switch c.verb + " " + c.resource {
	case "get deployments":
		return s.typed.AppsV1().Deployments(c.namespace).Get(ctx, c.name, metav1.GetOptions{})
	case "list deployments":
		list, err := s.typed.AppsV1().Deployments(c.namespace).List(ctx, all)
		if err == nil && c.field != "" {
			list.Items = slices.DeleteFunc(list.Items, func(d appsv1.Deployment) bool { return d.Name != c.field })
		}
		return list, err
	case "list replicasets":
		return s.typed.AppsV1().ReplicaSets(c.namespace).List(ctx, all)
	case "list pods":
		return s.typed.CoreV1().Pods(c.namespace).List(ctx, all)
	case "list events":
		return s.typed.CoreV1().Events(c.namespace).List(ctx, all)
	case "list resourcequotas":
		return s.typed.CoreV1().ResourceQuotas(c.namespace).List(ctx, all)
	case "list limitranges":
		return s.typed.CoreV1().LimitRanges(c.namespace).List(ctx, all)
	case "list nodes":
		return s.typed.CoreV1().Nodes().List(ctx, all)
	case "list horizontalpodautoscalers":
		return s.typed.AutoscalingV2().HorizontalPodAutoscalers(c.namespace).List(ctx, all)
	case "get leases":
		return s.typed.CoordinationV1().Leases(c.namespace).Get(ctx, c.name, metav1.GetOptions{})
	case "create leases":
		return decoded(c, func(l *coordinationv1.Lease) (any, error) {
			return s.typed.CoordinationV1().Leases(c.namespace).Create(ctx, l, metav1.CreateOptions{})
		})
	case "update leases":
		return decoded(c, func(l *coordinationv1.Lease) (any, error) {
			return s.typed.CoordinationV1().Leases(c.namespace).Update(ctx, l, metav1.UpdateOptions{})
		})
	case "create events":
		return decoded(c, func(e *eventsv1.Event) (any, error) {
			return s.typed.EventsV1().Events(c.namespace).Create(ctx, e, metav1.CreateOptions{})
		})
	case "update deployments/scale":
		return decoded(c, func(wanted *autoscalingv1.Scale) (any, error) { return s.scale(r, c, wanted) })
	}
	if c.version.Group == "metrics.k8s.io" {
		return nil, apierrors.NewNotFound(c.version.GroupResource(), c.name)
	}
	return nil, s.stranger(c)
}

func decoded[T any](c call, do func(*T) (any, error)) (any, error) {
	object := new(T)
	if err := json.Unmarshal(c.body, object); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return do(object)
}

// scale writes a replica count.
func (s *apiServer) scale(r *http.Request, c call, wanted *autoscalingv1.Scale) (any, error) {
	before, err := s.typed.AppsV1().Deployments(c.namespace).Get(r.Context(), c.name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	options := metav1.UpdateOptions{FieldManager: c.manager}
	if c.dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	result, err := s.typed.AppsV1().Deployments(c.namespace).UpdateScale(r.Context(), c.name, wanted, options)
	if err != nil || c.dryRun {
		return result, err
	}
	s.watchme(stored{by: c.manager, verb: c.verb, resource: c.resource, object: result, before: *before.Spec.Replicas})
	return result, nil
}

// change lets somebody inside the cluster change objects, one at a time with requests.
func (s *apiServer) change(do func(tracker clienttesting.ObjectTracker)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.noteChanges()
	do(s.typed.Tracker())
}

// stranger notes a call nobody has thought of.
func (s *apiServer) stranger(c call) error {
	s.unknown = append(s.unknown, c.verb+" "+c.version.String()+" "+c.resource)
	return apierrors.NewMethodNotSupported(c.version.GroupResource(), c.verb)
}

func (s *apiServer) refuse(err error) *http.Response {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		status = apierrors.NewInternalError(err)
	}
	said := status.Status()
	said.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	return answer(int(said.Code), &said)
}

func answer(code int, body any) *http.Response { return written(code, mustEncode(body)) }

func written(code int, data []byte) *http.Response {
	return &http.Response{
		StatusCode: code, Status: http.StatusText(code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(data)), ContentLength: int64(len(data)),
	}
}

// bump gives an object that somebody inside the cluster changes a version of its own;
// the fakes number only what comes through a client. mu is held.
func (s *apiServer) bump(object metav1.Object) {
	s.inside++
	object.SetResourceVersion(fmt.Sprintf("%d", 1_000_000+s.inside))
}

func scaleOf(d *appsv1.Deployment) *autoscalingv1.Scale {
	return &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: d.Name, Namespace: d.Namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: *d.Spec.Replicas}}
}

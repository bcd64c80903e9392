package kubetest

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/testing"
)

// watchPatience ends a watch whose client does not read: a fake's watcher holds few events and
// panics when there are more.
const watchPatience = time.Second

// watch streams the changes of the selected objects until the client disconnects or
// timeoutSeconds have passed. Whatever version the client names, it starts with all present
// objects: it may repeat a few, but misses none.
func (q query) watch(w http.ResponseWriter, r *http.Request) {
	var o metav1.ListOptions
	if err := options(r, &o); err != nil {
		refuse(w, err)
		return
	}
	selector, err := labels.Parse(o.LabelSelector)
	if err != nil {
		refuse(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	// The fake would start with all present objects too, and panic when there are many.
	later := o
	later.ResourceVersion = strconv.FormatInt(math.MaxInt64, 10)
	watcher, err := q.fake.InvokesWatch(testing.NewWatchActionWithOptions(q.resource, q.namespace, later))
	if err != nil {
		refuse(w, err)
		return
	}
	defer watcher.Stop()
	s := stream{query: q, w: w, out: http.NewResponseController(w), selector: selector, seen: map[string]string{}}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	if s.out.Flush() != nil || !s.begin(o) {
		return
	}
	var over <-chan time.Time
	if o.TimeoutSeconds != nil {
		timer := time.NewTimer(time.Duration(*o.TimeoutSeconds) * time.Second)
		defer timer.Stop()
		over = timer.C
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case <-over:
			return
		case e, ok := <-watcher.ResultChan():
			if !ok || !s.send(e) {
				return
			}
		}
	}
}

// stream is one watch.
type stream struct {
	query
	w        http.ResponseWriter
	out      *http.ResponseController
	selector labels.Selector
	// seen are the object versions that the client knows; a fake may report one twice.
	seen map[string]string
}

// begin sends the present objects.
func (s stream) begin(o metav1.ListOptions) bool {
	list, err := s.list(o)
	if err != nil {
		return false
	}
	return meta.EachListItem(list, func(object runtime.Object) error {
		if !s.send(watch.Event{Type: watch.Added, Object: object}) {
			return http.ErrHandlerTimeout
		}
		return nil
	}) == nil
}

// classify is what an event means for the client: an object that left the selection counts as
// deleted, one that entered it as added.
func (s stream) classify(kind watch.EventType, head metav1.Object) (as watch.EventType, news bool) {
	name, version := head.GetNamespace()+"/"+head.GetName(), head.GetResourceVersion()
	before, known := s.seen[name]
	if kind == watch.Deleted || !s.selector.Matches(labels.Set(head.GetLabels())) {
		delete(s.seen, name)
		return watch.Deleted, known
	}
	s.seen[name] = version
	if known {
		return watch.Modified, version == "" || version != before
	}
	return watch.Added, true
}

// send writes an event and reports whether to continue.
func (s stream) send(e watch.Event) bool {
	head, err := meta.Accessor(e.Object)
	if err != nil {
		return false
	}
	kind, news := s.classify(e.Type, head)
	if !news {
		return true
	}
	object, err := s.encode(e.Object)
	if err != nil {
		return false
	}
	line, err := json.Marshal(metav1.WatchEvent{Type: string(kind), Object: runtime.RawExtension{Raw: object}})
	if err != nil || s.out.SetWriteDeadline(time.Now().Add(watchPatience)) != nil {
		return false
	}
	if _, err := s.w.Write(append(line, '\n')); err != nil {
		return false
	}
	return s.out.Flush() == nil
}

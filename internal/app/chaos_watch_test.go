package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	clienttesting "k8s.io/client-go/testing"
)

// changesKept is how many changes the API server of a play remembers at least; a watch from
// before them is answered with 410 Gone.
const changesKept = 300

// changes is what has happened to the objects that can be watched, in its order, so that a watch
// begins exactly where its client's list ended. The apiServer's mutex guards it.
type changes struct {
	sources map[schema.GroupVersionResource]watch.Interface
	// first is the position of all[0]; positions begin with 1.
	first int
	all   []happened
	last  map[string]labels.Set
	// news is closed when something is added.
	news chan struct{}
}

// happened is one change of one object, with the labels it had before.
type happened struct {
	resource schema.GroupVersionResource
	kind     watch.EventType
	object   runtime.Object
	head     metav1.Object
	before   labels.Set
}

func (s *apiServer) observeChanges() {
	s.changes = changes{sources: map[schema.GroupVersionResource]watch.Interface{}, first: 1, last: map[string]labels.Set{}, news: make(chan struct{})}
	for tracker, resources := range map[clienttesting.ObjectTracker][]schema.GroupVersionResource{
		s.typed.Tracker():  {deploymentsResource, podsResource},
		s.custom.Tracker(): {{Group: "scalebot.dev", Version: "v1alpha1", Resource: "scalingoperations"}, {Group: "scalebot.dev", Version: "v1alpha1", Resource: "scalingepisodes"}},
	} {
		for _, resource := range resources {
			source, err := tracker.Watch(resource, chaosNamespace)
			if err != nil {
				panic(err) // the tracker is the test's own.
			}
			s.changes.sources[resource] = source
		}
	}
}

// noteChanges takes over what has changed. mu is held.
func (s *apiServer) noteChanges() {
	noted := false
	for resource, source := range s.changes.sources {
		for more := true; more; {
			select {
			case e := <-source.ResultChan():
				s.changes.add(resource, e)
				noted = true
			default:
				more = false
			}
		}
	}
	if !noted {
		return
	}
	if gone := len(s.changes.all) - changesKept; gone > changesKept {
		s.changes.all, s.changes.first = slices.Clone(s.changes.all[gone:]), s.changes.first+gone
		s.lists = map[string][]byte{} // they name positions that are gone.
	}
	close(s.changes.news)
	s.changes.news = make(chan struct{})
}

func (c *changes) add(resource schema.GroupVersionResource, e watch.Event) {
	object := e.Object.DeepCopyObject()
	head, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	if kinds, _, err := scheme.Scheme.ObjectKinds(object); err == nil {
		object.GetObjectKind().SetGroupVersionKind(kinds[0])
	}
	key := resource.String() + " " + head.GetName()
	before, known := c.last[key]
	if !known && e.Type != watch.Added {
		before = head.GetLabels() // it was there from the beginning.
	}
	c.all = append(c.all, happened{resource, e.Type, object, head, before})
	c.last[key] = head.GetLabels()
	if e.Type == watch.Deleted {
		delete(c.last, key)
	}
}

// position is where a watch begins that is to tell all that happens from now on.
func (c *changes) position() int { return c.first + len(c.all) - 1 }

// placed gives a list the position it was made at. mu is held.
func (s *apiServer) placed(result any) any {
	if object, ok := result.(runtime.Object); ok {
		if list, err := meta.ListAccessor(object); err == nil && meta.IsListType(object) {
			list.SetResourceVersion(strconv.Itoa(s.changes.position()))
		}
	}
	return result
}

// told is what a change is for a watch that selects by labels and a name.
func (h happened) told(c call) (kind watch.EventType, news bool) {
	if h.resource != c.version || c.field != "" && h.head.GetName() != c.field {
		return "", false
	}
	was := h.kind != watch.Added && c.labels.Matches(h.before)
	is := h.kind != watch.Deleted && c.labels.Matches(labels.Set(h.head.GetLabels()))
	switch {
	case was && is:
		return watch.Modified, true
	case is:
		return watch.Added, true
	case was:
		return watch.Deleted, true
	}
	return "", false
}

// watch streams what happens from a position on, until the client goes or its time is over.
func (s *apiServer) watch(r *http.Request, c call) *http.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.changes.position()
	if _, watched := s.changes.sources[c.version]; !watched {
		return s.refuse(s.stranger(c))
	}
	if from := r.URL.Query().Get("resourceVersion"); from != "" {
		at, _ = strconv.Atoi(from)
	}
	if at < s.changes.first-1 {
		return s.refuse(apierrors.NewResourceExpired("too old resource version"))
	}
	seconds, err := strconv.Atoi(r.URL.Query().Get("timeoutSeconds"))
	if err != nil {
		seconds = 300
	}
	body, stream := io.Pipe()
	go func() {
		defer stream.Close() //nolint:errcheck // A pipe's writer closes without error.
		s.pump(r, c, at, time.Duration(seconds)*time.Second, json.NewEncoder(stream))
	}()
	response := answer(http.StatusOK, nil)
	response.Body, response.ContentLength = body, -1
	return response
}

// bookmarkEvery is how often a watch is told where it stands.
const bookmarkEvery = time.Minute

func (s *apiServer) pump(r *http.Request, c call, at int, length time.Duration, to *json.Encoder) {
	limit, bookmarks := time.NewTimer(length), time.NewTicker(bookmarkEvery)
	defer limit.Stop()
	defer bookmarks.Stop()
	for {
		events, next, news, gone := s.since(c, at)
		for _, e := range events {
			if to.Encode(e) != nil {
				return
			}
		}
		if gone {
			return
		}
		at = next
		select {
		case <-r.Context().Done():
			return
		case <-limit.C:
			return
		case <-bookmarks.C:
			if r.URL.Query().Get("allowWatchBookmarks") == "true" && to.Encode(bookmark(c, at)) != nil {
				return
			}
		case <-news:
		}
	}
}

// since are the events after a position, or the error of a watch that was too slow.
func (s *apiServer) since(c call, at int) (events []any, next int, news chan struct{}, gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at < s.changes.first-1 {
		status := apierrors.NewResourceExpired("too old resource version").Status()
		status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		return []any{map[string]any{"type": watch.Error, "object": &status}}, at, nil, true
	}
	for _, h := range s.changes.all[at-s.changes.first+1:] {
		if kind, is := h.told(c); is {
			events = append(events, map[string]any{"type": kind, "object": h.object})
		}
	}
	return events, s.changes.position(), s.changes.news, false
}

// bookmark tells a watch where it stands.
func bookmark(c call, at int) any {
	kind := map[string]schema.GroupVersionKind{
		"deployments": {Group: "apps", Version: "v1", Kind: "Deployment"}, "pods": corev1.SchemeGroupVersion.WithKind("Pod"),
		"scalingoperations": c.version.GroupVersion().WithKind("ScalingOperation"), "scalingepisodes": c.version.GroupVersion().WithKind("ScalingEpisode"),
	}[c.resource]
	return map[string]any{"type": watch.Bookmark, "object": map[string]any{
		"apiVersion": kind.GroupVersion().String(), "kind": kind.Kind, "metadata": map[string]any{"resourceVersion": strconv.Itoa(at)},
	}}
}

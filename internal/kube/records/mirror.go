package records

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/scalebot/scalebot/internal/kube/api"
)

// mirrorLasts is how long the watch is trusted for the unfinished operations before they are
// listed again: a watch may break without a sign.
const mirrorLasts = time.Minute

// errLagging says that a list differs from what the watch has reported.
var errLagging = errors.New("the watch has not told what a list shows")

// mirror holds the unfinished operations, from one list and the watch events since, so that they
// need not be listed every few seconds. It only serves to find work: every change of an operation
// begins with reading that operation, and ends with compare and swap.
type mirror struct {
	mu      sync.Mutex
	objects map[string]*unstructured.Unstructured
	// stands says that the watch is running; checked is when a list last agreed with it. broken
	// ends the watch when a list does not agree.
	stands  bool
	checked time.Time
	broken  context.CancelCauseFunc
}

// begin takes the objects of a list from which a watch continues.
func (m *mirror) begin(objects map[string]*unstructured.Unstructured, at time.Time, broken context.CancelCauseFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.objects, m.checked, m.broken, m.stands = objects, at, broken, true
}

// end forgets everything, because nothing reports changes any more.
func (m *mirror) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.objects, m.broken, m.stands = nil, nil, false
}

// put stores the present version of an operation. An operation that is final leaves the mirror.
func (m *mirror) put(object *unstructured.Unstructured) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !m.stands:
	case object.GetLabels()[finalLabel] == "false":
		m.objects[object.GetName()] = object
	default:
		delete(m.objects, object.GetName())
	}
}

func (m *mirror) drop(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, name)
}

// all returns the unfinished operations; known is false when they have to be listed.
func (m *mirror) all() (objects []*unstructured.Unstructured, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.stands || time.Since(m.checked) >= mirrorLasts {
		return nil, false
	}
	return slices.Collect(maps.Values(m.objects)), true
}

// check compares the mirror with a list. If they differ, it ends the watch so that it starts
// again.
func (m *mirror) check(versions map[string]string, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.stands {
		return
	}
	same := len(versions) == len(m.objects)
	for name, version := range versions {
		same = same && m.objects[name] != nil && m.objects[name].GetResourceVersion() == version
	}
	if !same {
		m.stands = false
		m.broken(errLagging)
		return
	}
	m.checked = at
}

// mirrorOnce lists the unfinished operations and mirrors their changes until the watch ends.
func (s *Store) mirrorOnce(ctx context.Context) error {
	ctx, broken := context.WithCancelCause(ctx)
	defer broken(nil)
	defer s.mirror.end()
	options, at := metav1.ListOptions{LabelSelector: finalLabel + "=false"}, time.Now()
	var objects map[string]*unstructured.Unstructured
	err := api.Pages(ctx, api.CallTimeout, s.operations.List, options, func() { objects = map[string]*unstructured.Unstructured{} }, func(page *unstructured.UnstructuredList) {
		options.ResourceVersion = page.GetResourceVersion()
		for i := range page.Items {
			objects[page.Items[i].GetName()] = &page.Items[i]
		}
	})
	if err != nil {
		return err
	}
	watcher, err := api.OpenWatch(ctx, api.CallTimeout, s.operations.Watch, options, watchSeconds)
	if err != nil {
		return err
	}
	defer watcher.Stop()
	s.mirror.begin(objects, at, broken)
	s.operations.wake()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case event, ok := <-watcher.ResultChan():
			if !ok {
				return nil
			}
			if err := s.mirrored(event); err != nil {
				return err
			}
		}
	}
}

// mirrored applies one event. It ignores bookmarks.
func (s *Store) mirrored(event watch.Event) error {
	object, ok := event.Object.(*unstructured.Unstructured)
	switch {
	case event.Type == watch.Error:
		return apierrors.FromObject(event.Object)
	case event.Type == watch.Bookmark || !ok:
		return nil
	case event.Type == watch.Deleted:
		s.mirror.drop(object.GetName())
	default:
		s.mirror.put(object)
	}
	s.operations.wake()
	return nil
}

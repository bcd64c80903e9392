package records

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// Group and Version of the custom resources in manifests/crd.yaml.
const (
	Group   = "scalebot.dev"
	Version = "v1alpha1"
)

// OperationsResource and EpisodesResource are the custom resources of crd.yaml.
var (
	OperationsResource = schema.GroupVersionResource{Group: Group, Version: Version, Resource: "scalingoperations"}
	EpisodesResource   = schema.GroupVersionResource{Group: Group, Version: Version, Resource: "scalingepisodes"}
)

// The labels by which records are found.
const (
	ComponentLabel = Group + "/component"
	kindLabel      = Group + "/kind"
	finalLabel     = Group + "/final"
	// dayLabel is the day in UTC on which an operation was asked for, or an episode ended.
	dayLabel = Group + "/day"
)

// Store keeps each operation and episode as one custom resource. The object's name contains
// component and number. A replica claims number n+1 by creating the object, and the API server
// lets only one replica create it. Updates carry the resource version that was read.
//
// The whole record is one field of the spec, beside the few fields that kubectl prints. So one
// update changes everything at once, and no reader sees half of it.
type Store struct {
	operations collection
	episodes   collection
	log        *slog.Logger
	marks      marks
	decoded    decoded
	mirror     mirror
	// named are the unreadable records that were logged already.
	named namings
}

// collection is one of the two kinds of records; changes is signalled after each change of one.
type collection struct {
	dynamic.ResourceInterface
	changes chan struct{}
}

func (c collection) wake() {
	select {
	case c.changes <- struct{}{}:
	default:
	}
}

// NewStore returns a store in a namespace. Changes and EpisodeChanges report the changes of other
// replicas only while Run is running.
func NewStore(client dynamic.Interface, namespace string, log *slog.Logger) *Store {
	of := func(kind schema.GroupVersionResource) collection {
		return collection{client.Resource(kind).Namespace(namespace), make(chan struct{}, 1)}
	}
	return &Store{operations: of(OperationsResource), episodes: of(EpisodesResource), log: log}
}

// Changes receives a value some time after an operation changed, by whichever replica.
func (s *Store) Changes() <-chan struct{} { return s.operations.changes }

// EpisodeChanges receives a value some time after an episode changed, by whichever replica.
func (s *Store) EpisodeChanges() <-chan struct{} { return s.episodes.changes }

// storeError says what a failed call to the API server means for the caller.
func storeError(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		return fmt.Errorf("%s: %w", doing, scale.ErrVersion)
	case apierrors.IsNotFound(err):
		return fmt.Errorf("%s: %w", doing, scale.ErrNotStored)
	default:
		return api.Fault(doing, err, false)
	}
}

// create stores a record under a name that must be free. The record with the number before it
// must exist.
func (s *Store) create(ctx context.Context, in collection, object *unstructured.Unstructured) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, api.CallTimeout)
	defer cancel()
	stored, err := in.Create(ctx, object, metav1.CreateOptions{FieldManager: api.FieldManager})
	if err != nil {
		return "", storeError("storing "+object.GetName(), err)
	}
	s.wrote(in, stored)
	return stored.GetResourceVersion(), nil
}

func (s *Store) update(ctx context.Context, in collection, object *unstructured.Unstructured) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, api.CallTimeout)
	defer cancel()
	stored, err := in.Update(ctx, object, metav1.UpdateOptions{FieldManager: api.FieldManager})
	if err != nil {
		return "", storeError("storing "+object.GetName(), err)
	}
	s.wrote(in, stored)
	return stored.GetResourceVersion(), nil
}

// wrote signals a record that this process has written. It also puts an operation into the mirror
// at once, so that a search for work after the write sees what was written.
func (s *Store) wrote(in collection, stored *unstructured.Unstructured) {
	if in.changes == s.operations.changes {
		s.mirror.put(stored)
	}
	in.wake()
}

// remove deletes a record. It is no error if another replica deleted it first.
func (s *Store) remove(ctx context.Context, in dynamic.ResourceInterface, name string) error {
	ctx, cancel := context.WithTimeout(ctx, api.CallTimeout)
	defer cancel()
	err := in.Delete(ctx, name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return storeError("deleting "+name, err)
}

func (s *Store) get(ctx context.Context, in dynamic.ResourceInterface, name string) (*unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(ctx, api.CallTimeout)
	defer cancel()
	object, err := in.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, storeError("reading "+name, err)
	}
	return object, nil
}

// list reads the records with a label, page by page. restart drops the pages handed on so far,
// because the list begins again.
func (s *Store) list(ctx context.Context, in dynamic.ResourceInterface, selector string, restart func(), page func(*unstructured.UnstructuredList)) error {
	list := func(ctx context.Context, options metav1.ListOptions) (*unstructured.UnstructuredList, error) {
		return in.List(ctx, options)
	}
	return storeError("listing what is stored", api.Pages(ctx, api.CallTimeout, list, metav1.ListOptions{LabelSelector: selector}, restart, page))
}

// any reports whether there is a record with a label.
func (s *Store) any(ctx context.Context, in dynamic.ResourceInterface, selector string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, api.CallTimeout)
	defer cancel()
	list, err := in.List(ctx, metav1.ListOptions{LabelSelector: selector, Limit: 1})
	if err != nil {
		return false, storeError("listing what is stored", err)
	}
	return len(list.Items) > 0, nil
}

// watchSeconds is how long the server keeps one watch. The watch selects unfinished records only:
// the server reports a record that becomes final as deleted from the selection.
const watchSeconds = int64(300)

// watchPause is the pause before a broken watch starts again.
const watchPause = 2 * time.Second

// Run watches both resources until the context ends. It signals the changes of other replicas and
// mirrors the unfinished operations. A watch that breaks is started again; meanwhile the runner
// finds changes by polling.
func (s *Store) Run(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.follow(ctx, func(ctx context.Context) error { return s.followOnce(ctx, s.episodes) })
	}()
	s.follow(ctx, s.mirrorOnce)
	<-done
	return nil
}

func (s *Store) follow(ctx context.Context, once func(context.Context) error) {
	for ctx.Err() == nil {
		if err := once(ctx); err != nil && !errors.Is(err, context.Canceled) {
			s.log.InfoContext(ctx, "a watch on the stored records ended", "error", err)
		}
		timer := time.NewTimer(watchPause)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (s *Store) followOnce(ctx context.Context, in collection) error {
	watcher, err := api.OpenWatch(ctx, api.CallTimeout, in.Watch, metav1.ListOptions{LabelSelector: finalLabel + "=false"}, watchSeconds)
	if err != nil {
		return err
	}
	defer watcher.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-watcher.ResultChan():
			if !ok {
				return nil
			}
			if event.Type == watch.Error {
				return apierrors.FromObject(event.Object)
			}
			if event.Type != watch.Bookmark {
				in.wake()
			}
		}
	}
}

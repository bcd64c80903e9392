package api

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// OpenWatch sets up a watch that the server ends after some seconds, with the positions it tells
// meanwhile (bookmarks). A server that does not begin to answer in time has not answered: client-go
// bounds neither that nor the watch itself.
func OpenWatch(
	ctx context.Context, timeout time.Duration, open func(context.Context, metav1.ListOptions) (watch.Interface, error), options metav1.ListOptions, seconds int64,
) (watch.Interface, error) {
	options.AllowWatchBookmarks, options.TimeoutSeconds = true, &seconds
	ctx, cancel := context.WithCancelCause(ctx)
	late := time.AfterFunc(timeout, func() { cancel(context.DeadlineExceeded) })
	w, err := open(ctx, options)
	if !late.Stop() && err == nil {
		w.Stop()
		err = context.DeadlineExceeded
	}
	if err != nil {
		cancel(err)
		return nil, err
	}
	return canceledWatch{w, cancel}, nil
}

// canceledWatch is a watch that ends its call when it is stopped.
type canceledWatch struct {
	watch.Interface
	cancel context.CancelCauseFunc
}

// Stop implements watch.Interface.
func (w canceledWatch) Stop() {
	w.Interface.Stop()
	w.cancel(context.Canceled)
}

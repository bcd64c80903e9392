package api

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// OpenWatch starts a watch with bookmarks that the server ends after some seconds. It fails if
// the server does not begin to answer in time, because client-go sets no deadline for that.
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

// canceledWatch is a watch that cancels its request when it is stopped.
type canceledWatch struct {
	watch.Interface
	cancel context.CancelCauseFunc
}

// Stop implements watch.Interface.
func (w canceledWatch) Stop() {
	w.Interface.Stop()
	w.cancel(context.Canceled)
}

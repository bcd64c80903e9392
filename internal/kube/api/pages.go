package api

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// PageSize is how many objects one answer contains, so that neither side has to hold a large
	// list at once.
	PageSize = 250
	// PageRestarts is how often a list starts again after its position has expired.
	PageRestarts = 2
)

// Pages reads a list page by page and hands each page on; the timeout is for one page. The server
// forgets positions after a few minutes and then answers 410 Gone. Then the list starts again.
// Pages calls restart before every start; it drops the pages handed on before.
func Pages[L metav1.ListInterface](
	ctx context.Context, timeout time.Duration, list func(context.Context, metav1.ListOptions) (L, error), options metav1.ListOptions, restart func(), page func(L),
) error {
	for try := 0; ; try++ {
		restart()
		err := onePass(ctx, timeout, list, options, page)
		expired := apierrors.IsResourceExpired(err) || apierrors.IsGone(err)
		if !expired || try == PageRestarts {
			return err
		}
	}
}

func onePass[L metav1.ListInterface](
	ctx context.Context, timeout time.Duration, list func(context.Context, metav1.ListOptions) (L, error), options metav1.ListOptions, page func(L),
) error {
	options.Limit = PageSize
	for {
		one, err := OnePage(ctx, timeout, list, options)
		if err != nil {
			return err
		}
		page(one)
		if options.Continue = one.GetContinue(); options.Continue == "" {
			return nil
		}
	}
}

// OnePage reads one page of a list, within the timeout.
func OnePage[L metav1.ListInterface](ctx context.Context, timeout time.Duration, list func(context.Context, metav1.ListOptions) (L, error), options metav1.ListOptions) (L, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return list(ctx, options)
}

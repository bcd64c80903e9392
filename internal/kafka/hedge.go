package kafka

import (
	"context"
	"time"
)

// hedges is how many brokers are asked for what any broker can answer.
const hedges = 3

// hedge asks a question that any broker can answer. When one broker fails, or does not answer
// within a share of the deadline, the next one is asked as well, and the first answer counts.
// Questions that are still in flight are then cancelled; Close waits for them to end.
func hedge[T any](ctx context.Context, r *Reader, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, r.config.Timeout)
	defer cancel()
	answers := make(chan found[T], hedges)
	asked, failed := 0, 0
	start := func() {
		if asked == hedges {
			return
		}
		asked++
		r.calls.Go(func() {
			value, err := ask(ctx)
			answers <- found[T]{value, err}
		})
	}
	next := time.NewTicker(r.config.Timeout / (hedges + 1))
	defer next.Stop()
	start()
	var last found[T]
	for {
		select {
		case last = <-answers:
			if failed++; last.err == nil || failed == hedges {
				return last.value, last.err
			}
			start()
		case <-ctx.Done():
			if last.err == nil {
				last.err = ctx.Err()
			}
			return last.value, last.err
		case <-next.C:
			start()
		}
	}
}

// found is a value or the reason why there is none.
type found[T any] struct {
	value T
	err   error
}

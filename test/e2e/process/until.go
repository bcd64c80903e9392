package process

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// pause is between two checks.
const pause = 100 * time.Millisecond

// Until asks again and again until check returns nil or the time is over; the error then tells why the last check failed that had the time to
// end.
func Until(ctx context.Context, within time.Duration, check func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	var last error
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		// A check that is cut off by the end of the time would hide what was wrong until then.
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("given up: %w", last)
			}
			return fmt.Errorf("not within %v: %w", within, last)
		}
	}
}

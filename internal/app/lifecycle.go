package app

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// cleanup is one step to undo at the end, with its name.
type cleanup struct {
	name string
	run  func(context.Context) error
}

// cleanups is a stack of steps to undo, run in reverse order.
type cleanups []cleanup

func (c *cleanups) add(name string, run func(context.Context) error) {
	*c = append(*c, cleanup{name, run})
}

// close runs all cleanups within the given time, even if some fail, and joins the errors.
func (c *cleanups) close(within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	var failures []error
	for i := len(*c) - 1; i >= 0; i-- {
		if err := (*c)[i].run(ctx); err != nil {
			failures = append(failures, fmt.Errorf("stopping %s: %w", (*c)[i].name, err))
		}
	}
	*c = nil
	return errors.Join(failures...)
}

package app

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// cleanup is one thing to undo at the end, by name.
type cleanup struct {
	name string
	run  func(context.Context) error
}

// cleanups is a stack of things to undo, run in reverse.
type cleanups []cleanup

func (c *cleanups) add(name string, run func(context.Context) error) {
	*c = append(*c, cleanup{name, run})
}

// close runs all of them within the given time, whatever fails, and joins the errors.
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

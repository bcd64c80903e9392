package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/scalebot/scalebot/internal/app"
)

// The history of a large fleet must fit into a small pod, so the bot then trades processor
// time, of which it has plenty between samples, for a third less heap. A small fleet has
// no such need, and acknowledges bursts sooner without. GOGC overrides this.
const (
	largeFleet = 100 // components
	gcPercent  = 30
)

// run is the bot in production.
func run(ctx context.Context, args []string, _ io.Writer) error {
	if len(args) > 0 {
		return fmt.Errorf("it takes no arguments, only the environment; got %q", args)
	}
	config, err := app.Load(ctx, os.LookupEnv)
	if err != nil {
		return err
	}
	bot, err := app.New(ctx, config, app.Parts{Log: config.Logger(os.Stderr), Version: buildVersion()})
	if err != nil {
		return err
	}
	if bot.Components() > largeFleet && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if err := bot.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

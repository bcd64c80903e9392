package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/klog/v2"

	"github.com/scalebot/scalebot/internal/app"
)

// run runs the bot in production.
func run(ctx context.Context, args []string, _ io.Writer) error {
	if len(args) > 0 {
		return fmt.Errorf("it takes no arguments, only the environment; got %q", args)
	}
	config, err := app.Load(ctx, os.LookupEnv)
	if err != nil {
		return err
	}
	log := config.Logger(os.Stderr)
	// client-go logs its leader election through klog, which has its own format by default.
	klog.SetSlogLogger(log)
	bot, err := app.New(ctx, config, app.Parts{Log: log, Version: buildVersion()})
	if err != nil {
		return err
	}
	stop := saveMemory(bot.Components())
	defer stop()
	if err := bot.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

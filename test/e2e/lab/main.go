// Command lab keeps the world of the end-to-end tests running, to try the bot by hand against real servers.
//
//	lab prepare # fetch and build what is needed, and name what this machine lacks
//	lab start   # start it and print what `scalebot run` needs
//	lab stop    # end it
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/scalebot/scalebot/test/e2e/cache"
	"github.com/scalebot/scalebot/test/e2e/world"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	base, err := cache.Dir()
	if err != nil {
		return err
	}
	lab := lab{dir: filepath.Join(base, "lab")}
	if len(args) != 1 {
		return errors.New("say prepare, start or stop")
	}
	switch args[0] {
	case "prepare":
		return world.Prepare()
	case "start":
		return lab.start(ctx)
	case "stop":
		return lab.stop(ctx)
	case "serve":
		return lab.serve(ctx)
	}
	return fmt.Errorf("there is no %q; say prepare, start or stop", args[0])
}

// lab is a world that outlives the command that started it.
type lab struct{ dir string }

// startTime is how long all servers may take together.
const startTime = 10 * time.Minute

func (l lab) pidFile() string { return filepath.Join(l.dir, "pid") }
func (l lab) welcome() string { return filepath.Join(l.dir, "welcome") }
func (l lab) log() string     { return filepath.Join(l.dir, "lab.log") }

// serve runs the world until it is asked to end.
func (l lab) serve(ctx context.Context) error {
	w, err := world.Start(ctx, filepath.Join(l.dir, "world"), world.Options{Brokers: 3})
	if err != nil {
		return err
	}
	defer w.Stop()
	text, err := w.Welcome()
	if err != nil {
		return err
	}
	if err := os.WriteFile(l.welcome()+".new", []byte(text), 0o644); err != nil {
		return err
	}
	if err := os.Rename(l.welcome()+".new", l.welcome()); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

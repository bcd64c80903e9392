package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/scalebot/scalebot/internal/stage"
)

// mostSpeed is how fast the runbook's clock may run: at a higher speed people could not follow.
const mostSpeed = 1000

// demo runs the whole product on this machine until it is interrupted.
func demo(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8090", "where the page is served; port 0 picks a free one")
	speed := flags.Float64("speed", 20, "how many times faster than real time the runbook's durations pass; 1 is real time")
	scenario := flags.String("scenario", "calm", "the incident to begin with: "+strings.Join(stage.Scenarios(), ", "))
	headless := flags.Bool("headless", false, "do not open a browser")
	verbose := flags.Bool("verbose", false, "log what the bot does")
	if err := onlyFlags(flags, args); err != nil {
		return err
	}
	if !(*speed >= 1 && *speed <= mostSpeed) {
		return fmt.Errorf("%w: --speed is %g; it may be from 1, which is real time, to %d", errUsage, *speed, mostSpeed)
	}
	log := slog.New(slog.DiscardHandler)
	if *verbose {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
	}
	s, err := stage.Start(ctx, stage.Config{Addr: *addr, Speed: *speed, Scenario: *scenario, Log: log, Version: buildVersion()})
	if err != nil {
		return err
	}
	defer s.Close()
	invite(out, s, *speed)
	if !*headless {
		openBrowser(ctx, s.URL())
	}
	return s.Wait(ctx)
}

func invite(out io.Writer, s *stage.Stage, speed float64) {
	fmt.Fprintf(out, `scalebot demo

  open     %s
  type     /scale download-worker 9     (you act as Ana, who is on call)
  press    Approve, then watch the card and its thread

  Ana and Ben are on call. Either one may approve what is routine, their own 9 too. A risky
  change takes both: /scale download-worker 13 waits for Ben (choose who you are at the top of
  the page). Carl may ask but not approve; Gina, a guest, and Eve, from another company, may not.

  The runbook's clock runs %g times faster than the wall: the reports of
  %s come after %s. Stop with Ctrl-C.
`, s.URL(), speed, stage.ReportTimes(1), stage.ReportTimes(speed))
}

// openBrowser opens the page in a browser, if this machine can. The address is printed anyway, so
// a failure does not matter.
func openBrowser(ctx context.Context, url string) {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	if _, err := exec.LookPath(name); err != nil {
		return
	}
	cmd := exec.CommandContext(ctx, name, args...)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}

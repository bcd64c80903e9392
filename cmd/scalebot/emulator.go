package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/scalebot/scalebot/internal/stage"
)

// emulator runs only the Slack emulator, to try any Slack app with it.
func emulator(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8090", "where it is served; port 0 picks a free one")
	if err := onlyFlags(flags, args); err != nil {
		return err
	}
	s, err := stage.StartEmulator(ctx, *addr)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Fprintf(out, `Slack emulator

  page       %[1]s
  API URL    %[1]s/api/
  tokens     any xoxb-… and xapp-… token

  Stop with Ctrl-C.
`, s.URL())
	return s.Wait(ctx)
}

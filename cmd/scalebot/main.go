package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

// command is one subcommand of scalebot.
type command struct {
	name, summary string
	run           func(ctx context.Context, args []string, out io.Writer) error
}

func commands() []command {
	return []command{
		{"demo", "the whole product on this machine: a pretend Slack, Kafka and cluster, no account needed", demo},
		{"run", "the bot itself, configured by the environment", run},
		{"doctor", "checks tokens, scopes, channel, Kafka, metrics, rights and runbook of an installation", examine},
		{"audit", "the trail of every change: export it, and verify that an export is whole", trail},
		{"emulator", "the Slack emulator alone, to try any Slack app against", emulator},
		{"version", "what this binary is", version},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(realMain(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// errUsage ends the program after a mistake in the arguments. It is not printed, because the flag
// package has explained the mistake already.
var errUsage = errors.New("wrong usage")

// realMain runs one subcommand and returns the exit code: 0 for success, 1 for a
// failure, 2 for wrong usage.
func realMain(ctx context.Context, args []string, out, errOut io.Writer) int {
	if len(args) == 0 {
		usage(errOut)
		return 2
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, args[1:], out)
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			if err.Error() != errUsage.Error() {
				fmt.Fprintf(errOut, "scalebot %s: %v\n", c.name, err)
			}
			return 2
		default:
			fmt.Fprintf(errOut, "scalebot %s: %s\n", c.name, listed(err))
			return 1
		}
	}
	switch args[0] {
	case "help", "-h", "--help":
		usage(out)
		return 0
	}
	fmt.Fprintf(errOut, "scalebot: there is no command %q\n\n", args[0])
	usage(errOut)
	return 2
}

// listed prints an error on one line, and several mistakes on a line each.
func listed(err error) string {
	lines := strings.Split(err.Error(), "\n")
	if len(lines) == 1 {
		return lines[0]
	}
	return "\n  " + strings.Join(lines, "\n  ")
}

// onlyFlags reads the arguments of a command that takes only flags. The error is flag.ErrHelp if
// help was requested and has been printed.
func onlyFlags(flags *flag.FlagSet, args []string) error {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return errUsage
	case flags.NArg() > 0:
		return fmt.Errorf("%w: it takes no arguments beside its flags; got %q (see scalebot %s --help)", errUsage, flags.Args(), flags.Name())
	}
	return nil
}

func usage(w io.Writer) {
	fmt.Fprint(w, "scalebot scales Kafka workers on Kubernetes from the incident channel.\n\nUsage:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  scalebot %-8s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nscalebot demo --help lists the demo's flags; the environment of run is in the README.\n")
}

func version(_ context.Context, _ []string, out io.Writer) error {
	fmt.Fprintln(out, "scalebot", buildVersion())
	return nil
}

// buildVersion is the module version, or the commit this binary was built from.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "commit " + s.Value[:12]
		}
	}
	return "development"
}

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/audit"
	"github.com/scalebot/scalebot/internal/kube/records"
)

const (
	// archived is more operations than a store ever holds, because old ones are pruned.
	archived = 1 << 20
	// archiveTimeout is the deadline for reading the store.
	archiveTimeout = 2 * time.Minute
	// namedRecords is how many unreadable records are named; doctor says why each cannot be read.
	namedRecords = 10
)

const auditUsage = `Usage:
  scalebot audit export [--since TIME] [--component NAME]   the stored trail as hash-chained JSON lines
  scalebot audit verify [FILE]                              whether a trail is whole; without a file, standard input
`

// trail prints the audit trail, or checks one that was printed earlier.
func trail(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, auditUsage)
		return errUsage
	}
	switch args[0] {
	case "export":
		return export(ctx, args[1:], out)
	case "verify":
		return verify(args[1:], os.Stdin, out)
	case "help", "-h", "--help":
		fmt.Fprint(out, auditUsage)
		return nil
	}
	fmt.Fprintf(os.Stderr, "there is no audit command %q\n\n%s", args[0], auditUsage)
	return errUsage
}

func export(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("audit export", flag.ContinueOnError)
	since := flags.String("since", "", "drop what happened before: a date 2026-03-01, a time 2026-03-01T03:00:00Z, or an age such as 72h")
	component := flags.String("component", "", "only this component, by its full name")
	if err := onlyFlags(flags, args); err != nil {
		return err
	}
	filter := audit.Filter{Component: *component}
	var err error
	if filter.Since, err = moment(*since, time.Now()); err != nil {
		return err
	}
	store, err := app.Archive(ctx, os.LookupEnv)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, archiveTimeout)
	defer cancel()
	operations, err := store.Newest(ctx, *component, archived)
	if err != nil {
		return fmt.Errorf("reading the stored operations: %w", err)
	}
	if _, err = audit.Write(out, audit.Records(operations, filter)); err != nil {
		return err
	}
	return missing(ctx, store)
}

// missing says which stored records are not in the trail because this version cannot read them: a
// trail with a gap must not look complete.
func missing(ctx context.Context, store *records.Store) error {
	_, broken, err := store.Unreadable(ctx)
	if err != nil {
		return fmt.Errorf("looking for records that cannot be read: %w", err)
	}
	if len(broken) == 0 {
		return nil
	}
	var names []string
	for _, record := range broken[:min(len(broken), namedRecords)] {
		names = append(names, record.Name)
	}
	return fmt.Errorf("the trail is not complete: %d of the stored records cannot be read by this version (%s); export with the one that wrote them",
		len(broken), strings.Join(names, ", "))
}

// moment reads a point in time; empty means the beginning.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if age, err := time.ParseDuration(text); err == nil && age >= 0 {
		return now.Add(-age), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--since %q is neither a date such as 2026-03-01, a time such as 2026-03-01T03:00:00Z, nor an age such as 72h", text)
}

// verify says that a trail is intact, with the seal to store elsewhere, or where it is broken.
func verify(args []string, in io.Reader, out io.Writer) error {
	if len(args) > 1 {
		return fmt.Errorf("it takes one file; got %q", args)
	}
	if len(args) == 1 && args[0] != "-" {
		file, err := os.Open(args[0])
		if err != nil {
			return fmt.Errorf("opening the trail: %w", err)
		}
		defer file.Close()
		in = file
	}
	seal, err := audit.Verify(in)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "ok: %d records, head %s\n", seal.Count, seal.Head)
	return nil
}

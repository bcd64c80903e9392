package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/doctor"
)

// errUnwell is the error of a doctor that has found and printed problems.
var errUnwell = errors.New("something failed")

// examine checks the installation that the environment variables describe, the same ones as for
// run.
func examine(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print one JSON document instead of lines")
	if err := onlyFlags(flags, args); err != nil {
		return err
	}
	report, err := examined(ctx)
	if err == nil {
		err = printed(out, report, *asJSON)
	}
	if err == nil && report.Failed() {
		err = errUnwell
	}
	return err
}

func examined(ctx context.Context) (doctor.Report, error) {
	config, err := app.Load(ctx, os.LookupEnv)
	if err != nil {
		return doctor.Misconfigured(err), nil
	}
	return app.Examine(ctx, config, app.Parts{Version: buildVersion()})
}

func printed(out io.Writer, report doctor.Report, asJSON bool) error {
	if !asJSON {
		return report.Print(out)
	}
	data, err := json.MarshalIndent(struct {
		doctor.Report
		OK      bool   `json:"ok"`
		Summary string `json:"summary"`
	}{report, !report.Failed(), report.Summary()}, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the report: %w", err)
	}
	_, err = fmt.Fprintln(out, string(data))
	return err
}

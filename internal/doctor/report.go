package doctor

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// Level is how serious a finding is.
type Level string

// The levels. A failure stops the bot from working, a warning concerns a part of its work.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "FAIL"
)

// Line is one finding.
type Line struct {
	Level Level `json:"level"`
	// Check is what was checked: "slack scopes".
	Check string `json:"check"`
	// Text is what was found, and Next what to do about it; Next is empty when all is well.
	Text string `json:"text"`
	Next string `json:"next,omitempty"`
}

// Report is all findings in the order of the checks.
type Report struct {
	Lines []Line `json:"lines"`
}

// check is one check. It has its own deadline and may return several findings.
type check struct {
	name string
	run  func(ctx context.Context) []Line
}

const (
	// atOnce bounds the checks that run at the same time. checkTimeout is the deadline of each,
	// in wall time: the report is ready within ten seconds even if a system does not answer.
	atOnce       = 64
	checkTimeout = 9 * time.Second
)

// examine runs all checks and keeps their order.
func examine(ctx context.Context, checks []check) Report {
	found := make([][]Line, len(checks))
	slots := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i, c := range checks {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			ctx, cancel := context.WithTimeout(ctx, checkTimeout)
			defer cancel()
			found[i] = c.run(ctx)
		})
	}
	running.Wait()
	var report Report
	for i, lines := range found {
		for _, l := range lines {
			l.Check = checks[i].name
			report.Lines = append(report.Lines, l)
		}
	}
	return report
}

// Failed reports whether there is a FAIL.
func (r Report) Failed() bool { return r.count(Fail) > 0 }

func (r Report) count(level Level) int {
	n := 0
	for _, l := range r.Lines {
		if l.Level == level {
			n++
		}
	}
	return n
}

// Summary is the report in one sentence.
func (r Report) Summary() string {
	return fmt.Sprintf("%d ok, %d to look at, %d failed", r.count(OK), r.count(Warn), r.count(Fail))
}

// Print writes one line for each finding, with what to do next below it, and the summary.
func (r Report) Print(w io.Writer) error {
	for _, l := range r.Lines {
		if _, err := fmt.Fprintf(w, "%-4s  %s: %s\n", l.Level, l.Check, l.Text); err != nil {
			return err
		}
		if l.Next == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "      → %s\n", l.Next); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, r.Summary())
	return err
}

func well(format string, args ...any) []Line {
	return []Line{{Level: OK, Text: fmt.Sprintf(format, args...)}}
}

func bad(level Level, err error, next string) []Line {
	return []Line{{Level: level, Text: err.Error(), Next: next}}
}

package doctor

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/runbook"
)

// A check that hangs is ended by its deadline, and keeps no other from its answer.
func TestChecksHaveDeadlinesAndOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		report := examine(t.Context(), []check{
			{"slow", func(ctx context.Context) []Line { <-ctx.Done(); return bad(Fail, ctx.Err(), "Wait.") }},
			{"quick", func(context.Context) []Line { return well("%d", 1) }},
			{"odd", func(context.Context) []Line { return bad(Warn, errors.New("so so"), "Look.") }},
		})
		if took := time.Since(began); took != checkTimeout {
			t.Errorf("it took %v, want %v", took, checkTimeout)
		}
		var b strings.Builder
		if err := report.Print(&b); err != nil {
			t.Fatal(err)
		}
		want := "FAIL  slow: context deadline exceeded\n      → Wait.\nok    quick: 1\nwarn  odd: so so\n      → Look.\n1 ok, 1 to look at, 1 failed\n"
		if b.String() != want || !report.Failed() {
			t.Errorf("got\n%s\nwant\n%s", b.String(), want)
		}
	})
}

// Every problem of the runbook file is a line of its own that names its place.
func TestRunbookProblemsKeepTheirLines(t *testing.T) {
	_, err := runbook.Parse("team.yaml", []byte("components:\n  - name: download-worker\n    mni: 6\n    low: none\n"))
	lines := Subject{BookErr: err, Book: runbook.Default()}.runbook(t.Context())
	if len(lines) != 2 || !strings.Contains(lines[0].Text, "team.yaml:3:5") || !strings.Contains(lines[1].Text, "team.yaml:4") {
		t.Errorf("got %+v from %v", lines, err)
	}
}

func TestClockSkew(t *testing.T) {
	for _, test := range []struct {
		off  time.Duration
		want Level
	}{{0, OK}, {-4 * time.Second, OK}, {20 * time.Second, Warn}, {-2 * time.Minute, Fail}} {
		if got := skew(test.off)[0].Level; got != test.want {
			t.Errorf("%v: got %s, want %s", test.off, got, test.want)
		}
	}
}

// The doctor asks for the rights of the Role that is installed, and no others.
func TestRoleIsTheInstalledOne(t *testing.T) {
	rules, err := role()
	if err != nil || len(rules) < 8 {
		t.Errorf("got %d rules and %v", len(rules), err)
	}
}

// Checks that begin with the same question ask it once: brokers and Slack are not called
// twice because the checks run side by side.
func TestTheSameQuestionIsAskedOnce(t *testing.T) {
	asked := 0
	hello := once(func(context.Context) (string, error) { asked++; return "scalebot", errors.New("so so") })
	same := func(ctx context.Context) []Line {
		name, err := hello(ctx)
		return bad(Warn, err, name)
	}
	report := examine(t.Context(), []check{{"one", same}, {"two", same}, {"three", same}})
	for _, l := range report.Lines {
		if l.Text != "so so" || l.Next != "scalebot" {
			t.Errorf("%s: got %+v, want what the others were told", l.Check, l)
		}
	}
	if asked != 1 || len(report.Lines) != 3 {
		t.Errorf("asked %d times for %d lines, want once for three", asked, len(report.Lines))
	}
}

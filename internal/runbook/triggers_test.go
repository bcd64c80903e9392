package runbook

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// written is a limit of the unit as a file has it, and what that is in the policy.
func written(u judge.Unit) (text string, value float64) {
	switch u {
	case judge.Seconds:
		return "7s", 7
	case judge.Share:
		return "50%", 0.5
	case judge.MessagesPerSecond:
		return "42", 42
	case judge.Messages:
	}
	return "4200", 4200
}

// a team's file can set the limit of every trigger that has one, and how long
// it must hold; only what asks for action has a time to act.
func TestEveryTriggerHasItsSetting(t *testing.T) {
	for _, row := range judge.Triggers() {
		if row.Limit == nil {
			continue
		}
		text, value := written(row.Setting.Unit)
		action := ""
		if row.Advises == scale.ScaleUp {
			action = ", within: 11m, urgency: info"
		}
		file := fmt.Sprintf("%s: {%s: {%s: %s, for: 13m%s}}", row.Setting.Section, row.Setting.Key, row.Setting.Bound, text, action)
		book, err := Parse("team.yaml", []byte(file))
		if err != nil {
			t.Errorf("%s: got %v", row.Rule, err)
			continue
		}
		got := *row.Limit(&book.Policy)
		if got.Value != value || got.For != 13*time.Minute || action != "" && (got.Within != 11*time.Minute || got.Urgency != scale.UrgencyInfo) {
			t.Errorf("%s: got %+v from %q", row.Rule, got, file)
		}
		if row.Advises == scale.ScaleDown {
			wantProblem(t, fmt.Sprintf("scaleDown: {%s: {urgency: info}}", row.Setting.Key), `unknown setting "urgency"`)
		}
	}
}

// a trigger that waits for longer than the history reaches is refused, whichever it is.
func TestAWindowThatDoesNotFitIsRefused(t *testing.T) {
	for _, row := range judge.Triggers() {
		if row.Limit != nil {
			wantProblem(t, fmt.Sprintf("times: {sample: 5s}\n%s: {%s: {for: 24h}}", row.Setting.Section, row.Setting.Key),
				"times.sample: the longest window of the rules would not fit")
		}
	}
}

// wantProblem reads a file and looks for a mistake in it.
func wantProblem(t *testing.T, file, want string) {
	t.Helper()
	if _, err := Parse("team.yaml", []byte(file)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%q: got %v, want %q", file, err, want)
	}
}

// a change may have any number of reports, in rising order, each named by its
// time.
func TestAnyNumberOfReportsIsValid(t *testing.T) {
	for list, want := range map[string][]string{
		"[10m]":                 {"10 min"},
		"[5m, 1h]":              {"5 min", "1 h"},
		"[5m, 15m, 1h]":         {"5 min", "15 min", "1 h"},
		"[5m, 15m, 1h, 4h]":     {"5 min", "15 min", "1 h", "4 h"},
		"[2m, 3m, 4m, 5m, 24h]": {"2 min", "3 min", "4 min", "5 min", "1 d"},
	} {
		var got []string
		for _, h := range parse(t, "times: {reports: "+list+"}").Policy.Times.Horizons {
			got = append(got, h.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", list, got, want)
		}
	}
	wantProblem(t, "times: {reports: []}", "want one to 12 times")
	wantProblem(t, "times: {reports: [5m, 5m]}", "want them ascending")
	wantProblem(t, "times: {reports: [1h, 15m]}", "want them ascending")
	wantProblem(t, "times: {reports: ["+strings.TrimSuffix(hours(13), ", ")+"]}", "want one to 12 times")
}

func hours(n int) string {
	var list strings.Builder
	for i := range n {
		fmt.Fprintf(&list, "%dh, ", i+1)
	}
	return list.String()
}

package lever

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// stranger is a change of a kind that nobody has made a lever for.
type stranger struct{ change.Change }

// Nothing is judged by the lever of another kind: what cannot be judged stops, and says what it was.
func TestAChangeWithoutALeverStops(t *testing.T) {
	for name, steps := range map[string][]ledger.Step{
		"<nil>": nil, "lever.stranger": ledger.StepsOf(change.Step{Do: stranger{}}),
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, `"download-worker-17" changes `+name) {
					t.Errorf("got %q, want it told that %s has no lever", said, name)
				}
			}()
			Of(ledger.Operation{ID: "download-worker-17", Steps: steps})
		}()
	}
}

// A report looks back at the counts of the step: 6 workers before, 9 after.
func TestAReportIsOnTheCountsOfTheStep(t *testing.T) {
	op := operation(measuretest.Spike(14_200), 9)
	w := measuretest.Spike(14_200).Workers(9)
	w.Now.At = scaletest.Start.Add(5 * time.Minute)
	w.Now.Workload.At = w.Now.At
	report := Of(op).Report(w.Component, w.Policy, 0, w.Now, w.Past)
	pods := measuretest.WantCheck(t, report.Checks, "R-114", scale.Pass)
	if report.Horizon != w.Policy.Times.Horizons[0].Name || !report.Due.Equal(scaletest.Start.Add(w.Policy.Times.Horizons[0].After)) || pods.Before != "6/6 ready" || pods.After != "9/9 ready" {
		t.Errorf("got %s due %v: %s", report.Horizon, report.Due, measuretest.Line(pods))
	}
	undone := w.Workers(7)
	undone.Now.At = scaletest.Start.Add(5 * time.Minute)
	report = Of(op).Report(w.Component, w.Policy, 0, undone.Now, undone.Past)
	if report.Verdict != scale.VerdictNotApplied || !strings.Contains(report.Why, "7 replicas are wanted now, not 9") {
		t.Errorf("got %s because %q", report.Verdict, report.Why)
	}
}

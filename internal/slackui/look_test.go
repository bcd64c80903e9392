package slackui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/scale"
)

// TestButtonsFitTheState: never a button that does nothing, and values carry
// the id only.
func TestButtonsFitTheState(t *testing.T) {
	want := map[scale.State]string{
		scale.Proposed: "adjust approve cancel decline", scale.Approved: "cancel", scale.Failed: "diagnose rollback",
	}
	for _, s := range scale.States {
		found := actionsOf(OperationLook(operation(s)))
		if got := strings.Join(slices.Sorted(maps.Keys(found)), " "); got != want[s] {
			t.Errorf("%s: got buttons %q, want %q", s, got, want[s])
		}
		for action, value := range found {
			if value != "download-worker-17" {
				t.Errorf("%s: %s carries %q, want the operation's id", s, action, value)
			}
		}
	}
}

func TestTheApproverStaysNamed(t *testing.T) {
	for _, s := range []scale.State{scale.Approved, scale.Applying, scale.Settling, scale.Watching, scale.Done, scale.Failed, scale.Superseded} {
		if got := string(wire(t, OperationLook(operation(s)))); !strings.Contains(got, "Approved by <@U0ANA>") {
			t.Errorf("%s: the card does not say who approved", s)
		}
	}
}

func TestALargeChangeAsksLouder(t *testing.T) {
	quiet, loud := operation(scale.Proposed), operation(scale.Proposed)
	loud.Plan.Loud = true
	if got := approvalDialog(quiet); strings.Contains(got.title, "Large") || !strings.Contains(got.title, "6 → 9") {
		t.Errorf("got title %q, want the numbers", got.title)
	}
	if got := approvalDialog(loud); !strings.Contains(got.title, "Large change") || !strings.Contains(got.text, "warnings") {
		t.Errorf("got %+v, want a louder dialog", got)
	}
}

// TestUnknownIsNeverZeroAndNeverAPass draws nouns of which nothing is known.
func TestUnknownIsNeverZeroAndNeverAPass(t *testing.T) {
	op := scale.Operation{ID: "w-1", Component: "w", Change: scale.Replicas{From: 1, To: 2}, Events: []scale.Event{{State: scale.Proposed}}}
	op.Plan.Checklist = []scale.Check{{Name: "lag"}}
	op.Reports = []scale.Report{{Horizon: "5 min", MadeAt: noon, Checks: []scale.Check{{Name: "errors", Result: "odd"}}}}
	for name, l := range map[string]Look{"card": OperationLook(op), "report": ReportLook(op, 0)} {
		got := string(wire(t, l))
		if strings.Contains(got, "✅") || strings.Contains(got, "pass") {
			t.Errorf("%s: what is unknown passes:\n%s", name, got)
		}
		if !strings.Contains(got, "unknown") {
			t.Errorf("%s: nothing is said to be unknown:\n%s", name, got)
		}
	}
	if got := lagFact(op); !strings.Contains(got, "unknown") || strings.Contains(got, "0") {
		t.Errorf("got lag %q, want unknown", got)
	}
}

func TestASparklineShowsAGapForUnknown(t *testing.T) {
	for _, tt := range []struct {
		values []int64
		want   string
	}{
		{nil, ""}, {[]int64{5}, ""}, {[]int64{-1, -1, 3}, ""}, {[]int64{0, 7}, "▁█"}, {[]int64{4, 4}, "▁▁"}, {[]int64{0, -1, 7}, "▁·█"},
	} {
		if got := sparkline(tt.values); got != tt.want {
			t.Errorf("sparkline(%v): got %q, want %q", tt.values, got, tt.want)
		}
	}
	long := make([]int64, 100)
	for i := range long {
		long[i] = int64(i)
	}
	if got := len([]rune(sparkline(long))); got != sparkPoints {
		t.Errorf("got %d points, want %d", got, sparkPoints)
	}
}

func TestTheBarNeverOverflows(t *testing.T) {
	for _, tt := range []struct {
		done, all int
		want      string
	}{{0, 3, "▱▱▱"}, {2, 3, "▰▰▱"}, {5, 3, "▰▰▰"}, {-1, 3, ""}, {1, 0, ""}, {50, 100, "▰▰▰▰▰▰▱▱▱▱▱▱"}} {
		if got := bar(tt.done, tt.all); got != tt.want {
			t.Errorf("bar(%d, %d): got %q, want %q", tt.done, tt.all, got, tt.want)
		}
	}
}

// TestTheChartLeavesOutWhatIsUnknown: a gap is not a zero, and labels differ.
func TestTheChartLeavesOutWhatIsUnknown(t *testing.T) {
	op := operation(scale.Watching)
	block, ok := nativeChart(op, report()).(*slack.DataVisualizationBlock)
	if !ok {
		t.Fatal("no chart")
	}
	line := block.Chart.(*slack.DataVisualizationLineChart)
	if got := len(line.Series[0].Data); got != 20 {
		t.Errorf("got %d points, want Slack's 20", got)
	}
	for _, p := range line.Series[0].Data {
		if p.Value <= 0 {
			t.Errorf("got %v at %s; an unknown point was drawn", p.Value, p.Label)
		}
	}
	few := report()
	few.Chart = few.Chart[4:6]
	if nativeChart(op, few) != nil {
		t.Error("a chart of one known point was drawn")
	}
	same := report()
	for i := range same.Chart {
		same.Chart[i].At = noon
	}
	if nativeChart(op, same) == nil {
		t.Error("points of one second give no chart; their labels must be kept apart")
	}
}

func TestThePictureIsAPNG(t *testing.T) {
	data, err := pngChart(operation(scale.Watching), report())
	if err != nil || !strings.HasPrefix(string(data), "\x89PNG") {
		t.Errorf("got %d bytes, %v, want a PNG", len(data), err)
	}
	empty := report()
	empty.Chart = nil
	if data, err := pngChart(operation(scale.Watching), empty); data != nil || err != nil {
		t.Errorf("got %d bytes, %v, want nothing", len(data), err)
	}
}

func TestASnoozeMenuCarriesItsEpisode(t *testing.T) {
	got := actionsOf(EpisodeLook(episode()))
	want := map[string]string{"scale_recommended": "download-worker-alert-3", "diagnose": "download-worker-alert-3", "snooze": "download-worker-alert-3"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	useless := episode()
	useless.Advice = scale.Recommendation{Action: scale.Hold, From: 6, To: 6, Vetoes: []string{"one partition holds the lag"}}
	if _, ok := actionsOf(EpisodeLook(useless))[commands.ActionScaleRecommended]; ok {
		t.Error("a change that would not help is offered")
	}
}

// pods with the same trouble are named together.
func TestPodsWithTheSameTroubleShareALine(t *testing.T) {
	got := together([]string{"w-1: ImagePullBackOff: not found", "w-2: Unschedulable", "w-3: ImagePullBackOff: not found", "quota exceeded"})
	want := []string{"w-1, w-3: ImagePullBackOff: not found", "w-2: Unschedulable", "quota exceeded"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A warning that is the recommendation's own objection is read once.
func TestAWarningIsNotToldTwice(t *testing.T) {
	op := operation(scale.Proposed)
	op.Advice.Vetoes = []string{"the nodes are full"}
	op.Plan.Warnings = []string{"the nodes are full", "results lag as well"}
	rows := strings.Join(warningRows(op), "\n")
	if strings.Count(rows, "the nodes are full") != 1 || !strings.Contains(rows, "results lag as well") {
		t.Errorf("got %q, want each of the two once", rows)
	}
}

// T-01: what somebody else undid is not to be rolled back once more, and its reports are
// closed in one row.
func TestAnUndoneChangeOffersNoRollBack(t *testing.T) {
	op := operation(scale.Failed)
	op.Rollout.RevertedBy, op.Rollout.RevertedTo = "HPA download-worker-hpa", op.Change.From
	op.Reports = nil
	for _, horizon := range []string{"5 min", "15 min", "1 h"} {
		op.Reports = append(op.Reports, scale.Report{Horizon: horizon, Closed: "set by an HPA"})
	}
	look := OperationLook(op)
	if wire := string(wire(t, look)); strings.Contains(wire, "Roll back") {
		t.Errorf("got %s, want no button to roll back", wire)
	}
	if got, want := reportRows(op), "➖ *5 min*, *15 min*, *1 h* set by an HPA"; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q alone", got, want)
	}
}

// TestTheCardCountsApprovals: a risky change says why it takes two people and whose
// approval is there; breaking the glass stays visible.
func TestTheCardCountsApprovals(t *testing.T) {
	op := operation(scale.Proposed)
	op.Approvals = 2
	op.Plan.Risks = []scale.Risk{{Class: scale.RiskAboveRecommended, Why: "13 is above the recommended 6–12"}}
	op.Events = append(op.Events, scale.Event{At: noon, Code: scale.CodeApproval, By: scale.Person{ID: "U0ANA"}, Note: "asked for it"})
	waiting := string(wire(t, OperationLook(op)))
	for _, want := range []string{"Why this takes two people", "13 is above the recommended", "1 of 2 approvals: <@U0ANA>"} {
		if !strings.Contains(waiting, want) {
			t.Errorf("the card does not say %q", want)
		}
	}
	if strings.Contains(waiting, "Anyone on call may decide") || strings.Contains(waiting, "📝") {
		t.Error("an approval looks like a remark, or one person seems to be enough")
	}
	alone := append(op.Events[:len(op.Events):len(op.Events)], scale.Event{State: scale.Approved, At: noon, Code: scale.CodeBreakGlass, By: scale.Person{ID: "U0BEN"}, Note: "nobody answers"})
	op.Events = alone
	if got := string(wire(t, OperationLook(op))); !strings.Contains(got, "carried alone by <@U0BEN>") {
		t.Error("the card does not say that the glass was broken")
	}
}

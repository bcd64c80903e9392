package cards_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/cards/cardstest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// TestButtonsFitTheState: never a button that does nothing, and values carry
// the id only.
func TestButtonsFitTheState(t *testing.T) {
	want := map[ledger.State]string{
		ledger.Proposed: "adjust approve cancel decline", ledger.Approved: "cancel", ledger.Failed: "diagnose rollback",
	}
	for _, s := range ledger.States {
		found := actionsOf(cards.DrawOperation(slackuitest.Operation(s)))
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
	for _, s := range []ledger.State{ledger.Approved, ledger.Applying, ledger.Settling, ledger.Watching, ledger.Done, ledger.Failed, ledger.Superseded} {
		if got := string(cardstest.Wire(t, cards.DrawOperation(slackuitest.Operation(s)))); !strings.Contains(got, "Approved by <@U0ANA>") {
			t.Errorf("%s: the card does not say who approved", s)
		}
	}
}

func TestALargeChangeAsksLouder(t *testing.T) {
	quiet, prominent := slackuitest.Operation(ledger.Proposed), slackuitest.Operation(ledger.Proposed)
	prominent.Plan.Prominent = true
	if got := cards.ApprovalDialog(quiet); strings.Contains(got.Title, "Large") || !strings.Contains(got.Title, "6 → 9") {
		t.Errorf("got title %q, want the numbers", got.Title)
	}
	if got := cards.ApprovalDialog(prominent); !strings.Contains(got.Title, "Careful") || !strings.Contains(got.Text, "warnings") {
		t.Errorf("got %+v, want a louder dialog", got)
	}
}

// What is not routine is not for anyone to decide: whoever asked may have to leave it to others.
func TestTheCardPromisesNoApprovalToWhoeverAsked(t *testing.T) {
	for prominent, want := range map[bool]string{false: "Anyone on call may decide.", true: "Somebody on call decides."} {
		op := slackuitest.Operation(ledger.Proposed)
		op.Plan.Prominent = prominent
		if got := string(cardstest.Wire(t, cards.DrawOperation(op))); !strings.Contains(got, want) {
			t.Errorf("prominent %v: the card does not say %q", prominent, want)
		}
	}
}

// TestUnknownIsNeverZeroAndNeverAPass draws nouns of which nothing is known.
func TestUnknownIsNeverZeroAndNeverAPass(t *testing.T) {
	op := ledger.Operation{ID: "w-1", Component: "w", Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 1, To: 2}}), Events: []ledger.Event{{State: ledger.Proposed}}}
	op.Plan.Checklist = []scale.Check{{Name: "lag"}}
	op.Reports = []ledger.Report{{Horizon: "5 min", MadeAt: slackuitest.Noon, Checks: []scale.Check{{Name: "errors", Result: "odd"}}}}
	for name, l := range map[string]cards.Content{"card": cards.DrawOperation(op), "report": cards.DrawReport(op, 0)} {
		got := string(cardstest.Wire(t, l))
		if strings.Contains(got, "✅") || strings.Contains(got, "pass") {
			t.Errorf("%s: what is unknown passes:\n%s", name, got)
		}
		if !strings.Contains(got, "unknown") {
			t.Errorf("%s: nothing is said to be unknown:\n%s", name, got)
		}
	}
	if got := cards.LagFact(op); !strings.Contains(got, "unknown") || strings.Contains(got, "0") {
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
		if got := cards.Sparkline(tt.values); got != tt.want {
			t.Errorf("sparkline(%v): got %q, want %q", tt.values, got, tt.want)
		}
	}
	long := make([]int64, 100)
	for i := range long {
		long[i] = int64(i)
	}
	if got := len([]rune(cards.Sparkline(long))); got != cards.SparkPoints {
		t.Errorf("got %d points, want %d", got, cards.SparkPoints)
	}
}

func TestTheBarNeverOverflows(t *testing.T) {
	for _, tt := range []struct {
		done, all int
		want      string
	}{{0, 3, "▱▱▱"}, {2, 3, "▰▰▱"}, {5, 3, "▰▰▰"}, {-1, 3, ""}, {1, 0, ""}, {50, 100, "▰▰▰▰▰▰▱▱▱▱▱▱"}} {
		if got := cards.Bar(tt.done, tt.all); got != tt.want {
			t.Errorf("bar(%d, %d): got %q, want %q", tt.done, tt.all, got, tt.want)
		}
	}
}

// TestTheChartLeavesOutWhatIsUnknown: a gap is not a zero, and labels differ.
func TestTheChartLeavesOutWhatIsUnknown(t *testing.T) {
	op := slackuitest.Operation(ledger.Watching)
	block, ok := cards.NativeChart(op, slackuitest.Report()).(*slack.DataVisualizationBlock)
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
	few := slackuitest.Report()
	few.Chart = few.Chart[4:6]
	if cards.NativeChart(op, few) != nil {
		t.Error("a chart of one known point was drawn")
	}
	same := slackuitest.Report()
	for i := range same.Chart {
		same.Chart[i].At = slackuitest.Noon
	}
	if cards.NativeChart(op, same) == nil {
		t.Error("points of one second give no chart; their labels must be kept apart")
	}
}

func TestThePictureIsAPNG(t *testing.T) {
	data, err := cards.PngChart(slackuitest.Operation(ledger.Watching), slackuitest.Report())
	if err != nil || !strings.HasPrefix(string(data), "\x89PNG") {
		t.Errorf("got %d bytes, %v, want a PNG", len(data), err)
	}
	empty := slackuitest.Report()
	empty.Chart = nil
	if data, err := cards.PngChart(slackuitest.Operation(ledger.Watching), empty); data != nil || err != nil {
		t.Errorf("got %d bytes, %v, want nothing", len(data), err)
	}
}

func TestASnoozeMenuCarriesItsEpisode(t *testing.T) {
	got := actionsOf(cards.DrawEpisode(slackuitest.Episode(), slackuitest.RunbookSnoozes))
	want := map[string]string{"scale_recommended": "download-worker-alert-3", "diagnose": "download-worker-alert-3", "snooze": "download-worker-alert-3"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	useless := slackuitest.Episode()
	useless.Advice = ledger.Recommendation{Action: scale.Hold, From: 6, To: 6, Vetoes: []string{"one partition holds the lag"}}
	if _, ok := actionsOf(cards.DrawEpisode(useless, slackuitest.RunbookSnoozes))[commands.ActionScaleRecommended]; ok {
		t.Error("a change that would not help is offered")
	}
}

// the menu offers what the runbook file lists (alert.snoozes), and each choice is one
// that the language understands.
func TestTheSnoozeMenuIsTheRunbooks(t *testing.T) {
	text := string(cardstest.Wire(t, cards.DrawEpisode(slackuitest.Episode(), []time.Duration{45 * time.Minute, 90 * time.Minute})))
	for _, want := range []string{`"45 min"`, `"value": "45m"`, `"1 h 30 min"`, `"value": "1h30m"`, `"value": "recovery"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the card lacks %s", want)
		}
	}
	if strings.Contains(text, `"30m"`) {
		t.Error("the card offers a length that the runbook does not list")
	}
}

// pods with the same trouble are named together.
func TestPodsWithTheSameTroubleShareALine(t *testing.T) {
	got := cards.Together([]string{"w-1: ImagePullBackOff: not found", "w-2: Unschedulable", "w-3: ImagePullBackOff: not found", "quota exceeded",
		"w-4: Unschedulable", "w-5: Unschedulable", "w-6: Unschedulable", "w-7: Unschedulable"})
	want := []string{"w-1, w-3: ImagePullBackOff: not found", "w-2, w-4, w-5 and 2 more: Unschedulable", "quota exceeded"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A warning that is the recommendation's own objection is read once.
func TestAWarningIsNotToldTwice(t *testing.T) {
	op := slackuitest.Operation(ledger.Proposed)
	op.Advice.Vetoes = []string{"the nodes are full"}
	op.Plan.Warnings = []string{"the nodes are full", "results lag as well"}
	rows := strings.Join(cards.WarningRows(op), "\n")
	if strings.Count(rows, "The nodes are full.") != 1 || !strings.Contains(rows, "Results lag as well.") {
		t.Errorf("got %q, want each of the two once", rows)
	}
}

// T-01: what somebody else undid is not to be rolled back once more, and its reports are
// closed in one row.
func TestAnUndoneChangeOffersNoRollBack(t *testing.T) {
	op := slackuitest.Operation(ledger.Failed)
	op.Steps[0].Rollout.RevertedBy, op.Steps[0].Rollout.RevertedTo = "HPA download-worker-hpa", 6
	op.Reports = nil
	for _, horizon := range []string{"5 min", "15 min", "1 h"} {
		op.Reports = append(op.Reports, ledger.Report{Horizon: horizon, Closed: "set by an HPA"})
	}
	look := cards.DrawOperation(op)
	if wire := string(cardstest.Wire(t, look)); strings.Contains(wire, "Roll back") {
		t.Errorf("got %s, want no button to roll back", wire)
	}
	if got, want := cards.ReportRows(op), "➖ *5 min*, *15 min*, *1 h* set by an HPA"; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q alone", got, want)
	}
}

// A failed change that was rolled back is not offered to be rolled back again, and says by
// what it was.
func TestARolledBackChangeOffersNoRollBack(t *testing.T) {
	op := slackuitest.Operation(ledger.Failed)
	if text := lookText(t, cards.DrawOperation(op)); !strings.Contains(text, "Roll back to 6") {
		t.Fatalf("got %s, want the offer before", text)
	}
	op.Steps[0].Rollout.RolledBackBy = "download-worker-8"
	text := lookText(t, cards.DrawOperation(op))
	if strings.Contains(text, "Roll back") || !strings.Contains(text, "*Rolled back* to 6 by download-worker-8") {
		t.Errorf("got %s, want what rolled it back in place of the offer", text)
	}
}

// What somebody has set since, with whatever number, cannot be rolled back any more.
func TestAChangeThatWasOvertakenOffersNoRollBack(t *testing.T) {
	for name, edit := range map[string]func(*ledger.Rollout){
		"by another change":  func(r *ledger.Rollout) { r.OvertakenBy = "download-worker-9" },
		"by others, halfway": func(r *ledger.Rollout) { r.RevertedBy, r.RevertedTo = "kubectl", 7 },
	} {
		op := slackuitest.Operation(ledger.Failed).WithStep(func(s *ledger.Step) { edit(&s.Rollout) })
		text := lookText(t, cards.DrawOperation(op))
		if strings.Contains(text, "Roll back") || strings.Contains(text, "Rolled back") {
			t.Errorf("%s: got %s, want no offer", name, text)
		}
		if by := op.Rollout().OvertakenBy; !strings.Contains(text, "*Changed since* by "+by) && by != "" {
			t.Errorf("%s: got %s, want it said what changed it", name, text)
		}
		op.Reports = []ledger.Report{{Horizon: "15 min", RollBack: true}}
		if report := lookText(t, cards.DrawReport(op, 0)); strings.Contains(report, "Roll back") {
			t.Errorf("%s: got %s, want no offer on a report", name, report)
		}
	}
}

// TestTheCardCountsApprovals: a risky change says why it takes two people and whose
// approval is there; breaking the glass stays visible.
func TestTheCardCountsApprovals(t *testing.T) {
	op := slackuitest.Operation(ledger.Proposed)
	op.Approvals = 2
	op.Plan.Risks = []scale.Risk{{Class: scale.RiskAboveRecommended, Why: "13 is above the recommended 6–12"}}
	op.Events = append(op.Events, ledger.Event{At: slackuitest.Noon, Code: ledger.CodeApproval, By: scale.Person{ID: "U0ANA"}, Note: "asked for it"})
	waiting := string(cardstest.Wire(t, cards.DrawOperation(op)))
	for _, want := range []string{"Why this takes two people", "13 is above the recommended", "1 of 2 approvals: <@U0ANA>"} {
		if !strings.Contains(waiting, want) {
			t.Errorf("the card does not say %q", want)
		}
	}
	if strings.Contains(waiting, "Anyone on call may decide") || strings.Contains(waiting, "📝") {
		t.Error("an approval looks like a remark, or one person seems to be enough")
	}
	op.Request.By, op.Request.BreakGlass = scale.Person{ID: "U0BEN"}, true
	if got := string(cardstest.Wire(t, cards.DrawOperation(op))); !strings.Contains(got, "Or <@U0BEN> alone, who asked to break the glass") {
		t.Error("the card does not say that whoever asked means to break the glass")
	}
	alone := append(op.Events[:len(op.Events):len(op.Events)], ledger.Event{State: ledger.Approved, At: slackuitest.Noon, Code: ledger.CodeBreakGlass, By: scale.Person{ID: "U0BEN"}, Note: "nobody answers"})
	op.Events = alone
	if got := string(cardstest.Wire(t, cards.DrawOperation(op))); !strings.Contains(got, "carried alone by <@U0BEN>") {
		t.Error("the card does not say that the glass was broken")
	}
}

// Sentences begin with a capital letter and end with one full stop, whoever wrote them;
// a name keeps its spelling.
func TestWhatPeopleReadAreSentences(t *testing.T) {
	op := slackuitest.Operation(ledger.Proposed)
	op.Advice.Reasons = []string{"lag 14,200 > 10,000 → Critical, now", "download-worker-3 is new"}
	op.Advice.Vetoes = []string{"1 of 6 replicas is not ready yet: Insufficient cpu."}
	op.Plan.Warnings, op.Plan.Notes = []string{"the nodes are full"}, []string{"9 loads the busiest worker like 8"}
	text := string(cardstest.Wire(t, cards.DrawOperation(op)))
	for _, want := range []string{"• Lag 14,200", "Critical, now.", "• download-worker-3 is new.", "Insufficient cpu.", "⚠️ The nodes are full.", "busiest worker like 8."} {
		if !strings.Contains(text, want) {
			t.Errorf("the card does not say %q", want)
		}
	}
	replaced := slackuitest.Operation(ledger.Proposed)
	replaced.Events = append(replaced.Events, ledger.Event{State: ledger.Replaced, At: slackuitest.Noon, By: scale.Person{ID: "U0BEN"}, Note: "The owner is an HPA now."})
	if got := cards.DrawOperation(replaced).Text; !strings.HasSuffix(got, "an HPA now; nothing was changed.") {
		t.Errorf("got %q, want one sentence", got)
	}
	if strings.Contains(text, "cpu..") {
		t.Error("the card ends a sentence twice")
	}
}

// Time is told beside the count: on the card, the status and the alert, a lower bound as
// such, and an unknown age as unknown (decision B.3).
func TestLagIsToldInTimeEverywhere(t *testing.T) {
	early := slackuitest.Operation(ledger.Proposed)
	early.Before.Lag.Value.Partitions[0].OldestAtLeast = true
	blind := slackuitest.Operation(ledger.Proposed)
	blind.Before.Lag.Value.Partitions = []scale.PartitionLag{{Topic: "t", Lag: 14_200}}
	read := slackuitest.Operation(ledger.Proposed)
	read.Before.Lag.Value = scale.Lag{Partitions: []scale.PartitionLag{{Topic: "t"}}}
	s := slackuitest.Status()
	for name, c := range map[string]struct {
		look cards.Content
		want string
		not  string
	}{
		"card":              {cards.DrawOperation(slackuitest.Operation(ledger.Proposed)), "oldest unread 80 s old (partition 7)", "at least"},
		"lower bound":       {cards.DrawOperation(early), "oldest unread at least 80 s old", "unknown age"},
		"unknown":           {cards.DrawOperation(blind), "age of the oldest unknown", "old ("},
		"nothing waits":     {cards.DrawOperation(read), "*Lag*", "oldest"},
		"alert":             {cards.DrawEpisode(slackuitest.Episode(), slackuitest.RunbookSnoozes), "oldest unread 80 s old (partition 7)", "at least"},
		"status":            {cardstest.Draw(t, commands.Shown{Status: s}), "oldest unread 80 s old (partition 7)", "at least"},
		"how it is derived": {cardstest.Draw(t, commands.Shown{Status: s, Why: true}), "The age of a message is read off", "at least 80"},
	} {
		t.Run(name, func(t *testing.T) {
			got := string(cardstest.Wire(t, c.look))
			if !strings.Contains(got, c.want) || strings.Contains(got, c.not) {
				t.Errorf("got %s, want it to say %q and not %q", got, c.want, c.not)
			}
		})
	}
}

// B.12: an alert says what happens when nothing is done, and what the prepared change
// would do about it.
func TestAnAlertSaysWhatHappensWhenNothingIsDone(t *testing.T) {
	got := string(cardstest.Wire(t, cards.DrawEpisode(slackuitest.Episode(), slackuitest.RunbookSnoozes)))
	for _, want := range []string{"if nothing is done, with 6: never", "with 9: *about 6 min"} {
		if !strings.Contains(got, want) {
			t.Errorf("the alert does not say %q: %s", want, got)
		}
	}
}

// A source that does not answer is named once, with all the rules that wait for it.
func TestRulesThatWaitForOneSourceShareALine(t *testing.T) {
	unclear := func(rule scale.Rule, what, why string) scale.Finding {
		return scale.Finding{Rule: rule, Outcome: scale.Unclear, Sentence: what + " cannot be judged: " + why}
	}
	rows := cards.FindingRows([]scale.Finding{
		{Rule: "R-001", Outcome: scale.Fires, Urgency: scale.UrgencyCritical, Sentence: "lag 14,200 > 10,000"},
		unclear("R-002", "p95 latency > 5.0 s", "no pod answered"), unclear("R-003", "CPU > 80 %", "the API server is away"),
		unclear("R-005", "timeouts > 1 %", "no pod answered"), {Rule: "R-011", Outcome: scale.Silent, Sentence: "quiet"},
	}, 10)
	want := []string{"🔴 Lag 14,200 &gt; 10,000 (R-001)", "❔ p95 latency &gt; 5.0 s, timeouts &gt; 1 % cannot be judged: no pod answered (R-002, R-005)",
		"❔ CPU &gt; 80 % cannot be judged: the API server is away (R-003)"}
	if !slices.Equal(rows, want) {
		t.Errorf("got %q, want %q", rows, want)
	}
}

// The dialog of the prepared change asks about the lag that the answer above it shows, and not
// about the one that the alert saw last.
func TestTheDialogHasTheLagOfItsMessage(t *testing.T) {
	s := slackuitest.Status()
	s.Episode.Lag = 155_850
	s.Snapshot.Lag.Value.Total = 156_442
	ask := func(s engine.Status) string {
		return cards.StatusButtons(s)[0].(*slack.ButtonBlockElement).Confirm.Text.Text
	}
	if got := ask(s); !strings.HasPrefix(got, "Lag 156,442.") {
		t.Errorf("got %q, want the lag of the message", got)
	}
	s.Snapshot.Lag = scale.Unknown[scale.Lag]("no broker answers", slackuitest.Noon, scale.Broker)
	if got := ask(s); !strings.HasPrefix(got, "Lag unknown.") || s.Episode.Lag != 155_850 {
		t.Errorf("got %q and left the alert with %d, want unknown", got, s.Episode.Lag)
	}
}

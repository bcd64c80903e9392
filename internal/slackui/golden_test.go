package slackui

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

var update = flag.Bool("update", false, "write the golden files anew")

func look(t *testing.T, a commands.Answer) Look {
	t.Helper()
	l, ok := AnswerLook(a)
	if !ok {
		t.Fatalf("%T draws nothing", a)
	}
	return l
}

// pictures are all messages the bot can send, by the name of their golden file.
func pictures(t *testing.T) map[string]Look {
	all := map[string]Look{}
	for _, s := range scale.States {
		all["card-"+string(s)] = OperationLook(operation(s))
	}
	refused := operation(scale.Proposed).Noted(scale.Event{At: at(time.Minute), By: ben, Code: "not_on_call", Note: "Ben may not approve: not on call"})
	all["card-proposed-refused"] = OperationLook(refused)
	reverted := operation(scale.Watching)
	reverted.Rollout.RevertedBy, reverted.Rollout.RevertedTo, reverted.Rollout.RevertedAt = "argocd-controller", 6, at(4*time.Minute)
	all["card-watching-reverted"] = OperationLook(reverted)

	hanging := operation(scale.Settling)
	hanging.Rollout.Now.Unstarted = 2
	all["card-settling-hanging"] = OperationLook(hanging)

	op := operation(scale.Watching)
	op.Reports[1] = report()
	all["report"] = withChart(ReportLook(op, 1), nativeChart(op, op.Reports[1]))
	all["report-without-chart"] = withSpark(ReportLook(op, 1), op.Reports[1])
	op.Reports[2].Closed = "download-worker-18 took over"
	all["report-closed"] = ReportLook(op, 2)

	all["alert"] = EpisodeLook(episode(), runbookSnoozes)
	snoozed := episode()
	snoozed.SnoozedBy, snoozed.SnoozedUntil, snoozed.Operation = ana, at(30*time.Minute), "download-worker-17"
	snoozed.Blind, snoozed.Lag, snoozed.Overdue = at(2*time.Minute), -1, true
	all["alert-snoozed-blind"] = EpisodeLook(snoozed, runbookSnoozes)
	answered := episode()
	answered.Answering, answered.Operation = "download-worker-18", "download-worker-17"
	all["alert-proposed"] = EpisodeLook(answered, runbookSnoozes)
	answered.Operation = answered.Answering
	all["alert-answered"] = EpisodeLook(answered, runbookSnoozes)
	calm := episode()
	calm.Urgency, calm.Advice, calm.Lag, calm.Reopened = scale.UrgencyNone, scale.Recommendation{Action: scale.Hold, From: 9, To: 9}, 2700, 1
	all["alert-catching-up"] = EpisodeLook(calm, runbookSnoozes)
	closed := episode()
	closed.ClosedAt, closed.Lag = at(14*time.Minute), 300
	all["alert-recovered"] = EpisodeLook(closed, runbookSnoozes)
	drains := episode()
	drains.Urgency, drains.Trend, drains.Advice.Action, drains.Advice.To, drains.Advice.From = scale.UrgencyInfo, scale.Falling, scale.Hold, 9, 9
	drains.Advice.Urgency, drains.Advice.Options = scale.UrgencyInfo, nil
	drains.Advice.Findings = []scale.Finding{{Rule: "R-001", Outcome: scale.Fires, Urgency: scale.UrgencyInfo, Sentence: "lag 14,200 > 10,000, but it falls and is gone in about 3 min → Info"}}
	drains.Advice.Reasons = []string{drains.Advice.Findings[0].Sentence, "the present 9 workers carry that; the backlog drains in about 3 min"}
	all["alert-draining"] = EpisodeLook(drains, runbookSnoozes)
	useless := episode()
	useless.Advice.Action, useless.Advice.To = scale.Hold, useless.Advice.From
	useless.Advice.Vetoes = []string{"download-worker-7 went from 4 to 6 and did not help (ineffective, judged 12 min ago): more workers are not advised for another 48 min"}
	useless.Advice.Remedies = []string{"find what holds the workers up first (R-129): /scale diagnose download-worker", "going back to 4 loses nothing"}
	all["alert-after-a-useless-change"] = EpisodeLook(useless, runbookSnoozes)
	down := episode()
	down.Kind, down.Advice, down.Lag = scale.EpisodeSuggestion, scale.Recommendation{Action: scale.ScaleDown, From: 9, To: 8, Reasons: []string{"lag under 1,000 for 1 h"}}, 120
	all["suggestion"] = EpisodeLook(down, runbookSnoozes)

	all["blindness"] = EpisodeLook(blindness(1), runbookSnoozes)
	everywhere := blindness(26)
	everywhere.Reopened, everywhere.Blindness.Since.AtLeast = 1, true
	everywhere.Blindness.WithoutLag, everywhere.Blindness.Of, everywhere.Blindness.From = 26, 26, []string{"Kafka", "the metrics of the pods", "metrics.k8s.io"}
	all["blindness-everywhere"] = EpisodeLook(everywhere, runbookSnoozes)
	over := blindness(1)
	over.QuietSince, over.ClosedAt = at(14*time.Minute), at(16*time.Minute)
	all["blindness-over"] = EpisodeLook(over, runbookSnoozes)

	s := status()
	all["status"] = look(t, commands.Looked{Status: s})
	all["status-why"] = look(t, commands.Looked{Status: s, Why: true})
	all["live"] = LiveLook(s, at(10*time.Minute))
	unknown := engine.Status{Component: scale.Component{Name: "result-processor"}, Snapshot: scale.Snapshot{At: noon}}
	all["status-consumers"] = look(t, commands.Looked{Status: crowded()})
	several := operation(scale.Proposed)
	several.Before, several.Advice, several.Plan = crowdedPlan()
	several.Change = scale.Replicas{From: 4, To: 8}
	all["card-proposed-consumers"] = OperationLook(several)
	all["overview"] = look(t, commands.Overview{Statuses: []engine.Status{s, unknown}})
	all["overview-blind"] = look(t, commands.Overview{Statuses: []engine.Status{blind()}})
	all["status-blind"] = look(t, commands.Looked{Status: blind()})
	all["draft"] = look(t, commands.Drafted{Operation: operation(scale.Proposed)})
	all["history"] = look(t, commands.Told{Component: "download-worker", Operations: []scale.Operation{operation(scale.Done), operation(scale.Declined)}})
	all["oncall"] = look(t, commands.Duty{OnCall: scale.OnCall{Group: "kafka-oncall", Members: []scale.Person{ana, ben}, Source: "user group @kafka-oncall", At: noon}})
	all["refusal"] = look(t, commands.Refused{Refusal: &scale.Refusal{
		Code: scale.RefusedBelowMinimum, Understood: "scale download-worker to 3", Why: "3 is below the minimum of 4",
		Limit: "minimum 4, runbook section Scale Down Workers (R-055)", Next: "Ask for 4 or more.", Try: "/scale download-worker 4",
	}})
	all["diagnosis"] = look(t, commands.Diagnosed{Diagnosis: scale.Diagnosis{
		Component: "download-worker", Headline: "the external service is slow",
		Findings: report().Checks, Next: []string{"look at the external service", "then scale"},
	}, Runbooks: runbook.Default().Links})
	all["capacity"] = look(t, commands.Planned{Need: scale.PlanCapacity(scale.Component{Name: "download-worker", Min: 4, Low: 6, High: 12},
		scale.Policy{Sizing: scale.Sizing{TargetRate: 100, Headroom: 1.2}}, snapshot(), nil, scale.Demand{Rate: 1000, Seconds: 3})})
	all["help-topic"] = look(t, commands.Helped{Topic: "scale", Footer: "runbook of the data team, 2024-12-27", Pages: []commands.Page{
		{Usage: "/scale <component> <count>", Summary: "propose a count", Detail: "asks for approval", Examples: []string{"/scale download-worker 9"}},
	}})
	all["help"] = look(t, commands.Helped{Footer: "runbook of the data team, 2024-12-27", Pages: []commands.Page{
		{Usage: "/scale <component> <count>", Summary: "propose a count", Detail: "asks for approval", Examples: []string{"/scale download-worker 9"}},
	}})
	return all
}

// wire is a message as it goes to Slack, with sorted keys and readable text.
func wire(t *testing.T, l Look) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{"text": l.Text, "blocks": l.Blocks})
	if err != nil {
		t.Fatal(err)
	}
	var sorted any
	if err := json.Unmarshal(data, &sorted); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(sorted); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestEveryMessageLooksAsAgreed compares every message with its golden file and holds
// it against Slack's limits.
func TestEveryMessageLooksAsAgreed(t *testing.T) {
	for name, l := range pictures(t) {
		t.Run(name, func(t *testing.T) {
			got := wire(t, l)
			for _, p := range blockkit.CheckMessage(got) {
				t.Errorf("Slack would refuse %s: %s", p.Pointer, p.Message)
			}
			path := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; run the test with -update and look at the difference\ngot:\n%s", path, got)
			}
		})
	}
}

// TestNoGoldenFileIsLeftOver finds pictures that nothing draws any more.
func TestNoGoldenFileIsLeftOver(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("golden files: %v, %v", files, err)
	}
	drawn := pictures(t)
	for _, file := range files {
		name := filepath.Base(file[:len(file)-len(".json")])
		if _, ok := drawn[name]; !ok {
			t.Errorf("nothing draws %s", file)
		}
	}
}

// actionsOf lists action ids and values of a look.
func actionsOf(l Look) map[string]string {
	found := map[string]string{}
	for _, b := range l.Blocks {
		row, ok := b.(*slack.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range row.Elements.ElementSet {
			switch e := e.(type) {
			case *slack.ButtonBlockElement:
				found[e.ActionID] = e.Value
			case *slack.SelectBlockElement:
				found[e.ActionID] = row.BlockID
			}
		}
	}
	return found
}

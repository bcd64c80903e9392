package cardstest

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/capacity"
	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// Draw draws an answer, and fails the test where that draws nothing.
func Draw(t *testing.T, a commands.Answer) cards.Content {
	t.Helper()
	l, ok := cards.DrawAnswer(a)
	if !ok {
		t.Fatalf("%T draws nothing", a)
	}
	return l
}

// Pictures are all messages the bot can send, by the name of their golden file.
func Pictures(t *testing.T) map[string]cards.Content {
	all := map[string]cards.Content{}
	for _, s := range ledger.States {
		all["card-"+string(s)] = cards.DrawOperation(slackuitest.Operation(s))
	}
	refused := slackuitest.Operation(ledger.Proposed).Noted(ledger.Event{At: slackuitest.At(time.Minute), By: slackuitest.Ben, Code: "not_on_call", Note: "Ben may not approve: not on call"})
	all["card-proposed-refused"] = cards.DrawOperation(refused)
	reverted := slackuitest.Operation(ledger.Watching).WithStep(func(s *ledger.Step) {
		s.Rollout.RevertedBy, s.Rollout.RevertedTo, s.Rollout.RevertedAt = "argocd-controller", 6, slackuitest.At(4*time.Minute)
	})
	all["card-watching-reverted"] = cards.DrawOperation(reverted)

	hanging := slackuitest.Operation(ledger.Settling).WithStep(func(s *ledger.Step) { s.Rollout.Now.Unstarted = 2 })
	all["card-settling-hanging"] = cards.DrawOperation(hanging)

	op := slackuitest.Operation(ledger.Watching)
	op.Reports[1] = slackuitest.Report()
	all["report"] = cards.WithChart(cards.DrawReport(op, 1), cards.NativeChart(op, op.Reports[1]))
	all["report-without-chart"] = cards.WithSpark(cards.DrawReport(op, 1), op.Reports[1])
	op.Reports[2].Closed = "download-worker-18 took over"
	all["report-closed"] = cards.DrawReport(op, 2)

	all["alert"] = cards.DrawEpisode(slackuitest.Episode(), slackuitest.RunbookSnoozes)
	snoozed := slackuitest.Episode()
	snoozed.SnoozedBy, snoozed.SnoozedUntil, snoozed.Operation = slackuitest.Ana, slackuitest.At(30*time.Minute), "download-worker-17"
	snoozed.Blind, snoozed.Lag, snoozed.Overdue = slackuitest.At(2*time.Minute), -1, true
	all["alert-snoozed-blind"] = cards.DrawEpisode(snoozed, slackuitest.RunbookSnoozes)
	answered := slackuitest.Episode()
	answered.Answering, answered.Operation = "download-worker-18", "download-worker-17"
	all["alert-proposed"] = cards.DrawEpisode(answered, slackuitest.RunbookSnoozes)
	answered.Operation = answered.Answering
	all["alert-answered"] = cards.DrawEpisode(answered, slackuitest.RunbookSnoozes)
	calm := slackuitest.Episode()
	calm.Urgency, calm.Advice, calm.Lag, calm.Reopened = scale.UrgencyNone, ledger.Recommendation{Action: scale.Hold, From: 9, To: 9}, 2700, 1
	all["alert-catching-up"] = cards.DrawEpisode(calm, slackuitest.RunbookSnoozes)
	closed := slackuitest.Episode()
	closed.ClosedAt, closed.Lag = slackuitest.At(14*time.Minute), 300
	all["alert-recovered"] = cards.DrawEpisode(closed, slackuitest.RunbookSnoozes)
	drains := slackuitest.Episode()
	drains.Urgency, drains.Trend, drains.Advice.Action, drains.Advice.To, drains.Advice.From = scale.UrgencyInfo, scale.Falling, scale.Hold, 9, 9
	drains.Advice.Urgency, drains.Advice.Options = scale.UrgencyInfo, nil
	drains.Advice.Findings = []scale.Finding{{Rule: scale.RuleLag, Outcome: scale.Fires, Urgency: scale.UrgencyInfo, Sentence: "lag 14,200 > 10,000, but it falls by 75 msg/s → Info"}}
	drains.Advice.Reasons = []string{drains.Advice.Findings[0].Sentence, "the present 9 workers carry that; the backlog drains in about 3 min"}
	all["alert-draining"] = cards.DrawEpisode(drains, slackuitest.RunbookSnoozes)
	useless := slackuitest.Episode()
	useless.Advice.Action, useless.Advice.To = scale.Hold, useless.Advice.From
	useless.Advice.Vetoes = []string{"download-worker-7 went from 4 to 6 and did not help (ineffective, judged 12 min ago): more workers are not advised for another 48 min"}
	useless.Advice.Remedies = []string{"find what holds the workers up first (R-129): /scale diagnose download-worker", "going back to 4 loses nothing"}
	all["alert-after-a-useless-change"] = cards.DrawEpisode(useless, slackuitest.RunbookSnoozes)
	down := slackuitest.Episode()
	down.Kind, down.Advice, down.Lag = ledger.EpisodeSuggestion, ledger.Recommendation{Action: scale.ScaleDown, From: 9, To: 8, Reasons: []string{"lag under 1,000 for 1 h"}}, 120
	all["suggestion"] = cards.DrawEpisode(down, slackuitest.RunbookSnoozes)

	all["blindness"] = cards.DrawEpisode(slackuitest.Blindness(1), slackuitest.RunbookSnoozes)
	everywhere := slackuitest.Blindness(26)
	everywhere.Reopened, everywhere.Blindness.Since.AtLeast = 1, true
	everywhere.Blindness.WithoutLag, everywhere.Blindness.Of, everywhere.Blindness.From = 26, 26, []string{"Kafka", "the metrics of the pods", "metrics.k8s.io"}
	all["blindness-everywhere"] = cards.DrawEpisode(everywhere, slackuitest.RunbookSnoozes)
	over := slackuitest.Blindness(1)
	over.QuietSince, over.ClosedAt = slackuitest.At(14*time.Minute), slackuitest.At(16*time.Minute)
	all["blindness-over"] = cards.DrawEpisode(over, slackuitest.RunbookSnoozes)

	s := slackuitest.Status()
	all["status"] = Draw(t, commands.Shown{Status: s})
	all["status-why"] = Draw(t, commands.Shown{Status: s, Why: true})
	all["live"] = cards.DrawLive(s, slackuitest.At(10*time.Minute))
	unknown := engine.Status{Component: scale.Component{Name: "result-processor"}, Snapshot: scale.Snapshot{At: slackuitest.Noon}}
	all["status-consumers"] = Draw(t, commands.Shown{Status: slackuitest.Crowded()})
	several := slackuitest.Operation(ledger.Proposed)
	several.Before, several.Advice, several.Plan = slackuitest.CrowdedPlan()
	several.Steps = ledger.StepsOf(change.Step{Do: change.Replicas{From: 4, To: 8}})
	all["card-proposed-consumers"] = cards.DrawOperation(several)
	all["overview"] = Draw(t, commands.Overview{Statuses: []engine.Status{s, unknown}})
	all["overview-blind"] = Draw(t, commands.Overview{Statuses: []engine.Status{slackuitest.Blind()}})
	all["status-blind"] = Draw(t, commands.Shown{Status: slackuitest.Blind()})
	all["draft"] = Draw(t, commands.Drafted{Operation: slackuitest.Operation(ledger.Proposed)})
	all["history"] = Draw(t, commands.Listed{Component: "download-worker", Operations: []ledger.Operation{slackuitest.Operation(ledger.Done), slackuitest.Operation(ledger.Declined)}})
	all["oncall"] = Draw(t, commands.Duty{OnCall: scale.OnCall{Group: "kafka-oncall", Members: []scale.Person{slackuitest.Ana, slackuitest.Ben}, Source: "user group @kafka-oncall", At: slackuitest.Noon}})
	all["refusal"] = Draw(t, commands.Refused{Refusal: &scale.Refusal{
		Code: scale.RefusedBelowMinimum, Understood: "scale download-worker to 3", Why: "3 is below the minimum of 4",
		Limit: "minimum 4, runbook section Scale Down Workers (R-055)", Next: "Ask for 4 or more.", Try: "/scale download-worker 4",
	}})
	all["diagnosis"] = Draw(t, commands.Diagnosed{Diagnosis: diagnose.Diagnosis{
		Component: "download-worker", Headline: "the external service is slow",
		Findings: slackuitest.Report().Checks, Next: []string{"look at the external service", "then scale"},
	}, Runbooks: runbook.Default().Links})
	all["capacity"] = Draw(t, commands.Planned{Need: capacity.PlanCapacity(scale.Component{Name: "download-worker", Min: 4, Low: 6, High: 12},
		scale.Policy{Sizing: scale.Sizing{TargetRate: 100, Headroom: 1.2}}, slackuitest.Snapshot(), nil, capacity.Demand{Rate: 1000, Seconds: 3})})
	all["help-topic"] = Draw(t, commands.Helped{Topic: "scale", Footer: "runbook of the data team, 2024-12-27", Pages: []commands.Page{
		{Usage: "/scale <component> <count>", Summary: "propose a count", Detail: "asks for approval", Examples: []string{"/scale download-worker 9"}},
	}})
	all["help"] = Draw(t, commands.Helped{Footer: "runbook of the data team, 2024-12-27", Pages: []commands.Page{
		{Usage: "/scale <component> <count>", Summary: "propose a count", Detail: "asks for approval", Examples: []string{"/scale download-worker 9"}},
	}})
	return all
}

// Wire is a message as it goes to Slack, with sorted keys and readable text.
func Wire(t *testing.T, l cards.Content) []byte {
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

// MrkdwnOf are all texts of a content in which Slack interprets markup.
func MrkdwnOf(t *testing.T, l cards.Content) []string {
	t.Helper()
	var tree any
	if err := json.Unmarshal(Wire(t, cards.Content{Blocks: l.Blocks}), &tree); err != nil {
		t.Fatal(err)
	}
	texts := []string{l.Text, l.Bare().Text}
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if text, ok := v["text"].(string); ok && v["type"] == "mrkdwn" {
				texts = append(texts, text)
			}
			for _, member := range v {
				collect(member)
			}
		case []any:
			for _, item := range v {
				collect(item)
			}
		}
	}
	collect(tree)
	return texts
}

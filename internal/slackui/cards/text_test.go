package cards_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/cards/cardstest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// evil is foreign text that tries everything: mentions, links, code spans, line
// breaks, direction and control characters.
const evil = "<!channel> <@U0EVE> <https://evil|https://good> `rm -rf` &lt;\n> quote\u202e\u200b\x00 *bold*"

func TestForeignTextIsHarmless(t *testing.T) {
	got := cards.Words(evil, cards.MaxWords)
	want := "&lt;!channel&gt; &lt;@U0EVE&gt; &lt;https://evil|https://good&gt; 'rm -rf' &amp;lt; &gt; quote *bold*"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextIsCappedByCharactersBeforeItIsEscaped(t *testing.T) {
	got := cards.Words(strings.Repeat("ü<", 100), 10)
	if want := "ü&lt;ü&lt;ü&lt;ü&lt;ü…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// poison puts the evil text into every string of a value.
func poison[T any](t *testing.T, v T) T {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	if data, err = json.Marshal(spoil("", tree)); err != nil {
		t.Fatal(err)
	}
	var out T
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// kept are members whose values must stay what they are for the value to mean anything.
var kept = []string{"state", "at", "due", "madeAt", "expiresAt", "writtenAt", "firstReadyAt", "readyAt", "stableAt", "action", "outcome", "result", "kind", "openedAt", "closedAt", "actBy", "trend", "err", "rebalanceAt"}

func spoil(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = spoil(k, v[k])
		}
	case []any:
		for i := range v {
			v[i] = spoil(name, v[i])
		}
	case string:
		for _, k := range kept {
			if k == name {
				return v
			}
		}
		return evil + v
	}
	return v
}

// TestNoForeignTextReachesSlackUnescaped poisons every string of every noun and looks
// at what would be sent.
func TestNoForeignTextReachesSlackUnescaped(t *testing.T) {
	var looks []cards.Content
	for _, s := range ledger.States {
		looks = append(looks, cards.DrawOperation(poison(t, slackuitest.Operation(s))))
	}
	op := slackuitest.Operation(ledger.Watching)
	op.Reports[1] = slackuitest.Report()
	op = poison(t, op)
	looks = append(looks, cards.WithChart(cards.DrawReport(op, 1), cards.NativeChart(op, op.Reports[1])), cards.DrawEpisode(poison(t, slackuitest.Episode()), slackuitest.RunbookSnoozes))
	s := slackuitest.Status()
	s.Snapshot, s.Advice = poison(t, s.Snapshot), poison(t, s.Advice)
	s.Component.Name = evil
	answers := []commands.Answer{
		commands.Notice{Text: evil}, commands.Refused{Refusal: &scale.Refusal{Code: evil, Understood: evil, Why: evil, Limit: evil, Next: evil, Try: evil}},
		commands.Shown{Status: s, Why: true}, commands.Drafted{Operation: op}, commands.Listed{Component: evil, Operations: []ledger.Operation{op}},
		commands.Duty{OnCall: scale.OnCall{Members: []scale.Person{{ID: evil, Name: evil}}, Source: evil}},
		commands.Diagnosed{Diagnosis: diagnose.Diagnosis{Component: evil, Headline: evil, Findings: op.Plan.Checklist, Next: []string{evil}}},
		commands.Helped{Topic: evil, Footer: evil, Pages: []commands.Page{{Usage: evil, Summary: evil, Detail: evil, Examples: []string{evil}}}},
	}
	for _, a := range answers {
		looks = append(looks, cardstest.Draw(t, a))
	}
	for _, l := range looks {
		sent := string(cardstest.Wire(t, l)) + l.Bare().Text
		for _, p := range blockkit.CheckMessage(cardstest.Wire(t, l)) {
			t.Errorf("Slack would refuse %s: %s", p.Pointer, p.Message)
		}
		for _, part := range cardstest.MrkdwnOf(t, l) {
			for _, bad := range []string{"<!channel>", "<@U0EVE>", "<https://evil", "`rm"} {
				if strings.Contains(part, bad) {
					t.Errorf("mrkdwn carries %q: %s", bad, part)
				}
			}
		}
		if strings.ContainsAny(sent, "\u202e\u200b\x00") || !utf8.ValidString(sent) {
			t.Errorf("invisible characters are sent: %q", sent)
		}
	}
}

// TestHugeNounsStillFitSlack draws far more than Slack takes.
func TestHugeNounsStillFitSlack(t *testing.T) {
	op := slackuitest.Operation(ledger.Proposed)
	for range 200 {
		op.Plan.Checklist = append(op.Plan.Checklist, scale.Check{Name: strings.Repeat("n", 400), Note: strings.Repeat("<", 4000), Result: scale.Fail})
		op.Plan.Warnings = append(op.Plan.Warnings, strings.Repeat("w", 2000))
		op.Advice.Reasons = append(op.Advice.Reasons, strings.Repeat("&", 4000))
		op = op.Noted(ledger.Event{Note: strings.Repeat("r", 3000), By: slackuitest.Ben, At: slackuitest.Noon})
	}
	op.Request.Reason = strings.Repeat("because ", 1000)
	for _, p := range blockkit.CheckMessage(cardstest.Wire(t, cards.DrawOperation(op))) {
		t.Errorf("Slack would refuse %s: %s", p.Pointer, p.Message)
	}
	if got := actionsOf(cards.DrawOperation(op)); got[commands.ActionApprove] != op.ID {
		t.Errorf("got buttons %v; a card that overflows must keep its buttons", got)
	}
}

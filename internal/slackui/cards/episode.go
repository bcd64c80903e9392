package cards

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// DrawEpisode draws the card of an alert, suggestion or blindness. There is one card per
// episode, with severity, act-by time, evidence and the prepared change under one button. snoozes
// are the lengths that the snooze menu offers (alert.snoozes); it always offers "until recovered"
// as well.
func DrawEpisode(e ledger.Episode, snoozes []time.Duration) Content {
	if e.Kind == ledger.EpisodeBlindness {
		return drawBlindness(e)
	}
	var c Canvas
	if !e.Open() {
		drawRecovered(&c, e)
		return c.Content(recoveredSentence(e))
	}
	c.Section(alertHeadline(e))
	c.fields("*Lag*\n"+episodeLag(e), "*Act by*\n"+actBy(e), "*Runbook says*\n"+adviceFact(e.Advice), episodeDrain(e))
	c.list("*Evidence*", FindingRows(evidence(e), 6))
	c.list("*Why*", bullets(beyond(e.Advice), 4))
	c.list("", prefixed("🧱 ", e.Advice.Vetoes))
	c.list(remedyTitle(e.Advice.Remedies), bullets(e.Advice.Remedies, 4))
	c.Section(answering(e))
	c.small(episodeOrigin(e))
	c.small(snoozeNote(e))
	c.actions(e.ID, episodeButtons(e, snoozes)...)
	content := c.Content(alertSentence(e))
	if offers(e) {
		content.Typed = fmt.Sprintf("Type `/scale %s recommended` to propose it.", Words(e.Component, MaxName))
	}
	return content
}

func alertHeadline(e ledger.Episode) string {
	name := Words(e.Component, MaxName)
	if e.Kind == ledger.EpisodeSuggestion {
		return fmt.Sprintf("💡 *%s* has more workers than it needs", name)
	}
	text := fmt.Sprintf("%s *%s: %s is behind*", urgencyIcon(e.Urgency), e.Urgency, name)
	switch {
	case quietNow(e):
		// The rules no longer fire, but not for long enough to close the alert.
		text = fmt.Sprintf("🟡 *%s is catching up*; the alert closes when it stays so", name)
	case catchingUp(e):
		text = fmt.Sprintf("%s *%s: %s is catching up*", urgencyIcon(e.Urgency), e.Urgency, name)
	}
	text += reopenedWords(e)
	if !e.Blind.IsZero() {
		text += "\n❔ *No data since " + clockTime(e.Blind) + ".* The numbers below are the last known; the alert stays open."
	}
	return text
}

func episodeLag(e ledger.Episode) string {
	if e.Lag < 0 {
		return "unknown" + peakWords(e)
	}
	text := scale.Count(e.Lag)
	if e.Trend != "" && e.Trend != scale.TrendUnknown {
		text += fmt.Sprintf(" %s %s", arrow(e.Trend), e.Trend)
	}
	if line := Sparkline(e.Spark); line != "" {
		text += "\n" + line
	}
	return text + ageLine(e.Age) + peakWords(e)
}

// episodeDrain shows how long the backlog takes with the present count and with the prepared
// change; empty when neither was forecast.
func episodeDrain(e ledger.Episode) string {
	if e.Kind == ledger.EpisodeSuggestion {
		return ""
	}
	var rows []string
	for _, o := range e.Advice.Options {
		drain := drainWords(o.Drain)
		switch {
		case o.Replicas == e.Advice.From:
			rows = append(rows, fmt.Sprintf("if nothing is done, with %d: %s", o.Replicas, drain))
		case e.Advice.Changes() && o.Replicas == e.Advice.To:
			rows = append(rows, fmt.Sprintf("with %d: *%s*", o.Replicas, drain))
		}
	}
	if len(rows) == 0 {
		return ""
	}
	return "*Backlog gone*\n" + strings.Join(rows, "\n")
}

func peakWords(e ledger.Episode) string {
	if e.PeakLag <= 0 || e.PeakLag == e.Lag {
		return ""
	}
	return "\npeak " + scale.Count(e.PeakLag)
}

func actBy(e ledger.Episode) string {
	switch {
	case e.ActBy.IsZero():
		return "no hurry"
	case quietNow(e):
		return "no hurry, no rule fires now"
	case catchingUp(e):
		return "no hurry while it falls"
	case !e.Overdue && !e.ActBy.After(e.Began()):
		return "*now*, since " + clockTime(e.Began())
	case e.Overdue:
		return clockTime(e.ActBy) + " *(passed)*"
	default:
		return clockTime(e.ActBy)
	}
}

func remedyTitle(remedies []string) string {
	if len(remedies) == 0 {
		return ""
	}
	return "*Do instead*"
}

func episodeOrigin(e ledger.Episode) string {
	text := Words(e.ID, MaxName)
	if !e.OpenedAt.IsZero() {
		text += " · open since " + clockTime(e.OpenedAt)
	}
	if !e.At.IsZero() {
		text += " · seen " + clockTime(e.At)
	}
	if e.Operation != "" && e.Operation != e.Answering {
		text += " · last answered by " + Words(e.Operation, MaxName)
	}
	return text
}

func snoozeNote(e ledger.Episode) string {
	if e.SnoozedBy.IsZero() {
		return ""
	}
	switch {
	case e.SnoozedForever:
		return "🔕 Snoozed until recovery by " + Person(e.SnoozedBy)
	case !e.SnoozedUntil.IsZero():
		return "🔕 Snoozed until " + clockTime(e.SnoozedUntil) + " by " + Person(e.SnoozedBy)
	}
	return ""
}

func episodeButtons(e ledger.Episode, snoozes []time.Duration) []slack.BlockElement {
	var row []slack.BlockElement
	if offers(e) {
		row = append(row, preparedButton(e))
	}
	row = append(row, button(commands.ActionDiagnose, e.ID, "Why?", slack.StyleDefault, nil))
	return append(row, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, PlainText("Snooze"), commands.ActionSnooze, snoozeMenu(snoozes)...))
}

func snoozeMenu(snoozes []time.Duration) []*slack.OptionBlockObject {
	var options []*slack.OptionBlockObject
	for _, length := range snoozes {
		options = append(options, slack.NewOptionBlockObject(commands.SnoozeChoice(length), PlainText(scale.Span(length)), nil))
	}
	return append(options, slack.NewOptionBlockObject(commands.SnoozeChoice(0), PlainText("until recovered"), nil))
}

// offers reports whether the card offers a prepared change: there is one, and no other operation
// is under way.
func offers(e ledger.Episode) bool { return e.Advice.Changes() && e.Answering == "" }

// preparedButton is the button for the prepared change.
func preparedButton(e ledger.Episode) *slack.ButtonBlockElement {
	label := fmt.Sprintf("Scale to %d", e.Advice.To)
	text := "Lag unknown."
	if e.Lag >= 0 {
		text = "Lag " + scale.Count(e.Lag) + "."
	}
	return button(commands.ActionScaleRecommended, e.ID, label, slack.StylePrimary, &ask{
		Title: fmt.Sprintf("Scale %s %d → %d?", e.Component, e.Advice.From, e.Advice.To),
		Text:  text + " " + oneClick,
		yes:   label, no: "Not yet",
	})
}

func alertSentence(e ledger.Episode) string {
	name := Words(e.Component, MaxName)
	lag := "an unknown lag"
	if e.Lag >= 0 {
		lag = "a lag of " + scale.Count(e.Lag)
		if age := e.Age.Sentence(); age != "" {
			lag += ", " + Words(age, MaxWords)
		}
	}
	advice := "The runbook gives no replica count that would help."
	switch {
	case e.Answering != "":
		advice = Words(e.Answering, MaxName) + " answers this."
		if e.Answering != e.Operation {
			advice = Words(e.Answering, MaxName) + " is proposed and waits for approval."
		}
	case len(e.Advice.Vetoes) > 0 && !e.Advice.Changes():
		advice = Words(scale.Sentence("No change is recommended: "+e.Advice.Vetoes[0]), MaxWords)
	case e.Advice.Action == scale.Hold && len(e.Advice.Vetoes)+len(e.Advice.Remedies) == 0:
		advice = fmt.Sprintf("The runbook says to stay at %d replicas.", e.Advice.To)
	case e.Advice.Changes():
		advice = fmt.Sprintf("The runbook says to scale from %d to %d replicas.", e.Advice.From, e.Advice.To)
	}
	if e.Kind == ledger.EpisodeSuggestion {
		return fmt.Sprintf("%s has more workers than it needs, at %s. %s", name, lag, advice)
	}
	if quietNow(e) {
		return fmt.Sprintf("%s is catching up, at %s; the alert closes when it stays so.", name, lag)
	}
	if catchingUp(e) {
		return fmt.Sprintf("%s: %s is catching up, at %s. %s", e.Urgency, name, lag, advice)
	}
	return fmt.Sprintf("%s: %s has %s. %s", e.Urgency, name, lag, advice)
}

package cards

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/scale"
)

// DrawLive draws the live view of the watch command until the given time. After that it draws the
// last values.
func DrawLive(s engine.Status, until time.Time) Content {
	var c Canvas
	c.Section("📈 " + statusHeadline(s))
	drawEvidence(&c, s)
	note := "Live until " + clockTime(until)
	if !s.Snapshot.At.Before(until) {
		note = "Ended at " + clockTime(until)
	}
	c.small(note)
	return c.Content(statusSentence(s))
}

// drawStatus draws the status of one component with evidence and recommendation. It changes
// nothing. why shows every rule and reason.
func drawStatus(s engine.Status, why bool) Content {
	var c Canvas
	c.Section(statusHeadline(s))
	drawEvidence(&c, s)
	drawAdvice(&c, s, why)
	c.small(statusLinks(s))
	c.actions(s.Component.Name, StatusButtons(s)...)
	content := c.Content(statusSentence(s))
	content.Typed = tryLine(s)
	return content
}

func statusHeadline(s engine.Status) string {
	return fmt.Sprintf("*%s*  %s\n%s", Words(s.Component.Name, MaxName), podsWords(s.Snapshot), adviceLine(s.Advice))
}

func podsWords(s scale.Snapshot) string {
	w, ok := s.Workload.Get()
	if !ok {
		return "replicas unknown"
	}
	return fmt.Sprintf("%d/%d ready", w.Ready, w.Desired)
}

func drawAdvice(c *Canvas, s engine.Status, why bool) {
	findings, reasons := 4, 4
	if why {
		findings, reasons = 20, 20
	}
	c.list("*Rules that speak*", FindingRows(s.Advice.Findings, findings))
	c.list("*Why*", bullets(beyond(s.Advice), reasons))
	c.list("", prefixed("🧱 ", s.Advice.Vetoes))
	c.list(remedyTitle(s.Advice.Remedies), bullets(s.Advice.Remedies, reasons))
	if why {
		c.small(alternativeRow(s.Advice.Options))
		c.small(agesNote(s.Snapshot.Lag))
	}
}

func statusLinks(s engine.Status) string {
	var parts []string
	if s.Operation != nil {
		_, state := standing(*s.Operation)
		parts = append(parts, Words(s.Operation.ID, MaxName)+": "+state)
	}
	if s.Episode != nil {
		parts = append(parts, Words(s.Episode.ID, MaxName)+" is open")
	}
	if line := tryLine(s); line != "" {
		parts = append(parts, line)
	}
	return strings.Join(parts, " · ")
}

func tryLine(s engine.Status) string {
	if s.Advice.Changes() {
		return "To propose it: " + code("/scale "+s.Component.Name+" recommended", MaxWords)
	}
	return "To propose a count: " + code("/scale "+s.Component.Name+" <count>", MaxWords)
}

// StatusButtons offer only what exists: the prepared change belongs to an open alert.
func StatusButtons(s engine.Status) []slack.BlockElement {
	var row []slack.BlockElement
	if s.Episode != nil && s.Episode.Open() && s.Episode.Advice.Changes() {
		// The dialog shows the lag of this answer, not the one on the alert's card.
		alert := *s.Episode
		alert.Lag = -1
		if n, ok := s.Snapshot.TotalLag().Get(); ok {
			alert.Lag = n
		}
		row = append(row, preparedButton(alert))
	}
	return append(row, button(commands.ActionDiagnose, s.Component.Name, "Diagnose", slack.StyleDefault, nil))
}

func statusSentence(s engine.Status) string {
	lag := "its lag is unknown"
	if n, ok := s.Snapshot.TotalLag().Get(); ok {
		lag = "its lag is " + scale.Count(n)
	}
	return fmt.Sprintf("%s: %s, %s. Recommendation: %s.", Words(s.Component.Name, MaxName), podsWords(s.Snapshot), lag, adviceSpoken(s.Advice))
}

// agesNote says how the age of the oldest message was determined.
func agesNote(lag scale.Reading[scale.Lag]) string {
	if l, known := lag.Get(); !known || l.Total <= 0 {
		return ""
	}
	return "The age of a message is read off when the end of its partition was seen to pass it; what was there before the bot watched is “at least” that old."
}

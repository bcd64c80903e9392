package slackui

import (
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// drawRecovered condenses an episode that is over: how long it took and how bad it was.
func drawRecovered(c *canvas, e scale.Episode) {
	c.section("✅ " + recoveredTitle(e) + "\n" + recoveredFacts(e))
	text := words(e.ID, maxName) + " · opened " + clockTime(e.OpenedAt) + ", closed " + clockTime(e.ClosedAt)
	if e.Operation != "" {
		text += " · " + "answered by " + words(e.Operation, maxName)
	}
	c.small(text)
}

func recoveredTitle(e scale.Episode) string {
	name := words(e.Component, maxName)
	if e.Kind == scale.EpisodeSuggestion {
		return fmt.Sprintf("*%s*: the suggestion no longer applies", name)
	}
	return fmt.Sprintf("*%s recovered* after %s", name, scale.Span(openFor(e)))
}

func recoveredFacts(e scale.Episode) string {
	var facts []string
	if e.Lag >= 0 {
		facts = append(facts, "Lag "+scale.Count(e.Lag))
	}
	if e.PeakLag > 0 {
		facts = append(facts, "peak "+scale.Count(e.PeakLag))
	}
	if e.Peak != scale.UrgencyNone {
		facts = append(facts, "at worst "+e.Peak.String())
	}
	return strings.Join(facts, ", ")
}

func recoveredSentence(e scale.Episode) string {
	name := words(e.Component, maxName)
	if e.Kind == scale.EpisodeSuggestion {
		return fmt.Sprintf("The suggestion to take workers from %s no longer applies.", name)
	}
	return fmt.Sprintf("%s recovered after %s; the lag peaked at %s.", name, scale.Span(openFor(e)), scale.Count(e.PeakLag))
}

func openFor(e scale.Episode) time.Duration { return max(0, e.ClosedAt.Sub(e.OpenedAt)) }

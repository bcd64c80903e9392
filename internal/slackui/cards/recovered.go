package cards

import (
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// drawRecovered summarises an episode that has ended: how long it took and how bad it was.
func drawRecovered(c *Canvas, e ledger.Episode) {
	c.Section("✅ " + recoveredTitle(e) + "\n" + recoveredFacts(e))
	text := Words(e.ID, MaxName) + " · opened " + clockTime(e.OpenedAt) + ", closed " + clockTime(e.ClosedAt)
	if e.Operation != "" {
		text += " · " + "answered by " + Words(e.Operation, MaxName)
	}
	c.small(text)
}

func recoveredTitle(e ledger.Episode) string {
	name := Words(e.Component, MaxName)
	if e.Kind == ledger.EpisodeSuggestion {
		return fmt.Sprintf("*%s*: the suggestion no longer applies", name)
	}
	return fmt.Sprintf("*%s recovered* after %s", name, scale.Span(openFor(e)))
}

func recoveredFacts(e ledger.Episode) string {
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

func recoveredSentence(e ledger.Episode) string {
	name := Words(e.Component, MaxName)
	if e.Kind == ledger.EpisodeSuggestion {
		return fmt.Sprintf("The suggestion to take workers from %s no longer applies.", name)
	}
	return fmt.Sprintf("%s recovered after %s; the lag peaked at %s.", name, scale.Span(openFor(e)), scale.Count(e.PeakLag))
}

func openFor(e ledger.Episode) time.Duration { return max(0, e.ClosedAt.Sub(e.OpenedAt)) }

package cards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/scale"
)

// DrawOverview shows all components, one block each, within Slack's 50 blocks. If they do not
// fit, the components that need attention come first.
func DrawOverview(statuses []engine.Status) Content {
	var c Canvas
	const shown = blockkit.MessageBlocks - 3
	if len(statuses) > shown {
		statuses = slices.Clone(statuses)
		slices.SortStableFunc(statuses, func(a, b engine.Status) int { return attention(b) - attention(a) })
	}
	var names []string
	for i, s := range statuses {
		if i == shown {
			c.small(moreWords(statuses[shown:]))
			break
		}
		c.Section(overviewRow(s))
		names = append(names, statusSentence(s))
	}
	if len(statuses) == 0 {
		c.Section("The runbook names no components.")
		names = append(names, "The runbook names no components.")
	}
	c.small(code("/scale <component>", MaxWords) + " for evidence · " + code("/scale <component> <count>", MaxWords) + " to propose · " + code("/scale help", MaxWords))
	return c.Content(strings.Join(names, " "))
}

// attention ranks how urgently somebody should look at a component.
func attention(s engine.Status) int {
	_, known := s.Snapshot.TotalLag().Get()
	switch {
	case s.Episode != nil && s.Episode.Open():
		return 4
	case s.Operation != nil:
		return 3
	case s.Advice.Changes() || s.Advice.Urgency >= scale.UrgencyWarning:
		return 2
	case !known || unsighted(s.Advice):
		return 1
	}
	return 0
}

// moreWords says how many components are not shown, and whether any of them needs attention.
func moreWords(rest []engine.Status) string {
	text := fmt.Sprintf("and %d more; name one to see it", len(rest))
	open := 0
	for _, s := range rest {
		if attention(s) > 0 {
			open++
		}
	}
	if open > 0 {
		text += fmt.Sprintf("; %d of them have an alert, a change, advice or rules that cannot be judged", open)
	}
	return text
}

func overviewRow(s engine.Status) string {
	text := fmt.Sprintf("*%s*  %s · lag %s", Words(s.Component.Name, MaxName), podsWords(s.Snapshot), overviewLag(s))
	text += "\n" + adviceLine(s.Advice)
	if s.Operation != nil {
		_, state := standing(*s.Operation)
		text += fmt.Sprintf(" · %s %s: %s", Words(s.Operation.ID, MaxName), Arrow(*s.Operation), state)
	}
	if s.Episode != nil && s.Episode.Open() {
		text += " · alert open since " + clockTime(s.Episode.OpenedAt)
	}
	return text
}

func overviewLag(s engine.Status) string {
	lag, ok := s.Snapshot.TotalLag().Get()
	if !ok {
		return "unknown (" + Words(s.Snapshot.Lag.Why(), 120) + ")"
	}
	text := scale.Count(lag)
	if s.Snapshot.Lag.Note != "" {
		text += " (" + Words(s.Snapshot.Lag.Note, 120) + ")"
	}
	return strings.TrimSpace(text + " " + Sparkline(sparkOf(s.Past)))
}

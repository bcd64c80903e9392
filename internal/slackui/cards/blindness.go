package cards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// doctorNext is what to do about data that is missing.
const doctorNext = "Run `scalebot doctor` where the bot runs: it asks every source once and says what to do about each that does not answer."

// windowsFill is what is still missing once the data is back: after a gap, the time windows of
// "sustained" rules have to fill again.
const windowsFill = "Rules that look at a span of time can be judged once it is filled again."

// drawBlindness draws the card about rules that cannot be judged (T-28). There is one for the
// whole fleet, without buttons, because scaling does not bring data back.
func drawBlindness(e ledger.Episode) Content {
	var c Canvas
	b := ledger.Blindness{}
	if e.Blindness != nil {
		b = *e.Blindness
	}
	if !e.Open() {
		text := b.Back(e.QuietSince)
		c.Section("✅ *" + strings.TrimSuffix(text, ".") + "*\n" + "Everything is read again since " + clockTime(e.QuietSince) + ". " + windowsFill)
		c.small(Words(e.ID, MaxName) + " · opened " + clockTime(e.OpenedAt) + ", closed " + clockTime(e.ClosedAt))
		return c.Content(text + " " + windowsFill)
	}
	c.Section("❔ *" + noneSince(b) + "*: " + unjudged(b) + reopenedWords(e) + ".")
	c.list("*Cannot be judged*", unsightedRows(b))
	c.list("*Why*", bullets(whysOf(b), 4))
	c.Section("*Meanwhile*\n" + strings.Join(meanwhile(b), " "))
	c.Section("*Next*\n" + doctorNext)
	c.small(Words(e.ID, MaxName) + " · open since " + clockTime(e.OpenedAt) + " · seen " + clockTime(e.At) + " · closes by itself when everything is seen again")
	c.small(snoozeNote(e))
	return c.Content(noneSince(b) + ": " + unjudged(b) + ". " + meanwhile(b)[0] + " " + doctorNext)
}

// noneSince is "No metrics from the pods since 12:02".
func noneSince(b ledger.Blindness) string {
	text := "No " + strings.ReplaceAll(b.What(), " and ", " and no ")
	if from := fromWords(b.From); from != "" {
		text += " from " + from
	}
	return text + " since " + onset(b.Since)
}

// onset prints since when the data is missing; "at least 12:02" when the bot did not see it
// begin.
func onset(o ledger.Onset) string {
	if o.AtLeast {
		return "at least " + clockTime(o.At)
	}
	return clockTime(o.At)
}

// fromWords names the systems whose data is missing; empty where none is known.
func fromWords(systems []string) string {
	var named []string
	for _, one := range systems {
		named = append(named, Words(strings.TrimPrefix(one, "the metrics of "), MaxName))
	}
	return scale.Listed(named)
}

func unjudged(b ledger.Blindness) string {
	verb := "have"
	if b.Count() == 1 {
		verb = "has"
	}
	return fmt.Sprintf("%d of %s %s rules that cannot be judged", b.Count(), plural(b.Of, "component"), verb)
}

func reopenedWords(e ledger.Episode) string {
	if e.Reopened == 0 {
		return ""
	}
	return fmt.Sprintf(" (again, reopened %d×)", e.Reopened)
}

// unsightedRows lists the components with the rules that cannot be judged. Components with the
// same rules share a row. A row gives a time only if that differs from the headline's.
func unsightedRows(b ledger.Blindness) []string {
	var rows []string
	names := map[string][]string{}
	for _, one := range b.Components {
		row := Words(strings.Join(one.Metrics, ", "), MaxWords) + " (" + ruleRange(one.Blind) + ")"
		if !one.Since.At.Equal(b.Since.At) {
			row += ", since " + onset(one.Since)
		}
		if names[row] == nil {
			rows = append(rows, row)
		}
		names[row] = append(names[row], Words(one.Component, MaxName))
	}
	for i, row := range rows {
		rows[i] = "• *" + strings.Join(names[row], ", ") + "*: " + row
	}
	if b.More > 0 {
		rows = append(rows, "and "+scale.Count(int64(b.More))+" more")
	}
	return rows
}

// ruleRange prints consecutive rules as "R-002 to R-006", others one by one.
func ruleRange(rules []scale.Rule) string {
	n := len(rules)
	if n > 2 && slices.IsSorted(rules) && rules[n-1].Number()-rules[0].Number() == n-1 {
		return ruleWords(rules[0]) + " to " + ruleWords(rules[n-1])
	}
	named := make([]string, 0, n)
	for _, rule := range rules {
		named = append(named, string(rule))
	}
	return Words(strings.Join(named, ", "), MaxWords)
}

func ruleWords(rule scale.Rule) string { return Words(string(rule), MaxName) }

// whysOf are the different reasons that the named components have.
func whysOf(b ledger.Blindness) []string {
	var whys []string
	for _, one := range b.Components {
		for _, why := range one.Why {
			if !slices.Contains(whys, why) {
				whys = append(whys, why)
			}
		}
	}
	return whys
}

// meanwhile says what still works and what does not.
func meanwhile(b ledger.Blindness) []string {
	lag := "Lag is read, so alerts about lag still come."
	switch {
	case b.WithoutLag == b.Count() && b.Count() == b.Of:
		lag = "The lag cannot be judged anywhere, and no alert opens until it can."
	case b.WithoutLag > 0:
		lag = fmt.Sprintf("Of %s the lag cannot be judged, and no alert opens until it can; of the others alerts about lag still come.", plural(b.WithoutLag, "component"))
	}
	return []string{lag, "A rule that cannot be judged opens nothing, closes nothing, and never counts as agreement to take workers away."}
}

package runbook

import (
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// Component finds a component by name, title or alias, whatever the case and whether written with
// dashes, spaces or together, or by one of its topics with or without the common prefix (T-30). A
// topic that two components read finds neither.
func (b *Book) Component(word string) (scale.Component, bool) {
	for _, c := range b.Components {
		if slices.Contains(calls(c), fold(word)) {
			return c, true
		}
	}
	var readers []scale.Component
	for _, c := range b.Components {
		if b.reads(c, word) {
			readers = append(readers, c)
		}
	}
	if len(readers) != 1 {
		return scale.Component{}, false
	}
	return readers[0], true
}

// Words are all names and aliases of all components, for suggestions.
func (b *Book) Words() []string {
	words := b.Names()
	for _, c := range b.Components {
		words = append(words, c.Aliases...)
	}
	return words
}

// calls are the folded words that name the component.
func calls(c scale.Component) []string {
	words := []string{fold(c.Name), fold(c.Title)}
	for _, alias := range c.Aliases {
		words = append(words, fold(alias))
	}
	return words
}

func (b *Book) reads(c scale.Component, word string) bool {
	word = strings.ToLower(strings.TrimSpace(word))
	if word == "" || strings.Contains(word, " ") {
		return false
	}
	for _, topic := range c.Topics {
		for _, pattern := range []string{strings.ToLower(topic), strings.ToLower(strings.TrimPrefix(topic, b.prefix))} {
			stem, wild := strings.CutSuffix(pattern, "*")
			switch {
			case word == pattern, wild && word == strings.TrimRight(stem, "."):
				return true
			case wild && stem != "" && strings.HasPrefix(word, stem):
				return true
			}
		}
	}
	return false
}

// fold turns "Download Worker", "download_worker" and "download-worker" into the same word.
func fold(word string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' {
			return -1
		}
		return r
	}, strings.ToLower(word))
}

// Reserved reports whether the word belongs to the command language, so that a
// component of that name could not be addressed.
func Reserved(word string) bool {
	return slices.Contains([]string{
		"add", "approve", "because", "by", "cancel", "capacity", "decline", "diagnose", "doctor", "down", "fewer", "fleet",
		"for", "help", "higher", "history", "in", "less", "lock", "lower", "max", "maximum", "min", "minimum", "more", "oncall", "out", "overview", "pause", "plan",
		"please", "pls", "postmortem", "preview", "rec", "recommend", "recommended", "recovered", "recovery", "reject", "remove", "restart", "resume", "rollback",
		"scale", "set", "snooze", "status", "stop", "timeline", "to", "undo", "unlock", "until", "up", "version", "watch", "who",
		"whoholds", "why",
	}, fold(word))
}

package commands

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// lengthAfter reads "<component> [for|until] <length>" of a command; both parts may
// be missing. The length may also have come as --for.
func (p parser) lengthAfter(name string, words []string) (component, text string, refusal *scale.Refusal) {
	text = strings.ToLower(p.in.length)
	if len(words) > 0 && !startsLength(words[0]) {
		c, rest, ok := p.component(words)
		if !ok {
			return "", "", p.refuseWord([]string{name}, words)
		}
		component, words = c.Name, rest
	}
	if len(words) == 0 {
		return component, text, nil
	}
	if text != "" {
		return "", "", p.refuseRest(slices.Concat([]string{name}, filled(component)), words)
	}
	if words[0] == "for" || words[0] == "until" {
		words = words[1:]
	}
	return component, strings.Join(words, " "), nil
}

func filled(w string) []string {
	if w == "" {
		return nil
	}
	return []string{w}
}

// startsLength reports whether the word begins a length and not a component.
func startsLength(w string) bool {
	return !startsWithLetter(w) || w == "for" || w == "until" || untilRecovery(w)
}

// untilRecovery reports whether the words mean "until it recovers".
func untilRecovery(text string) bool {
	switch strings.TrimPrefix(text, "until ") {
	case recovery, "recovered", "it recovers":
		return true
	}
	return false
}

var (
	lengthForm = regexp.MustCompile(`^(?:[0-9]{1,4} ?[a-z]+ ?)+$`)
	lengthPart = regexp.MustCompile(`([0-9]{1,4}) ?([a-z]+)`)
)

// parseLength reads "90s", "10m", "10 min", "1h30m", "2 hours".
func parseLength(text string) (time.Duration, bool) {
	if !lengthForm.MatchString(text) {
		return 0, false
	}
	var sum time.Duration
	for _, part := range lengthPart.FindAllStringSubmatch(text, -1) {
		unit, ok := lengthUnit(part[2])
		if !ok {
			return 0, false
		}
		sum += time.Duration(number(part[1])) * unit
	}
	return sum, true
}

func lengthUnit(name string) (time.Duration, bool) {
	switch name {
	case "s", "sec", "secs", "second", "seconds":
		return time.Second, true
	case "m", "min", "mins", "minute", "minutes":
		return time.Minute, true
	case "h", "hr", "hrs", "hour", "hours":
		return time.Hour, true
	case "d", "day", "days":
		return 24 * time.Hour, true
	}
	return 0, false
}

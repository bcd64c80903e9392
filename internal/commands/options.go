package commands

import (
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// The options, which may stand anywhere in a command.
const (
	optionReason = "--reason"
	optionDryRun = "--dry-run"
	optionFor    = "--for"
	optionHelp   = "--help"
	// These two need a reason; see engine.Ask.
	optionOverride = "--override-minimum"
	optionGlass    = "--break-glass"
)

// because begins a reason that runs to the end of the text.
const because = "because"

func allOptions() []string {
	return []string{optionReason, optionDryRun, optionFor, optionOverride, optionGlass, optionHelp}
}

// input is a typed text taken apart: the words of the command and its options.
type input struct {
	words  []string
	reason string
	// length is the text after --for.
	length string
	dryRun bool
	help   bool
	// override and glass are --override-minimum and --break-glass.
	override, glass bool
	// given are the options in the order they were typed.
	given []string
}

// split takes tokens apart into words and options.
func split(tokens []token) (input, *scale.Refusal) {
	var in input
	for i := 0; i < len(tokens); {
		t := tokens[i]
		switch name, value, isOption := option(t); {
		case isOption:
			used, refusal := in.readOption(name, value, tokens[i+1:])
			if refusal != nil {
				return in, refusal
			}
			i += 1 + used
		case !t.quoted && word(t.text) == because:
			return in, in.readBecause(tokens[i+1:])
		default:
			in.addWord(t)
			i++
		}
	}
	return in, nil
}

// option recognises --name and --name=value; value is nil when there is no "=".
func option(t token) (name string, value *string, ok bool) {
	if t.quoted && t.option == "" {
		return "", nil, false
	}
	text := dashed(t.option + t.text)
	if !strings.HasPrefix(text, "--") || text == "--" {
		return "", nil, false
	}
	name, rest, glued := strings.Cut(text, "=")
	if glued {
		value = &rest
	}
	return canonicalOption(strings.ToLower(strings.TrimRight(name, "?!.,;:"))), value, true
}

// canonicalOption forgives the other ways to write an option.
func canonicalOption(name string) string {
	switch name {
	case "--dryrun", "--dry_run", "--dry":
		return optionDryRun
	case "--because", "--why":
		return optionReason
	case "--override", "--override-min", "--override_minimum", "--below-minimum":
		return optionOverride
	case "--breakglass", "--break_glass":
		return optionGlass
	}
	return name
}

// readOption reads one option and tells how many further tokens it used.
func (in *input) readOption(name string, value *string, rest []token) (used int, refusal *scale.Refusal) {
	if slices.Contains(in.given, name) {
		return 0, refuseTwice(name)
	}
	in.given = append(in.given, name)
	switch name {
	case optionDryRun, optionHelp, optionOverride, optionGlass:
		if value != nil {
			return 0, refuseValue(name)
		}
		in.mark(name)
		return 0, nil
	case optionReason:
		return in.readText(name, value, rest, &in.reason)
	case optionFor:
		return in.readText(name, value, rest, &in.length)
	}
	return 0, refuseOption(name)
}

// mark notes an option without a value.
func (in *input) mark(name string) {
	switch name {
	case optionDryRun:
		in.dryRun = true
	case optionHelp:
		in.help = true
	case optionOverride:
		in.override = true
	case optionGlass:
		in.glass = true
	}
}

// readText reads an option's value: the text after "=", a quoted text, or as many of the next
// words as belong to it.
func (in *input) readText(name string, value *string, rest []token, into *string) (used int, refusal *scale.Refusal) {
	switch {
	case value != nil:
		*into = *value
	case len(rest) > 0 && rest[0].quoted && rest[0].option == "":
		*into, used = rest[0].text, 1
	default:
		used = slices.IndexFunc(rest, func(t token) bool { _, _, ok := option(t); return ok })
		if used < 0 {
			used = len(rest)
		}
		if name == optionFor {
			used = lengthWords(rest[:used])
		}
		*into = joinRaw(rest[:used])
	}
	if *into == "" {
		return 0, refuseEmpty(name)
	}
	return used, nil
}

// lengthWords is how many of the first words make a duration: "90 seconds" are two. A word that
// begins no duration counts as one.
func lengthWords(words []token) int {
	for n := min(len(words), 4); n > 1; n-- {
		text := strings.ToLower(joinRaw(words[:n]))
		if _, ok := parseLength(text); ok || untilRecovery(text) {
			return n
		}
	}
	return min(len(words), 1)
}

// afterBecause are the options that count even inside a reason that runs to the end of the text.
// Somebody who types --dry-run does not want a real change, and the other two options need the
// reason that stands before them.
var afterBecause = []string{optionDryRun, optionOverride, optionGlass}

// readBecause reads the rest of the text as the reason.
func (in *input) readBecause(rest []token) *scale.Refusal {
	if slices.Contains(in.given, optionReason) {
		return refuseTwice(optionReason)
	}
	left := make([]token, 0, len(rest))
	for _, t := range rest {
		if name, value, ok := option(t); ok && slices.Contains(afterBecause, name) && value == nil {
			in.mark(name)
			if !slices.Contains(in.given, name) && name != optionDryRun {
				in.given = append(in.given, name)
			}
			continue
		}
		left = append(left, t)
	}
	in.given = append(in.given, optionReason)
	if in.reason = joinRaw(left); len(left) == 1 && left[0].quoted {
		in.reason = left[0].text
	}
	if in.reason == "" {
		return refuseEmpty(optionReason)
	}
	return nil
}

func joinRaw(tokens []token) string {
	raw := make([]string, 0, len(tokens))
	for _, t := range tokens {
		raw = append(raw, t.raw)
	}
	return strings.Join(raw, " ")
}

// addWord adds a word of the command. It leaves out politeness, the command's own name and people
// who are mentioned.
func (in *input) addWord(t token) {
	w := word(t.text)
	switch {
	case w == "", w == "please", w == "pls", w == "/scale" && len(in.words) == 0, strings.HasPrefix(w, "@"):
	default:
		in.words = append(in.words, w)
	}
}

// nearestOption is the option that was probably meant, or empty.
func nearestOption(name string) string {
	var names []string
	for _, option := range allOptions() {
		names = append(names, strings.TrimPrefix(option, "--"))
	}
	near := runbook.Closest(strings.TrimLeft(name, "-"), names)
	if near == "" {
		return ""
	}
	return "--" + near
}

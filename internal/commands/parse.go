package commands

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scalebot/scalebot/internal/scale"
)

// The longest accepted text and reason, in characters.
const (
	longestText   = 2000
	longestReason = 500
)

// Vocabulary knows what people call the components. *runbook.Book is one.
type Vocabulary interface {
	// Component finds a component by name, alias or topic.
	Component(word string) (scale.Component, bool)
	// Names are the components' names, Words their names and aliases.
	Names() []string
	Words() []string
}

// Parse understands what somebody typed, without the command's name or the mention. The error is
// a *scale.Refusal that says what was understood and what to type instead; the line to copy in
// its Try always parses. Parse never guesses: it answers a typing mistake with the likely command
// and does not carry that out.
func Parse(text string, book Vocabulary) (Command, error) {
	c, refusal := parse(text, book)
	if refusal != nil {
		return nil, refusal
	}
	return c, nil
}

func parse(text string, book Vocabulary) (Command, *scale.Refusal) {
	if n := utf8.RuneCountInString(text); n > longestText {
		return nil, refuseLong(n)
	}
	tokens, ok := scan(clean(text))
	if !ok {
		return nil, refuseQuote()
	}
	return parseTokens(tokens, book, maxGuesses)
}

func parseTokens(tokens []token, book Vocabulary, guesses int) (Command, *scale.Refusal) {
	in, refusal := split(tokens)
	if refusal != nil {
		return nil, mendOption(refusal, tokens, book, guesses)
	}
	if n := utf8.RuneCountInString(in.reason); n > longestReason {
		return nil, refuseLongReason(n)
	}
	p := parser{book: book, in: in, guesses: guesses}
	return p.command()
}

// maxGuesses is how many typing mistakes in one line are corrected for a suggestion.
const maxGuesses = 2

// parser is one reading of an input.
type parser struct {
	book Vocabulary
	in   input
	// guesses bounds how often a corrected line is parsed again.
	guesses int
}

func (p parser) command() (Command, *scale.Refusal) {
	words := p.in.words
	if p.in.help {
		return p.help(words[:min(1, len(words))])
	}
	c, refusal := p.sentence(words)
	if refusal != nil {
		return nil, refusal
	}
	return c, p.checkOptions(c)
}

// sentence reads the words: a verb first, or a component first.
func (p parser) sentence(words []string) (Command, *scale.Refusal) {
	if len(words) == 0 {
		return Fleet{}, nil
	}
	if v, ok := verbOf(words[0]); ok {
		return v.read(p, words[1:])
	}
	component, rest, ok := p.component(words)
	if !ok {
		return nil, p.refuseWord(nil, words)
	}
	if len(rest) == 0 {
		return Show{Component: component.Name}, nil
	}
	// "dw why" means "why dw". A target such as "max" is not a verb.
	if v, ok := verbOf(rest[0]); ok && v.component {
		return v.read(p, slices.Concat([]string{component.Name}, rest[1:]))
	}
	return p.scale(component, rest)
}

// longestName is how many words a component's name may have.
const longestName = 4

// component reads a component from the first words, the longest name first.
func (p parser) component(words []string) (c scale.Component, rest []string, ok bool) {
	for n := nameLength(words); n > 0; n-- {
		if c, ok := p.book.Component(strings.Join(words[:n], " ")); ok {
			return c, words[n:], true
		}
	}
	return scale.Component{}, words, false
}

// nameLength is how many of the first words may belong to one name. A number or a sign ends the
// name.
func nameLength(words []string) int {
	n := 0
	for n < min(longestName, len(words)) && (n == 0 || startsWithLetter(words[n])) {
		n++
	}
	return n
}

func startsWithLetter(w string) bool { return w[0] >= 'a' && w[0] <= 'z' }

// mayBeComponent reads an optional component. before are the words in front of it, for
// suggestions. It refuses further words.
func (p parser) mayBeComponent(before, words []string) (string, *scale.Refusal) {
	if len(words) == 0 {
		return "", nil
	}
	c, rest, ok := p.component(words)
	if !ok {
		return "", p.refuseWord(before, words)
	}
	if len(rest) > 0 {
		return "", p.refuseRest(slices.Concat(before, []string{c.Name}), rest)
	}
	return c.Name, nil
}

// checkOptions refuses an option that the command does not take.
func (p parser) checkOptions(c Command) *scale.Refusal {
	allowed := optionsOf(c)
	for _, name := range p.in.given {
		if !slices.Contains(allowed, name) {
			return refuseMisplaced(name, c)
		}
	}
	return nil
}

func optionsOf(c Command) []string {
	switch c := c.(type) {
	case Scale:
		return []string{optionReason, optionDryRun, optionOverride, optionGlass}
	case Decide:
		if c.Choice == Approve {
			return []string{optionReason, optionGlass}
		}
		return []string{optionReason}
	case Watch, Snooze:
		return []string{optionFor}
	case Fleet, Show, History, Timeline, OnCall, Diagnose, Capacity, Help, Version:
		return nil
	}
	return nil
}

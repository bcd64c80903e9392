package commands

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// refuseWord answers words of which the first is not known; before are the words that were
// understood. It offers the likely line and does not run it.
func (p parser) refuseWord(before, words []string) *scale.Refusal {
	if len(before) == 0 && !startsWithLetter(words[0]) && numberish.MatchString(words[0]) {
		return p.refuseNumberFirst(words)
	}
	r := &scale.Refusal{
		Code: RefusedWord, Understood: strings.Join(before, " "),
		Why:  p.unknown(before, words[0]),
		Next: p.known(before), Try: helpLine(""),
	}
	mended, meant := p.mend(before, words)
	if meant == "" {
		return r
	}
	r.Next = fmt.Sprintf("Did you mean %s?", meant)
	if try := p.retry(mended); try != "" {
		r.Try = try
	}
	return r
}

func (p parser) unknown(before []string, w string) string {
	switch {
	case len(before) == 0:
		return fmt.Sprintf("%s is neither a command nor a component.", show(w))
	case p.isComponent(before[len(before)-1]):
		return fmt.Sprintf("%s does not say what to do with %s.", show(w), before[len(before)-1])
	default:
		return fmt.Sprintf("%s is not a component.", show(w))
	}
}

func (p parser) known(before []string) string {
	if len(before) > 0 && p.isComponent(before[len(before)-1]) {
		return "A target is a number such as 9, +2, x1.5, recommended, min or max."
	}
	return "The components are " + strings.Join(p.book.Names(), ", ") + "."
}

func (p parser) isComponent(w string) bool {
	return slices.Contains(p.book.Names(), w)
}

// mend replaces the unknown first words by what was probably meant; meant is empty when no known
// word is similar.
func (p parser) mend(before, words []string) (mended []string, meant string) {
	afterComponent := len(before) > 0 && p.isComponent(before[len(before)-1])
	if !afterComponent {
		// Several words may be one name with a typing mistake: "downlod worker".
		for n := min(nameLength(words), 3); n > 1; n-- {
			if near := runbook.Closest(strings.Join(words[:n], "-"), p.book.Words()); near != "" {
				return p.replaced(before, near, words[n:])
			}
		}
	}
	near := runbook.Closest(words[0], p.candidates(before, afterComponent))
	if near == "" {
		return nil, ""
	}
	return p.replaced(before, near, words[1:])
}

// candidates are the words that could stand where the unknown one does.
func (p parser) candidates(before []string, afterComponent bool) []string {
	switch {
	case afterComponent:
		return slices.Concat([]string{"recommended", "minimum", "maximum"}, verbNames())
	case len(before) > 0:
		return p.book.Words()
	default:
		return slices.Concat(p.book.Words(), verbNames())
	}
}

// replaced puts the word that was meant in the unknown word's place, as its component's own name.
func (p parser) replaced(before []string, near string, rest []string) (mended []string, meant string) {
	if c, ok := p.book.Component(near); ok {
		near = c.Name
	}
	return slices.Concat(before, []string{near}, rest), near
}

// retry parses the corrected words and returns a line to copy: that command or, if it is refused,
// the line that the refusal offers.
func (p parser) retry(words []string) string {
	if p.guesses == 0 {
		return ""
	}
	p.guesses--
	p.in.words = words
	c, refusal := p.command()
	if refusal != nil {
		return refusal.Try
	}
	return line(c)
}

// mendOption offers the line with the option that was probably meant.
func mendOption(refusal *scale.Refusal, tokens []token, book Vocabulary, guesses int) *scale.Refusal {
	at := slices.IndexFunc(tokens, func(t token) bool {
		name, _, ok := option(t)
		return ok && !slices.Contains(allOptions(), name) && nearestOption(name) != ""
	})
	if at < 0 || guesses == 0 || refusal.Code != RefusedOption {
		return refusal
	}
	name, _, _ := option(tokens[at])
	mended := slices.Clone(tokens)
	t := &mended[at]
	_, glued, _ := strings.Cut(t.raw, "=")
	if glued != "" {
		glued = "=" + glued
	}
	if t.quoted {
		t.option = nearestOption(name) + "="
	} else {
		t.text = nearestOption(name) + glued
	}
	t.raw = nearestOption(name) + glued
	switch c, again := parseTokens(mended, book, guesses-1); {
	case again == nil:
		refusal.Try = line(c)
	case again.Try != "":
		refusal.Try = again.Try
	}
	return refusal
}

// refuseRest answers words that follow a complete command.
func (p parser) refuseRest(complete, rest []string) *scale.Refusal {
	r := &scale.Refusal{
		Code: RefusedWord, Understood: strings.Join(complete, " "),
		Why:  fmt.Sprintf("What does %s mean here?", show(strings.Join(rest, " "))),
		Next: "Leave it out, or see the help.", Try: helpLine(""),
	}
	if try := p.retry(complete); try != "" {
		r.Try = try
	}
	return r
}

func (p parser) refuseNoComponent(verb string) *scale.Refusal {
	return &scale.Refusal{
		Code: RefusedComponent, Understood: verb, Why: "It is not said which component is meant.",
		Next: p.known(nil), Try: helpLine(verb),
	}
}

// refuseNumberFirst answers a number where a component should be; the component may follow it.
func (p parser) refuseNumberFirst(words []string) *scale.Refusal {
	r := p.refuseNoComponent("scale")
	c, rest, ok := p.component(words[1:])
	if !ok {
		return r
	}
	r.Why, r.Next = "The component comes first and the number after it.", fmt.Sprintf("Did you mean %s?", c.Name)
	if try := p.retry(slices.Concat([]string{c.Name, words[0]}, rest)); try != "" {
		r.Try = try
	}
	return r
}

// refuseOperation answers an operation's id whose component is not known.
func (p parser) refuseOperation(verb, name string, number int, retry func(id string) Command) *scale.Refusal {
	r := &scale.Refusal{
		Code: RefusedWord, Understood: verb,
		Why:  fmt.Sprintf("%s is not an operation of any component.", show(ledger.OperationID(name, number))),
		Next: p.known(nil), Try: line(History{}),
	}
	if c, ok := p.book.Component(runbook.Closest(name, p.book.Words())); ok {
		r.Next = fmt.Sprintf("Did you mean %s?", ledger.OperationID(c.Name, number))
		r.Try = line(retry(ledger.OperationID(c.Name, number)))
	}
	return r
}

func (p parser) refuseTopic(w string) *scale.Refusal {
	r := &scale.Refusal{
		Code: RefusedWord, Understood: "help", Why: fmt.Sprintf("There is no help on %s.", show(w)),
		Next: "The help lists all commands.", Try: helpLine(""),
	}
	if near, ok := verbOf(runbook.Closest(w, verbNames())); ok {
		r.Next = fmt.Sprintf("Did you mean %s?", near.names[0])
		r.Try = helpLine(near.names[0])
	}
	return r
}

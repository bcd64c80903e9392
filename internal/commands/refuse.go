package commands

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// The codes of refusals for text that was not understood; package scale has the others. They are
// stable: people search logs for them.
const (
	// RefusedText: the text as a whole is unreadable: too long, an open quote.
	RefusedText = "unreadable_text"
	// RefusedWord: a word is neither a command nor a component, or there is one too many.
	RefusedWord = "unknown_word"
	// RefusedOption: an option is unknown, misplaced or has no value.
	RefusedOption = "bad_option"
	// RefusedNumber: a number is missing, or it cannot be a count of replicas.
	RefusedNumber = "bad_number"
	// RefusedLength: a duration is missing, unreadable or out of bounds.
	RefusedLength = "bad_length"
	// RefusedComponent: the command needs a component or an operation.
	RefusedComponent = "component_needed"
)

func helpLine(topic string) string { return line(Help{Topic: topic}) }

func refuseLong(n int) *scale.Refusal {
	return &scale.Refusal{
		Code: RefusedText, Why: fmt.Sprintf("This text has %s characters.", scale.Count(int64(n))),
		Limit: fmt.Sprintf("at most %s characters in a command", scale.Count(longestText)),
		Next:  "Say it shorter; a reason may have up to 500 characters.", Try: helpLine(""),
	}
}

func refuseLongReason(n int) *scale.Refusal {
	return &scale.Refusal{
		Code: RefusedText, Why: fmt.Sprintf("The reason has %s characters.", scale.Count(int64(n))),
		Limit: fmt.Sprintf("at most %d characters in a reason, so that it fits on the card", longestReason),
		Next:  "Give the short version; details fit into the thread.",
	}
}

func refuseQuote() *scale.Refusal {
	return &scale.Refusal{
		Code: RefusedText, Why: "There is an opening quote without a closing one, so it is not clear where the text ends.",
		Next: "Close the quote, or give the reason at the end after the word because.", Try: helpLine("scale"),
	}
}

func refuseTwice(option string) *scale.Refusal {
	return &scale.Refusal{
		Code: RefusedOption, Why: fmt.Sprintf("%s is given twice.", option),
		Next: "Give it once.", Try: helpLine("scale"),
	}
}

func refuseValue(option string) *scale.Refusal {
	return &scale.Refusal{
		Code: RefusedOption, Why: fmt.Sprintf("%s takes no value.", option),
		Next: fmt.Sprintf("Write %s alone, or leave it out.", option), Try: helpLine("scale"),
	}
}

func refuseEmpty(option string) *scale.Refusal {
	next := `Write because and the reason at the end, or --reason "the reason".`
	if option == optionFor {
		next = "Write a length after it, such as --for 10m."
	}
	return &scale.Refusal{Code: RefusedOption, Why: option + " needs a text after it.", Next: next, Try: helpLine("scale")}
}

func refuseOption(name string) *scale.Refusal {
	r := &scale.Refusal{
		Code: RefusedOption, Why: fmt.Sprintf("%s is not an option.", show(name)),
		Limit: "the options are " + strings.Join(allOptions(), ", "), Try: helpLine("scale"),
	}
	if near := nearestOption(name); near != "" {
		r.Next = fmt.Sprintf("Did you mean %s?", near)
	}
	return r
}

// refuseMisplaced answers an option that the command does not take.
func refuseMisplaced(option string, c Command) *scale.Refusal {
	r := &scale.Refusal{
		Code: RefusedOption, Understood: c.String(), Try: line(c),
		Why:  fmt.Sprintf("%s does not go with this command.", option),
		Next: "Leave it out.",
	}
	switch _, shows := c.(Show); {
	case shows && option != optionFor:
		r.Next = "It goes with a number, as in /scale download-worker 9 because lag is rising."
	case c == Fleet{} && option == optionReason:
		r.Next = "If the order is inside the reason, put the reason in quotes, or behind the word because at the end."
	}
	return r
}

func refuseLength(text string, c Command, least, most time.Duration) *scale.Refusal {
	r := &scale.Refusal{
		Code: RefusedLength, Why: fmt.Sprintf("%s is not a length of time that can be used here.", show(text)),
		Limit: fmt.Sprintf("from %s to %s", spell(least), spell(most)),
		Next:  "Write a number and a unit, such as 30m.", Try: line(c),
	}
	if text == "" {
		r.Why = "It is not said for how long."
	}
	if _, ok := c.(Snooze); ok {
		r.Limit += ", or recovery"
	}
	return r
}

// refuseAfterNumber answers words that follow a complete order. They were probably
// meant as the reason.
func refuseAfterNumber(c Scale, rest []string) *scale.Refusal {
	extra := strings.Join(rest, " ")
	r := &scale.Refusal{
		Code: RefusedWord, Understood: c.String(), Try: line(c),
		Why:  fmt.Sprintf("What does %s mean after the number?", show(extra)),
		Next: "A reason goes after the word because.",
	}
	if reason := strings.TrimLeft(extra, "- "); c.Reason == "" && reason != "" && startsWithLetter(reason) && len([]rune(reason)) <= longestReason {
		c.Reason = reason
		r.Try = line(c)
	}
	return r
}

// show quotes text from outside in a sentence, cut to a readable length.
func show(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return "“" + text + "”"
}

func foreignDigit(r rune) bool { return r > unicode.MaxASCII && unicode.IsNumber(r) }

// to is the order for a plain count, for lines to copy.
func (p parser) to(c scale.Component, n int) string {
	return p.by(c, judge.Exactly(n))
}

// order is the command for a target, with the options that were given.
func (p parser) order(c scale.Component, target judge.Target) Scale {
	return Scale{
		Component: c.Name, Target: target, Reason: p.in.reason, DryRun: p.in.dryRun,
		OverrideMinimum: p.in.override, BreakGlass: p.in.glass,
	}
}

func (p parser) by(c scale.Component, target judge.Target) string {
	return line(p.order(c, target))
}

func (p parser) numberRefusal(c scale.Component, why, next, try string) *scale.Refusal {
	return &scale.Refusal{Code: RefusedNumber, Understood: "scale " + c.Name, Why: why, Next: next, Try: try}
}

func (p parser) refuseNoNumber(c scale.Component) *scale.Refusal {
	return p.numberRefusal(c, "It is not said to how many replicas.",
		"Write a number; what the runbook recommends now is also a word.", p.by(c, judge.Target{Kind: judge.TargetRecommended}))
}

func (p parser) refuseDirection(c scale.Component, w string) *scale.Refusal {
	step := 1
	switch w {
	case "down", "less", "fewer", "lower", "in":
		step = -1
	}
	return p.numberRefusal(c, fmt.Sprintf("%s does not say by how many, and a number is never guessed.", show(w)),
		"Write the count, or the difference with its sign.", p.by(c, judge.Target{Kind: judge.TargetBy, N: step}))
}

// refuseZero answers 0 (T-23, R-055).
func (p parser) refuseZero(c scale.Component) *scale.Refusal {
	return &scale.Refusal{
		Code: scale.RefusedBelowMinimum, Understood: "scale " + c.Name + " to 0",
		Why:   fmt.Sprintf("0 replicas would stop %s: nobody would read its topics.", c.Name),
		Limit: fmt.Sprintf("minimum %d, runbook section Scale Down Workers (R-055)", c.Min),
		Next:  fmt.Sprintf("The least is %d.", c.Min), Try: p.to(c, max(c.Min, 1)),
	}
}

func (p parser) refuseHuge(c scale.Component, w string) *scale.Refusal {
	r := p.numberRefusal(c, fmt.Sprintf("%s is far more than any topic has partitions.", show(w)),
		"The upper end of the recommended range is the word max.", p.by(c, judge.Target{Kind: judge.TargetMax}))
	r.Limit = fmt.Sprintf("at most %s in a command", scale.Count(mostReplicas))
	return r
}

func (p parser) refuseNegative(c scale.Component, w string) *scale.Refusal {
	n := min(max(number(strings.TrimLeft(w, "-")), 1), mostReplicas)
	return p.numberRefusal(c, fmt.Sprintf("There cannot be %s replicas.", show(w)),
		"To take some away, write the difference without the word to.", p.by(c, judge.Target{Kind: judge.TargetBy, N: -n}))
}

func (p parser) refuseNothing(c scale.Component, w string) *scale.Refusal {
	return &scale.Refusal{
		Code: scale.RefusedNoChange, Understood: "scale " + c.Name,
		Why:  fmt.Sprintf("%s changes nothing.", show(w)),
		Next: "See how it is doing first.", Try: line(Show{Component: c.Name}),
	}
}

func (p parser) refuseFactor(c scale.Component, w string) *scale.Refusal {
	r := p.numberRefusal(c, fmt.Sprintf("%s is not a factor that can be used here.", show(w)),
		"Write x and the factor.", p.by(c, judge.Target{Kind: judge.TargetTimes, Factor: 1.5}))
	r.Limit = fmt.Sprintf("above 0, at most %d, with two decimals", mostFactor)
	return r
}

// refuseNumber answers everything with digits that is not a count of replicas, and
// says what is wrong with it.
func (p parser) refuseNumber(c scale.Component, w string) *scale.Refusal {
	recommended := p.by(c, judge.Target{Kind: judge.TargetRecommended})
	switch {
	case grouped.MatchString(w):
		return p.refuseHuge(c, w)
	case fractional.MatchString(w):
		return p.numberRefusal(c, fmt.Sprintf("%s is not a whole number, and there are no parts of a replica.", show(w)),
			"Write a whole number; a factor has an x in front.", p.wholeTry(c, w))
	case percentage.MatchString(w):
		return p.numberRefusal(c, fmt.Sprintf("%s: replicas are not given in percent.", show(w)),
			"Write a factor instead.", p.percentTry(c, w))
	case between.MatchString(w):
		return p.numberRefusal(c, fmt.Sprintf("%s is a range, and a number is never guessed.", show(w)),
			"Write one number of it.", p.betweenTry(c, w))
	default:
		return p.numberRefusal(c, fmt.Sprintf("%s is not a number of replicas.", show(w)),
			"Write it with the digits 0 to 9, such as 9, +2 or x1.5.", recommended)
	}
}

// wholeTry is the next larger whole number as an order.
func (p parser) wholeTry(c scale.Component, w string) string {
	f, err := strconv.ParseFloat(strings.Replace(strings.TrimLeft(w, "+-"), ",", ".", 1), 64)
	if n := int(min(f, mostReplicas)) + 1; err == nil && n <= mostReplicas {
		if f == float64(int(f)) && f > 0 {
			n--
		}
		return p.to(c, n)
	}
	return p.by(c, judge.Target{Kind: judge.TargetRecommended})
}

// percentTry is +50% as x1.5.
func (p parser) percentTry(c scale.Component, w string) string {
	percent := number(strings.Trim(w, "+-%"))
	switch w[0] {
	case '+':
		percent += 100
	case '-':
		percent = 100 - percent
	}
	if percent <= 0 || percent > 100*mostFactor || percent == 100 {
		return p.by(c, judge.Target{Kind: judge.TargetRecommended})
	}
	return p.by(c, judge.Target{Kind: judge.TargetTimes, Factor: float64(percent) / 100})
}

func (p parser) betweenTry(c scale.Component, w string) string {
	m := between.FindStringSubmatch(w)
	if n := number(m[2]); n > 0 && n <= mostReplicas {
		return p.to(c, n)
	}
	return p.by(c, judge.Target{Kind: judge.TargetRecommended})
}

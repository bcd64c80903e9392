package commands

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/scalebot/scalebot/internal/capacity"
	"github.com/scalebot/scalebot/internal/scale"
)

// Capacity asks how many workers a demand needs. A field of Demand that is zero is filled in from
// the present readings.
type Capacity struct {
	Component string
	Demand    capacity.Demand
}

func (Capacity) command() {}

// The words in front of the numbers of a demand.
const (
	wordRate = "rate"
	wordTime = "time"
	wordEach = "each"
)

// String is "capacity download-worker rate 1000 time 3s each 100", with the parts it has.
func (c Capacity) String() string {
	return phrase("capacity", c.Component, demanded(wordRate, c.Demand.Rate, ""), demanded(wordTime, c.Demand.Seconds, "s"), demanded(wordEach, c.Demand.Each, ""))
}

func demanded(word string, value float64, unit string) string {
	if value <= 0 {
		return ""
	}
	return word + " " + strconv.FormatFloat(value, 'f', -1, 64) + unit
}

// Planned is how many workers a component needs.
type Planned struct{ Need capacity.Need }

func (Planned) answer() {}

// parseCapacity reads "<component> [rate] <number> [time] <seconds> [each] <number>". The words
// may be left out: the first bare number is the rate, the second is what one worker manages.
func parseCapacity(p parser, words []string) (Command, *scale.Refusal) {
	var c Capacity
	rest := words
	if len(words) > 0 && startsWithLetter(words[0]) && !slices.Contains([]string{wordRate, wordTime, wordEach}, words[0]) {
		component, after, ok := p.component(words)
		if !ok {
			return nil, p.refuseWord([]string{"capacity"}, words)
		}
		c.Component, rest = component.Name, after
	}
	for len(rest) > 0 {
		word := ""
		if slices.Contains([]string{wordRate, wordTime, wordEach}, rest[0]) {
			word, rest = rest[0], rest[1:]
		}
		if len(rest) == 0 {
			return nil, refuseDemand(c, word)
		}
		if !c.assign(word, rest[0]) {
			return nil, refuseDemand(c, rest[0])
		}
		rest = rest[1:]
	}
	return c, nil
}

// assign stores one number in the field that word names, and reports whether there is such a
// field.
func (c *Capacity) assign(word, text string) bool {
	seconds, isTime := readSeconds(text)
	rate, isRate := readRate(text)
	switch {
	case isTime && (word == "" || word == wordTime) && c.Demand.Seconds == 0:
		c.Demand.Seconds = seconds
	case isRate && (word == "" || word == wordRate) && c.Demand.Rate == 0:
		c.Demand.Rate = rate
	case isRate && (word == "" || word == wordEach) && c.Demand.Each == 0:
		c.Demand.Each = rate
	default:
		return false
	}
	return true
}

// The bounds of a demand; zero and below are refused (T-06).
const (
	mostRate    = 10_000_000
	mostSeconds = 3600
)

var (
	rateForm    = regexp.MustCompile(`^([0-9]{1,8}(?:\.[0-9]{1,3})?)(?:/s)?$`)
	secondsForm = regexp.MustCompile(`^([0-9]{1,4}(?:\.[0-9]{1,3})?)s$`)
	millisForm  = regexp.MustCompile(`^([0-9]{1,7})ms$`)
)

func readRate(text string) (float64, bool) {
	m := rateForm.FindStringSubmatch(strings.ReplaceAll(text, ",", ""))
	if m == nil {
		return 0, false
	}
	rate, err := strconv.ParseFloat(m[1], 64)
	return rate, err == nil && rate > 0 && rate <= mostRate
}

func readSeconds(text string) (float64, bool) {
	form, unit := secondsForm, 1.0
	if millisForm.MatchString(text) {
		form, unit = millisForm, 1000
	}
	m := form.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(m[1], 64)
	seconds := n / unit
	return seconds, err == nil && seconds > 0 && seconds <= mostSeconds
}

// refuseDemand says which numbers the command takes. The line that it offers to copy contains the
// part of the demand that was understood.
func refuseDemand(c Capacity, word string) *scale.Refusal {
	why := fmt.Sprintf("%s is not a rate, a time or a number of messages per worker that can be planned with.", show(word))
	if word == wordRate || word == wordTime || word == wordEach {
		why = fmt.Sprintf("There is no number after %s.", show(word))
	}
	return &scale.Refusal{
		Code: RefusedNumber, Understood: c.String(), Why: why,
		Limit: "rates above 0 and up to 10,000,000 a second, times above 0s and up to 3600s",
		Next:  "Name them in this order or by their words: rate 1000 time 3s each 100. What is left out is taken from what is seen.",
		Try:   helpLine("capacity"),
	}
}

// capacity plans with the present readings and the numbers that were typed.
func (h *Handler) capacity(ctx context.Context, call Call, c Capacity) (Answer, error) {
	component, err := h.about(ctx, call, c.Component, c)
	if err != nil {
		return nil, err
	}
	status, err := h.Desk.Status(ctx, component)
	if err != nil {
		return nil, err
	}
	return Planned{Need: capacity.PlanCapacity(status.Component, h.Book.Policy, status.Snapshot, status.Past, c.Demand)}, nil
}

func capacityPage() topic {
	return topic{[]string{"capacity"}, Page{
		Usage: "/scale capacity <component> [rate <msg/s>] [time <seconds>] [each <msg/s>]", Summary: "How many workers a load needs, what the partitions allow and what the pods take.",
		Detail: "The runbook's formula beside what was measured. What is left out is taken from what is seen: the peak of the last hour, the p95 of processing, " +
			"what one worker manages. Changes nothing.",
		Examples: []string{"/scale capacity download-worker", "/scale capacity download-worker rate 1000 time 3s each 100", "/scale capacity dw 1500"},
	}}
}

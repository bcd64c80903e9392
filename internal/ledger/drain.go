package ledger

import (
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// LongestDrain is the longest forecast that is printed as a number.
const LongestDrain = 7 * 24 * time.Hour

// uselessSpan is the ratio of the upper to the lower end of an interval from which its middle is
// not worth printing.
const uselessSpan = 10

// Words is the forecast in words. An interval is printed as two different ends. Where they are
// too far apart for a meaningful middle, the forecast is called uncertain.
func (d Drain) Words(slim, rising bool) string {
	low, high := scale.Span(d.Low), scale.Span(d.High)
	switch {
	case d.Expected >= LongestDrain:
		return "longer than " + scale.Span(LongestDrain)
	case rising:
		return "about " + scale.Span(d.Expected) + " by what the workers manage, but that is uncertain: lag rises now"
	case d.MayNot && slim:
		return "slow and uncertain: at least " + low + ", and it may not drain"
	case d.MayNot:
		return "about " + scale.Span(d.Expected) + ", but that is uncertain: it may not drain"
	case slim && low == high:
		return "slow and uncertain: about " + low
	case slim:
		return "slow and uncertain: between " + low + " and " + high
	case d.Expected < time.Second:
		return "at most " + scale.Span(max(d.High, time.Second))
	case d.High > uselessSpan*max(d.Low, time.Second):
		return "between " + low + " and " + high + ", which is uncertain"
	case low == high:
		return "about " + scale.Span(d.Expected)
	}
	return fmt.Sprintf("about %s (%s to %s)", scale.Span(d.Expected), low, high)
}

// Clause is the forecast as the end of a sentence about the backlog. lasts is the text before a
// time, such as "; the backlog drains in ".
func (d Drain) Clause(lasts string) string {
	for _, time := range []string{"about ", "at most ", "between ", "longer than "} {
		if strings.HasPrefix(d.Sentence, time) {
			return lasts + d.Sentence
		}
	}
	if d.Known && !d.Never && d.Expected == 0 {
		return "; there is " + d.Sentence
	}
	return "; as for the backlog, " + d.Sentence
}

// Drain is the predicted time until the backlog is gone (T-08).
type Drain struct {
	// Known says that arrivals, lag and a capacity were known; Why says which was not.
	Known bool   `json:"known"`
	Why   string `json:"why,omitempty"`
	// Never says that arrivals reach or exceed capacity, so that the backlog does not drain.
	// MayNot says so of the pessimistic end of the interval only.
	Never  bool `json:"never,omitempty"`
	MayNot bool `json:"mayNot,omitempty"`
	// Low, Expected and High bound the time, start of pods and rebalance included.
	Low      time.Duration `json:"low,omitempty"`
	Expected time.Duration `json:"expected,omitempty"`
	High     time.Duration `json:"high,omitempty"`
	// Sentence prints it: "about 6 min (4–9 min)".
	Sentence string `json:"sentence"`
}

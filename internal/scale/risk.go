package scale

import (
	"fmt"
	"math"
)

// RiskClass is a kind of change that one person alone should not carry.
type RiskClass string

// The classes of risky changes; a change may be in several.
const (
	// RiskBelowRecommended leaves the recommended range downwards.
	RiskBelowRecommended RiskClass = "below_recommended"
	// RiskAboveRecommended leaves it upwards.
	RiskAboveRecommended RiskClass = "above_recommended"
	// RiskLarge changes more than Sizing.LargeChange of the count, and the runbook did
	// not ask for that.
	RiskLarge RiskClass = "large_change"
	// RiskDownUnderLoad takes workers away while lag is there, or may be.
	RiskDownUnderLoad RiskClass = "down_under_load"
	// RiskBelowMinimum overrides the hard minimum.
	RiskBelowMinimum RiskClass = "override_minimum"
	// RiskPartitions goes up while the number of partitions, the hard limit of the count,
	// does not come from the broker.
	RiskPartitions RiskClass = "partitions"
	// RiskAgain goes up although the last scale-up was judged useless a short while ago.
	RiskAgain RiskClass = "up_after_ineffective"
	// RiskRoom asks for pods that nodes or quota have no room for.
	RiskRoom RiskClass = "no_room"
)

// Risk is one reason why a change needs a second person.
type Risk struct {
	Class RiskClass `json:"class"`
	// Why is a clause with the numbers: "13 is above the recommended 6–12".
	Why string `json:"why"`
}

// TwoPeople says which classes of change need two different people on call; the rest
// is routine, and one is enough.
type TwoPeople struct {
	BelowRecommended bool
	AboveRecommended bool
	LargeChange      bool
	DownUnderLoad    bool
	OverrideMinimum  bool
	Partitions       bool
	AfterIneffective bool
	NoRoom           bool
}

// Asks reports whether the policy wants two people for the class.
func (p TwoPeople) Asks(class RiskClass) bool {
	switch class {
	case RiskBelowRecommended:
		return p.BelowRecommended
	case RiskAboveRecommended:
		return p.AboveRecommended
	case RiskLarge:
		return p.LargeChange
	case RiskDownUnderLoad:
		return p.DownUnderLoad
	case RiskBelowMinimum:
		return p.OverrideMinimum
	case RiskPartitions:
		return p.Partitions
	case RiskAgain:
		return p.AfterIneffective
	case RiskRoom:
		return p.NoRoom
	}
	return true
}

// of keeps the risks that the policy wants two people for.
func (p TwoPeople) of(risks []Risk) []Risk {
	var kept []Risk
	for _, r := range risks {
		if p.Asks(r.Class) {
			kept = append(kept, r)
		}
	}
	return kept
}

// risks are all classes the change to the given count is in, whatever the policy.
func (v view) risks(advice Recommendation, to int) []Risk {
	var out []Risk
	add := func(class RiskClass, why string) {
		if why != "" {
			out = append(out, Risk{Class: class, Why: why})
		}
	}
	switch {
	case v.underMinimum(to) != "":
		add(RiskBelowMinimum, v.underMinimum(to))
	case v.outside(to) && to < v.replicas:
		add(RiskBelowRecommended, fmt.Sprintf("%d is below the recommended %s", to, span(v.c.Low, v.c.High)))
	case v.outside(to):
		add(RiskAboveRecommended, fmt.Sprintf("%d is above the recommended %s", to, span(v.c.Low, v.c.High)))
	}
	add(RiskLarge, v.largeStep(advice, to))
	add(RiskDownUnderLoad, v.downUnderLoad(to))
	add(RiskPartitions, v.unverifiedPartitions(to))
	add(RiskAgain, v.triedRisk(to))
	add(RiskRoom, v.roomVeto(to))
	return out
}

func (v view) underMinimum(to int) string {
	if to >= v.c.lowest() || to >= v.replicas {
		// Coming back up from below the minimum is not another override.
		return ""
	}
	return fmt.Sprintf("%d is below the hard minimum of %d (R-055)", to, v.c.lowest())
}

// largeStep tells of a change beyond the usual size, unless the runbook itself asks to
// go that far: what it recommends at 3 a.m. must not wait for a second person.
func (v view) largeStep(advice Recommendation, to int) string {
	if v.asked(advice, to) || v.takesUnstarted(to) {
		return ""
	}
	if v.replicas <= 0 {
		return fmt.Sprintf("it starts from %d, so that any change is a large one", v.replicas)
	}
	share := math.Abs(float64(to-v.replicas)) / float64(v.replicas)
	if share <= v.p.Sizing.LargeChange {
		return ""
	}
	return fmt.Sprintf("it changes the count by %s, more than %s, and the runbook does not ask for that",
		Percent(share), Percent(v.p.Sizing.LargeChange))
}

// asked reports whether the count lies on the way to what the runbook recommends, for
// more workers up to the upper end of its rule of thumb.
func (v view) asked(advice Recommendation, to int) bool {
	switch {
	case !advice.Changes():
		return false
	case advice.Action == ScaleUp:
		return to > v.replicas && to <= max(advice.To, advice.RunbookHigh)
	default:
		return to < v.replicas && to >= advice.To
	}
}

// downUnderLoad tells of workers that are taken away while they may be needed: unknown
// lag is not low lag.
func (v view) downUnderLoad(to int) string {
	switch {
	case to >= v.replicas || v.takesUnstarted(to):
		return ""
	case !v.lagComplete():
		return "workers are taken away while the lag is not known"
	case v.busyNow():
		trend, change := v.trend()
		return fmt.Sprintf("workers are taken away while lag is %s and %s", Count(v.lag.Total), trendSentence(trend, change))
	}
	return ""
}

func (v view) unverifiedPartitions(to int) string {
	if to <= v.replicas || v.open || v.s.Partitions.Known() && v.s.Partitions.Source == Broker {
		return ""
	}
	return "the number of partitions, which bounds the count, does not come from the broker"
}

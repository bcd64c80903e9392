package scale

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
	// RiskDownUnderLoad takes workers away while there is lag, or while the lag is not known
	//
	RiskDownUnderLoad RiskClass = "down_under_load"
	// RiskBelowMinimum overrides the hard minimum.
	RiskBelowMinimum RiskClass = "override_minimum"
	// RiskPartitions goes up while the number of partitions, the hard limit of the count,
	// does not come from the broker.
	RiskPartitions RiskClass = "partitions"
	// RiskAgain goes up although the last scale-up was judged useless a short while ago.
	RiskAgain RiskClass = "up_after_ineffective"
	// RiskRoom asks for pods that do not fit on the nodes or into the quota.
	RiskRoom RiskClass = "no_room"
)

// Risk is one reason why a change needs a second person.
type Risk struct {
	Class RiskClass `json:"class"`
	// Why is a clause with the numbers: "13 is above the recommended 6–12".
	Why string `json:"why"`
}

// TwoPeople says which classes of change need two different people on call. Every other change is
// routine and needs one.
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

// Of keeps the risks that the policy wants two people for.
func (p TwoPeople) Of(risks []Risk) []Risk {
	var asked []Risk
	for _, r := range risks {
		if p.Asks(r.Class) {
			asked = append(asked, r)
		}
	}
	return asked
}

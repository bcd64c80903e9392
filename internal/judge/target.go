package judge

import (
	"fmt"
)

// TargetKind is how somebody named the wanted replica count.
type TargetKind string

// The ways to name a count.
const (
	TargetExact       TargetKind = "exact"       // "9", "to 9"
	TargetBy          TargetKind = "by"          // "+2", "-1"
	TargetTimes       TargetKind = "times"       // "x1.5", rounded up
	TargetRecommended TargetKind = "recommended" // what the runbook recommends now
	TargetMin         TargetKind = "min"         // the hard minimum
	TargetMax         TargetKind = "max"         // the upper end of the recommended range
)

// Target is a wanted replica count as somebody typed it; [Resolve] turns it into a number for the
// state at that moment.
type Target struct {
	Kind TargetKind `json:"kind"`
	// N is the count for exact and the signed difference for by.
	N int `json:"n,omitempty"`
	// Factor multiplies the present count for times.
	Factor float64 `json:"factor,omitempty"`
}

// Exactly is the target of a plain number.
func Exactly(n int) Target { return Target{Kind: TargetExact, N: n} }

// String is the target as people type it; parsing it gives the target back.
func (t Target) String() string {
	switch t.Kind {
	case TargetExact:
		return fmt.Sprintf("%d", t.N)
	case TargetBy:
		return fmt.Sprintf("%+d", t.N)
	case TargetTimes:
		return fmt.Sprintf("x%g", t.Factor)
	case TargetRecommended, TargetMin, TargetMax:
		return string(t.Kind)
	}
	return ""
}

package ledger

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Onset is the moment since which a condition holds.
type Onset struct {
	At time.Time `json:"at"`
	// AtLeast says that the condition already held at the first reading: since At or longer.
	AtLeast bool `json:"atLeast,omitempty"`
}

// before reports whether the receiver is earlier than the other.
func (o Onset) before(other Onset) bool {
	return o.At.Before(other.At) || o.At.Equal(other.At) && o.AtLeast && !other.AtLeast
}

// Unsighted is a component some of whose rules cannot be judged.
type Unsighted struct {
	Component string `json:"component"`
	Since     Onset  `json:"since"`
	Sight
}

// Sights remembers which components of a fleet are blind, and since when. It is not safe for use
// by several goroutines.
type Sights struct {
	Order []string
	// gap is the longest time between two readings that counts as read without a break. short is
	// how long a blindness may last without being reported.
	gap, short time.Duration
	of         map[string]*sighted
}

// NewSights returns a Sights without readings. gap is the hole that the windows of the rules
// tolerate too (times.gap).
func NewSights(p scale.Policy, components []scale.Component) *Sights {
	s := &Sights{gap: max(p.Times.Gap, 2*p.Times.Sample), of: map[string]*sighted{}}
	s.short = min(s.gap, p.Alert.BlindFor)
	for _, c := range components {
		s.Order = append(s.Order, c.Name)
		s.of[c.Name] = &sighted{}
	}
	return s
}

// sighted is the state of one component after its last reading; at is zero when there was none.
type sighted struct {
	sight Sight
	at    time.Time
	// since is since when the component has been blind; zero while it is not.
	since Onset
	// clear is since when the component has not been blind at all. calm is since when it has not
	// been blind for longer than short. Both are zero while it is.
	clear, calm time.Time
}

// Record records which rules of a component can be judged at a moment.
func (s *Sights) Record(component string, sight Sight, at time.Time) {
	last := s.of[component]
	if last == nil {
		return
	}
	if at.Sub(last.at) > s.gap || at.Before(last.at) {
		*last = sighted{}
	}
	first := last.at.IsZero()
	last.sight, last.at = sight, at
	if len(sight.Blind) == 0 {
		last.since = Onset{}
		last.clear, last.calm = orNow(last.clear, at), orNow(last.calm, at)
		return
	}
	if last.since.At.IsZero() {
		last.since = Onset{At: at, AtLeast: first}
	}
	last.clear = time.Time{}
	if s.lasting(last) {
		last.calm = time.Time{}
	}
}

// orNow is the time noted before, or the present one where there is none.
func orNow(before, now time.Time) time.Time {
	if before.IsZero() {
		return now
	}
	return before
}

// lasting reports whether a component has been blind for longer than short. A blindness that
// began before the first reading counts as longer.
func (s *Sights) lasting(last *sighted) bool {
	return !last.since.At.IsZero() && (last.since.AtLeast || last.at.Sub(last.since.At) >= s.short)
}

// Blind are the components that have been blind for longer than short: those without lag first,
// otherwise in the order of the fleet.
func (s *Sights) Blind() []Unsighted {
	var dark, dim []Unsighted
	for _, name := range s.Order {
		last := s.of[name]
		if !s.lasting(last) {
			continue
		}
		if seen := (Unsighted{Component: name, Since: last.since, Sight: last.sight}); seen.withoutLag() {
			dark = append(dark, seen)
		} else {
			dim = append(dim, seen)
		}
	}
	return append(dark, dim...)
}

// withoutLag reports whether the lag is among what is missing.
func (s Sight) withoutLag() bool { return slices.Contains(s.Blind, scale.RuleLag) }

// Earliest is since when the component that has been blind for the longest is blind; false where
// none is.
func (s *Sights) Earliest() (Onset, bool) {
	var first Onset
	for _, last := range s.of {
		if !last.since.At.IsZero() && (first.At.IsZero() || last.since.before(first)) {
			first = last.since
		}
	}
	return first, !first.At.IsZero()
}

// ClearSince is since when no component is blind; zero while one is. For a component that the
// note names every blind reading counts; for any other, a blindness shorter than short does not.
func (s *Sights) ClearSince(named func(string) bool) time.Time {
	var latest time.Time
	for name, last := range s.of {
		back := last.calm
		if named(name) {
			back = last.clear
		}
		if back.IsZero() {
			return time.Time{}
		}
		if back.After(latest) {
			latest = back
		}
	}
	return latest
}

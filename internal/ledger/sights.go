package ledger

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Onset is since when something is so.
type Onset struct {
	At time.Time `json:"at"`
	// AtLeast says that it was so already at the first reading: since At or longer.
	AtLeast bool `json:"atLeast,omitempty"`
}

// before reports whether the other one is later.
func (o Onset) before(other Onset) bool {
	return o.At.Before(other.At) || o.At.Equal(other.At) && o.AtLeast && !other.AtLeast
}

// Unsighted is a component of which rules cannot be judged.
type Unsighted struct {
	Component string `json:"component"`
	Since     Onset  `json:"since"`
	Sight
}

// Sights remembers which components of a fleet are blind, and since when. It is not safe for use
// by several goroutines.
type Sights struct {
	Order []string
	// gap is how far apart two readings may be for the time between them to count as read too,
	// and short is how long a blindness may last that nobody has to know of.
	gap, short time.Duration
	of         map[string]*sighted
}

// NewSights returns one that has no reading of the components yet. A gap that the windows of the
// rules step over (times.gap) is stepped over here too.
func NewSights(p scale.Policy, components []scale.Component) *Sights {
	s := &Sights{gap: max(p.Times.Gap, 2*p.Times.Sample), of: map[string]*sighted{}}
	s.short = min(s.gap, p.Alert.BlindFor)
	for _, c := range components {
		s.Order = append(s.Order, c.Name)
		s.of[c.Name] = &sighted{}
	}
	return s
}

// sighted is the last reading of one component; there is none while at is zero.
type sighted struct {
	sight Sight
	at    time.Time
	// since is since when it is blind; zero while it is not.
	since Onset
	// clear is since when it is not blind, and calm since when it has not been blind for
	// longer than a short while; zero while it is.
	clear, calm time.Time
}

// Record records which rules of one of the components can be judged at a moment.
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

// orNow is a time that was noted before, or else this one.
func orNow(before, now time.Time) time.Time {
	if before.IsZero() {
		return now
	}
	return before
}

// lasting reports whether a component is blind for longer than a short while. What was blind
// before the first reading counts as that.
func (s *Sights) lasting(last *sighted) bool {
	return !last.since.At.IsZero() && (last.since.AtLeast || last.at.Sub(last.since.At) >= s.short)
}

// Blind are the components that are blind for longer than a short while: those without lag
// first, else in their order.
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

// Earliest is since when the component is blind that has been for the longest; false where
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

// ClearSince is since when the fleet sees again: of the components that a note names every
// reading counts, of the others a short while does not. It is zero while somebody is blind.
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

package ledger

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Onset is since when something is so.
type Onset struct {
	At time.Time `json:"at"`
	// AtLeast says that it was so already when it was first looked at: since At or longer.
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

// Sights remembers from look to look since when which components of a fleet are blind. It is
// not safe for use by several goroutines.
type Sights struct {
	Order []string
	// gap is how far apart two looks may be and still say something about the time between
	// them, and short how long a blindness may last that nobody has to know of.
	gap, short time.Duration
	of         map[string]*sighted
}

// NewSights returns one that has seen nothing of the components yet. What the windows of the
// rules step over (times.gap) says nothing here either.
func NewSights(p scale.Policy, components []scale.Component) *Sights {
	s := &Sights{gap: max(p.Times.Gap, 2*p.Times.Sample), of: map[string]*sighted{}}
	s.short = min(s.gap, p.Alert.BlindFor)
	for _, c := range components {
		s.Order = append(s.Order, c.Name)
		s.of[c.Name] = &sighted{}
	}
	return s
}

// sighted is what was seen of one component; nothing while looked is zero.
type sighted struct {
	sight  Sight
	looked time.Time
	// since is since when it is blind; zero while it is not.
	since Onset
	// clear is since when it is not blind, and calm since when it has not been blind for
	// longer than a short while; zero while it is.
	clear, calm time.Time
}

// Look takes in what is seen of one of the components at a moment.
func (s *Sights) Look(component string, sight Sight, at time.Time) {
	one := s.of[component]
	if one == nil {
		return
	}
	if at.Sub(one.looked) > s.gap || at.Before(one.looked) {
		*one = sighted{}
	}
	first := one.looked.IsZero()
	one.sight, one.looked = sight, at
	if len(sight.Blind) == 0 {
		one.since = Onset{}
		one.clear, one.calm = orNow(one.clear, at), orNow(one.calm, at)
		return
	}
	if one.since.At.IsZero() {
		one.since = Onset{At: at, AtLeast: first}
	}
	one.clear = time.Time{}
	if s.lasting(one) {
		one.calm = time.Time{}
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
// before anybody looked counts as that.
func (s *Sights) lasting(one *sighted) bool {
	return !one.since.At.IsZero() && (one.since.AtLeast || one.looked.Sub(one.since.At) >= s.short)
}

// Blind are the components that are blind for longer than a short while: those without lag
// first, else in their order.
func (s *Sights) Blind() []Unsighted {
	var dark, dim []Unsighted
	for _, name := range s.Order {
		one := s.of[name]
		if !s.lasting(one) {
			continue
		}
		if seen := (Unsighted{Component: name, Since: one.since, Sight: one.sight}); seen.withoutLag() {
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
	for _, one := range s.of {
		if !one.since.At.IsZero() && (first.At.IsZero() || one.since.before(first)) {
			first = one.since
		}
	}
	return first, !first.At.IsZero()
}

// ClearSince is since when the fleet sees again: of the components that a note names every
// look counts, of the others a short while does not. It is zero while somebody is blind.
func (s *Sights) ClearSince(named func(string) bool) time.Time {
	var latest time.Time
	for name, one := range s.of {
		back := one.calm
		if named(name) {
			back = one.clear
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

package ledger

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Blindness lists the components of the fleet whose rules cannot be judged, as the note in the
// channel shows them.
type Blindness struct {
	// First is since when any component has been blind without a break, and Since since when the
	// components that are blind now have been.
	First Onset `json:"first"`
	Since Onset `json:"since"`
	// Components are the blind ones, at most a dozen, those without lag first. More is how many
	// blind ones are left out, and Of the size of the fleet.
	Components []Unsighted `json:"components"`
	More       int         `json:"more,omitempty"`
	Of         int         `json:"of"`
	// WithoutLag counts the blind components whose lag cannot be judged. Of these, LagOnly counts
	// those where nothing else is missing, and LagPart those whose lag is known in part.
	WithoutLag int `json:"withoutLag,omitempty"`
	LagOnly    int `json:"lagOnly,omitempty"`
	LagPart    int `json:"lagPart,omitempty"`
	// From are the systems whose data is missing, as far as that is known.
	From []string `json:"from,omitempty"`
}

// Count is how many components are blind.
func (b Blindness) Count() int { return len(b.Components) + b.More }

// What names the missing data in a word or two: "metrics", "lag", "metrics and lag". Where the
// lag of every such component is known in part, it is "complete lag".
func (b Blindness) What() string {
	lag := "lag"
	if b.LagPart == b.WithoutLag {
		lag = "complete lag"
	}
	switch {
	case b.WithoutLag == 0:
		return "metrics"
	case b.LagOnly == b.Count():
		return lag
	}
	return "metrics and " + lag
}

// Add adds a component.
func (b *Blindness) Add(one Unsighted) {
	if b.Since.At.IsZero() || one.Since.before(b.Since) {
		b.Since = one.Since
	}
	if one.withoutLag() {
		b.WithoutLag++
		if len(one.Blind) == 1 {
			b.LagOnly++
		}
		if one.LagPart {
			b.LagPart++
		}
	}
	for _, from := range one.From {
		b.From = scale.AppendNew(b.From, from)
	}
}

// Known is since when a component is blind. A first reading only says "at least"; what an earlier
// version of the note recorded for the component is more exact.
func (b *Blindness) Known(now Unsighted) Onset {
	if b == nil || !now.Since.AtLeast {
		return now.Since
	}
	i := slices.IndexFunc(b.Components, func(one Unsighted) bool { return one.Component == now.Component })
	if i < 0 || now.Since.before(b.Components[i].Since) {
		return now.Since
	}
	return b.Components[i].Since
}

// Names reports whether the note names a component.
func (b *Blindness) Names(component string) bool {
	return slices.ContainsFunc(b.Components, func(one Unsighted) bool { return one.Component == component })
}

// Same reports whether two notes show the same. The wording of the reasons is not compared: it
// often includes an age that changes all the time.
func (b Blindness) Same(other Blindness) bool {
	return b.More == other.More && b.Of == other.Of && b.WithoutLag == other.WithoutLag && b.LagOnly == other.LagOnly && b.LagPart == other.LagPart && slices.Equal(b.From, other.From) &&
		slices.EqualFunc(b.Components, other.Components, func(x, y Unsighted) bool {
			return x.Component == y.Component && x.Since.At.Equal(y.Since.At) && slices.Equal(x.Blind, y.Blind)
		})
}

// Lasted is how long the blindness was, until every rule could be judged again: "12 min", "at
// least 12 min".
func (b Blindness) Lasted(until time.Time) string {
	span := scale.Span(max(0, until.Sub(b.First.At)))
	if b.First.AtLeast {
		return "at least " + span
	}
	return span
}

// Back says that every rule can be judged again: "Metrics are back after 12 min."
func (b Blindness) Back(at time.Time) string {
	verb := " are"
	if b.WithoutLag > 0 && b.LagOnly == b.Count() {
		verb = " is"
	}
	return scale.Sentence(b.What() + verb + " back after " + b.Lasted(at))
}

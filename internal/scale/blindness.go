package scale

import (
	"slices"
	"time"
)

// mostUnsighted is how many components a note names.
const mostUnsighted = 12

// Blindness is what of the fleet cannot be judged, as the note about it says.
type Blindness struct {
	// First is since when this note's blindness has lasted, and Since since when that of the
	// components that are blind now has.
	First Onset `json:"first"`
	Since Onset `json:"since"`
	// Components are the blind ones, those without lag first, at most a dozen; More is how many
	// there are beside them, and Of how many the fleet has.
	Components []Unsighted `json:"components"`
	More       int         `json:"more,omitempty"`
	Of         int         `json:"of"`
	// WithoutLag is of how many of the blind ones the lag cannot be judged, LagOnly of how many
	// nothing else, and LagPart of how many it is known in part.
	WithoutLag int `json:"withoutLag,omitempty"`
	LagOnly    int `json:"lagOnly,omitempty"`
	LagPart    int `json:"lagPart,omitempty"`
	// From are the systems whose data is missing, as far as that is known.
	From []string `json:"from,omitempty"`
}

// Count is how many components are blind.
func (b Blindness) Count() int { return len(b.Components) + b.More }

// What is what is missing, in a word or two: "metrics", "lag", "metrics and lag". Where the
// lag is known in part everywhere, it is the "complete lag".
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

// FollowBlindness moves the note about what cannot be judged one look further, as [Follow] does
// for alerts: prev is the newest one of the fleet, nil when there never was one. It opens when
// a component has been blind for the time that the policy gives (T-28), follows what changes
// no more often than that, and closes once everything has been seen for as long as an alert
// has to be quiet.
func FollowBlindness(p Policy, s *Sights, at time.Time, prev *Episode) (Episode, bool) {
	f := unsighting{p: p, s: s, at: at}
	switch {
	case prev != nil && prev.Open():
		return f.move(*prev)
	case !f.due():
		return Episode{}, false
	case prev != nil && p.Alert.Grace > 0 && at.Sub(prev.ClosedAt) <= p.Alert.Grace:
		e := *prev
		e.Reopened++
		e.ClosedAt, e.QuietSince = time.Time{}, time.Time{}
		return f.seen(e, nil), true
	}
	return f.seen(Episode{Component: Fleet, Kind: EpisodeBlindness, OpenedAt: at, Urgency: UrgencyWarning, Peak: UrgencyWarning, Lag: -1}, nil), true
}

// unsighting is one look at the fleet.
type unsighting struct {
	p  Policy
	s  *Sights
	at time.Time
}

// due reports whether something has been blind for long enough to be told.
func (f unsighting) due() bool {
	first, blind := f.s.earliest()
	return blind && f.at.Sub(first.At) >= f.p.Alert.BlindFor
}

// move follows an open note.
func (f unsighting) move(e Episode) (Episode, bool) {
	if f.at.Before(e.At) {
		return e, false
	}
	if e.Blindness == nil {
		e.Blindness = &Blindness{First: Onset{At: e.OpenedAt, AtLeast: true}}
	}
	clear := f.s.clearSince(e.Blindness.names)
	if !clear.IsZero() && f.at.Sub(clear) >= f.p.Alert.CloseFor {
		e.QuietSince, e.ClosedAt = clear, f.at
		e.SnoozedForever, e.SnoozedUntil, e.SnoozedBy, e.SnoozedAt = false, time.Time{}, Person{}, UrgencyNone
		return e, true
	}
	if late := endSnooze(e, f.at); late.SnoozedBy != e.SnoozedBy {
		return late, true
	}
	next := f.seen(e, e.Blindness)
	if next.Blindness.Count() == 0 || next.Blindness.same(*e.Blindness) || f.at.Sub(e.At) < f.p.Alert.BlindFor {
		return e, false
	}
	return next, true
}

// seen writes down what cannot be judged now; before is what the open note says, nil when it
// opens.
func (f unsighting) seen(e Episode, before *Blindness) Episode {
	all := f.s.blind()
	b := Blindness{Of: len(f.s.order)}
	for i := range all {
		all[i].Since = before.known(all[i])
		b.add(all[i])
	}
	b.First = b.Since
	if before != nil {
		b.First = before.First
	}
	b.Components, b.More = all[:min(len(all), mostUnsighted)], max(0, len(all)-mostUnsighted)
	e.At, e.Blind, e.Blindness = f.at, b.Since.At, &b
	return e
}

// add counts a component in.
func (b *Blindness) add(one Unsighted) {
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
		b.From = appendNew(b.From, from)
	}
}

// known is since when a component is blind. Who looks for the first time knows no more than
// "at least"; what the note has said of the component before is better.
func (b *Blindness) known(now Unsighted) Onset {
	if b == nil || !now.Since.AtLeast {
		return now.Since
	}
	i := slices.IndexFunc(b.Components, func(one Unsighted) bool { return one.Component == now.Component })
	if i < 0 || now.Since.before(b.Components[i].Since) {
		return now.Since
	}
	return b.Components[i].Since
}

// names reports whether the note names a component.
func (b *Blindness) names(component string) bool {
	return slices.ContainsFunc(b.Components, func(one Unsighted) bool { return one.Component == component })
}

// same reports whether two notes say the same. The words of the reasons do not count: they
// often tell how long ago something was.
func (b Blindness) same(other Blindness) bool {
	return b.More == other.More && b.Of == other.Of && b.WithoutLag == other.WithoutLag && b.LagOnly == other.LagOnly && b.LagPart == other.LagPart && slices.Equal(b.From, other.From) &&
		slices.EqualFunc(b.Components, other.Components, func(x, y Unsighted) bool {
			return x.Component == y.Component && x.Since.At.Equal(y.Since.At) && slices.Equal(x.Blind, y.Blind)
		})
}

// Lasted is how long the blindness was, until everything was seen again: "12 min", "at least
// 12 min".
func (b Blindness) Lasted(until time.Time) string {
	span := Span(max(0, until.Sub(b.First.At)))
	if b.First.AtLeast {
		return "at least " + span
	}
	return span
}

// Back says that everything is seen again: "Metrics are back after 12 min."
func (b Blindness) Back(at time.Time) string {
	verb := " are"
	if b.WithoutLag > 0 && b.LagOnly == b.Count() {
		verb = " is"
	}
	return Sentence(b.What() + verb + " back after " + b.Lasted(at))
}

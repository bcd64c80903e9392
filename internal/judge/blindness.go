package judge

import (
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// mostUnsighted is how many components a note names.
const mostUnsighted = 12

// FollowBlindness updates the note about components that cannot be judged, as [Follow] does for
// alerts. prev is the newest note of the fleet, nil when there never was one. The note opens when
// a component has been blind for the policy's time (T-28). It is edited at most once in that
// time, and closes once every rule could be judged for as long as an alert has to be quiet.
func FollowBlindness(p scale.Policy, s *ledger.Sights, at time.Time, prev *ledger.Episode) (ledger.Episode, bool) {
	f := unsighting{p: p, s: s, at: at}
	switch {
	case prev != nil && prev.Open():
		return f.move(*prev)
	case !f.due():
		return ledger.Episode{}, false
	case prev != nil && p.Alert.Grace > 0 && at.Sub(prev.ClosedAt) <= p.Alert.Grace:
		e := *prev
		e.Reopened++
		e.ClosedAt, e.QuietSince = time.Time{}, time.Time{}
		return f.seen(e, nil), true
	}
	return f.seen(ledger.Episode{Component: ledger.Fleet, Kind: ledger.EpisodeBlindness, OpenedAt: at, Urgency: scale.UrgencyWarning, Peak: scale.UrgencyWarning, Lag: -1}, nil), true
}

// unsighting is one evaluation of the fleet.
type unsighting struct {
	p  scale.Policy
	s  *ledger.Sights
	at time.Time
}

// due reports whether a component has been blind for long enough to be reported.
func (f unsighting) due() bool {
	first, blind := f.s.Earliest()
	return blind && f.at.Sub(first.At) >= f.p.Alert.BlindFor
}

// move updates an open note.
func (f unsighting) move(e ledger.Episode) (ledger.Episode, bool) {
	if f.at.Before(e.At) {
		return e, false
	}
	if e.Blindness == nil {
		e.Blindness = &ledger.Blindness{First: ledger.Onset{At: e.OpenedAt, AtLeast: true}}
	}
	clear := f.s.ClearSince(e.Blindness.Names)
	if !clear.IsZero() && f.at.Sub(clear) >= f.p.Alert.CloseFor {
		e.QuietSince, e.ClosedAt = clear, f.at
		e.SnoozedForever, e.SnoozedUntil, e.SnoozedBy, e.SnoozedAt = false, time.Time{}, scale.Person{}, scale.UrgencyNone
		return e, true
	}
	if late := endSnooze(e, f.at); late.SnoozedBy != e.SnoozedBy {
		return late, true
	}
	next := f.seen(e, e.Blindness)
	if next.Blindness.Count() == 0 || next.Blindness.Same(*e.Blindness) || f.at.Sub(e.At) < f.p.Alert.BlindFor {
		return e, false
	}
	return next, true
}

// seen records what cannot be judged now; before is the content of the open note, nil when it
// opens.
func (f unsighting) seen(e ledger.Episode, before *ledger.Blindness) ledger.Episode {
	all := f.s.Blind()
	b := ledger.Blindness{Of: len(f.s.Order)}
	for i := range all {
		all[i].Since = before.Known(all[i])
		b.Add(all[i])
	}
	b.First = b.Since
	if before != nil {
		b.First = before.First
	}
	b.Components, b.More = all[:min(len(all), mostUnsighted)], max(0, len(all)-mostUnsighted)
	e.At, e.Blind, e.Blindness = f.at, b.Since.At, &b
	return e
}

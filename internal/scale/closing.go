package scale

import "time"

// quiet closes the episode once the closing condition has held for its time without a
// gap: no rule fires, and lag is under a share of its limit (hysteresis).
func (f following) quiet(e, prev Episode) Episode {
	if f.cause() || f.kind == EpisodeAlert && !f.recovered() {
		e.QuietSince = time.Time{}
		return e
	}
	gap := f.p.Times.Gap
	if e.QuietSince.IsZero() || gap > 0 && f.s.At.Sub(prev.At) > max(gap, 2*f.p.Alert.EditEvery) {
		e.QuietSince = f.s.At
	}
	if f.s.At.Sub(e.QuietSince) >= f.p.Alert.CloseFor {
		e.ClosedAt = f.s.At
		e.SnoozedForever, e.SnoozedUntil, e.SnoozedBy, e.SnoozedAt = false, time.Time{}, Person{}, UrgencyNone
	}
	return e
}

// recovered reports whether the lag is under the closing share of its limit.
func (f following) recovered() bool {
	return f.lagComplete() && float64(f.lag.Total) <= f.p.Alert.CloseShare*f.p.Up.Lag.Value
}

// overdue marks once that the time to act has passed without an operation. What
// asks for action now is overdue when a critical proposal would have lapsed.
func (f following) overdue(e Episode) Episode {
	if e.Overdue || e.ActBy.IsZero() || e.Operation != "" || !e.Open() || f.kind == EpisodeSuggestion {
		return e
	}
	by := e.ActBy
	if !by.After(e.Began()) {
		by = by.Add(f.p.Times.CriticalExpiry)
	}
	e.Overdue = f.s.At.After(by)
	return e
}

// endSnooze lets a snooze that has run out end, so that the card speaks again.
func endSnooze(e Episode, now time.Time) Episode {
	if !e.SnoozedForever && !e.SnoozedUntil.IsZero() && !now.Before(e.SnoozedUntil) {
		e.SnoozedUntil, e.SnoozedBy, e.SnoozedAt = time.Time{}, Person{}, UrgencyNone
	}
	return e
}

// worthStoring reports whether people would see something new: anything but numbers at
// once, numbers at the pace of edits.
func (f following) worthStoring(a, b Episode) bool {
	switch {
	case a.Open() != b.Open(), a.Urgency != b.Urgency, a.Overdue != b.Overdue,
		a.Blind.IsZero() != b.Blind.IsZero(), a.QuietSince.IsZero() != b.QuietSince.IsZero(),
		a.SnoozedUntil != b.SnoozedUntil, !a.ActBy.Equal(b.ActBy):
		return true
	case a.Advice.Action != b.Advice.Action, a.Advice.To != b.Advice.To, len(a.Advice.Vetoes) != len(b.Advice.Vetoes):
		return true
	}
	return b.At.Sub(a.At) >= f.p.Alert.EditEvery
}

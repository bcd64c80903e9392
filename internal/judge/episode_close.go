package judge

import (
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// quiet closes the episode once the closing condition has held for its time without a
// gap: no rule fires, and lag is under a share of its limit (hysteresis).
func (f following) quiet(e, prev ledger.Episode) ledger.Episode {
	if f.cause() || f.kind == ledger.EpisodeAlert && !f.recovered() {
		e.QuietSince = time.Time{}
		return e
	}
	gap := f.Policy.Times.Gap
	if e.QuietSince.IsZero() || gap > 0 && f.Now.At.Sub(prev.At) > max(gap, 2*f.Policy.Alert.EditEvery) {
		e.QuietSince = f.Now.At
	}
	if f.Now.At.Sub(e.QuietSince) >= f.Policy.Alert.CloseFor {
		e.ClosedAt = f.Now.At
		e.SnoozedForever, e.SnoozedUntil, e.SnoozedBy, e.SnoozedAt = false, time.Time{}, scale.Person{}, scale.UrgencyNone
	}
	return e
}

// recovered reports whether the lag is under the closing share of its limit.
func (f following) recovered() bool {
	return f.LagComplete() && float64(f.Lag.Total) <= f.Policy.Alert.CloseShare*f.Policy.Up.Lag.Value
}

// overdue records once that the time to act has passed without an operation. A rule that
// asks for action now is overdue after the expiry of a critical proposal.
func (f following) overdue(e ledger.Episode) ledger.Episode {
	if e.Overdue || e.ActBy.IsZero() || e.Operation != "" || !e.Open() || f.kind == ledger.EpisodeSuggestion {
		return e
	}
	by := e.ActBy
	if !by.After(e.Began()) {
		by = by.Add(f.Policy.Times.CriticalExpiry)
	}
	e.Overdue = f.Now.At.After(by)
	return e
}

// endSnooze ends a snooze whose time has passed, so that the card is active again.
func endSnooze(e ledger.Episode, now time.Time) ledger.Episode {
	if !e.SnoozedForever && !e.SnoozedUntil.IsZero() && !now.Before(e.SnoozedUntil) {
		e.SnoozedUntil, e.SnoozedBy, e.SnoozedAt = time.Time{}, scale.Person{}, scale.UrgencyNone
	}
	return e
}

// worthStoring reports whether people would see something new. A change of anything but numbers
// counts at once; numbers count no more often than cards are edited.
func (f following) worthStoring(a, b ledger.Episode) bool {
	switch {
	case a.Open() != b.Open(), a.Urgency != b.Urgency, a.Overdue != b.Overdue,
		a.Blind.IsZero() != b.Blind.IsZero(), a.QuietSince.IsZero() != b.QuietSince.IsZero(),
		a.SnoozedUntil != b.SnoozedUntil, !a.ActBy.Equal(b.ActBy):
		return true
	case a.Advice.Action != b.Advice.Action, a.Advice.To != b.Advice.To, len(a.Advice.Vetoes) != len(b.Advice.Vetoes):
		return true
	}
	return b.At.Sub(a.At) >= f.Policy.Alert.EditEvery
}

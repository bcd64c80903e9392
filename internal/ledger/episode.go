package ledger

import (
	"slices"
	"strconv"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// EpisodeKind is what an episode is about.
type EpisodeKind string

// An alert advises more workers, a suggestion fewer. A blindness says that rules cannot be
// judged; there is one for the whole [Fleet].
const (
	EpisodeAlert      EpisodeKind = "alert"
	EpisodeSuggestion EpisodeKind = "suggestion"
	EpisodeBlindness  EpisodeKind = "blindness"
)

// EpisodeKinds are all kinds that this version follows.
var EpisodeKinds = []EpisodeKind{EpisodeAlert, EpisodeSuggestion, EpisodeBlindness}

// Fleet is what a blindness is stored under instead of a component. No component has this
// name: it is a word of the command language, which the runbook file refuses.
const Fleet = "fleet"

// Known reports whether it is one of the kinds that this version follows.
func (k EpisodeKind) Known() bool { return slices.Contains(EpisodeKinds, k) }

// Episode is the story of one alert, suggestion or blindness: from the trigger to the
// recovery, on one card.
type Episode struct {
	// ID is component, kind and number: "download-worker-alert-3", "fleet-blindness-1".
	ID        string      `json:"id"`
	Component string      `json:"component"`
	Kind      EpisodeKind `json:"kind"`
	Number    int         `json:"number"`
	Version   string      `json:"-"`

	OpenedAt time.Time `json:"openedAt"`
	// ClosedAt is zero while open; Reopened counts how often it was opened again
	// within the grace time.
	ClosedAt time.Time `json:"closedAt,omitzero"`
	Reopened int       `json:"reopened,omitempty"`
	// ReopenedAt is when it was last opened again; zero when it never was.
	ReopenedAt time.Time `json:"reopenedAt,omitzero"`
	// QuietSince is since when the closing condition has held without a gap.
	QuietSince time.Time `json:"quietSince,omitzero"`

	// Urgency is the present one, Peak the highest so far, PeakLag the highest lag.
	Urgency scale.Urgency `json:"urgency"`
	Peak    scale.Urgency `json:"peak"`
	PeakLag int64         `json:"peakLag"`
	// ActBy is fixed when a rule first fires; Overdue says that a message about the missed time
	// was posted, which happens once.
	ActBy   time.Time `json:"actBy,omitzero"`
	Overdue bool      `json:"overdue,omitempty"`

	// Advice is the newest recommendation, Seen the newest snapshot's head line.
	Advice Recommendation `json:"advice"`
	// Lag is the newest total, -1 when unknown, and Spark the last few.
	Lag   int64       `json:"lag"`
	Spark []int64     `json:"spark,omitempty"`
	Trend scale.Trend `json:"trend,omitempty"`
	// Age is that of the oldest unread message; zero when nothing waits or it is not known.
	Age scale.Age `json:"age,omitzero"`
	At  time.Time `json:"at"`
	// Blind says since when the data has been unknown; zero when it is known.
	Blind time.Time `json:"blind,omitzero"`
	// Blindness is what cannot be judged; only a blindness has it.
	Blindness *Blindness `json:"blindness,omitempty"`

	// SnoozedUntil silences the card; zero when not snoozed. SnoozedForever means
	// until recovery. Snooze never hides a higher urgency than SnoozedAt.
	SnoozedUntil   time.Time     `json:"snoozedUntil,omitzero"`
	SnoozedForever bool          `json:"snoozedForever,omitempty"`
	SnoozedBy      scale.Person  `json:"snoozedBy,omitzero"`
	SnoozedAt      scale.Urgency `json:"snoozedAt,omitempty"`

	// Operation is the newest operation that answers the episode, started from the card or typed.
	// Answering is the live one, proposed or being carried out; while there is one, the card
	// offers no other.
	Operation string           `json:"operation,omitempty"`
	Answering string           `json:"answering,omitempty"`
	Message   scale.MessageRef `json:"message,omitzero"`
}

// Open reports whether the episode is not closed.
func (e Episode) Open() bool { return e.ClosedAt.IsZero() }

// Began is when the episode was opened, or last opened again.
func (e Episode) Began() time.Time {
	if e.ReopenedAt.After(e.OpenedAt) {
		return e.ReopenedAt
	}
	return e.OpenedAt
}

// Snoozed reports whether the card is silent at the given moment: it is snoozed, and the urgency
// is not higher than when it was snoozed.
func (e Episode) Snoozed(now time.Time) bool {
	if e.Urgency > e.SnoozedAt {
		return false
	}
	return e.SnoozedForever || now.Before(e.SnoozedUntil)
}

// EpisodeID joins component, kind and number: "download-worker-alert-3".
func EpisodeID(component string, kind EpisodeKind, number int) string {
	return component + "-" + string(kind) + "-" + strconv.Itoa(number)
}

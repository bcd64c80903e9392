package ledger

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Request is who asked for what, where and why.
type Request struct {
	By scale.Person `json:"by"`
	// Reason is what the person gave as why; foreign text.
	Reason string `json:"reason,omitempty"`
	// Origin is "command", "alert", "suggestion", "report" or "adjust".
	Origin  string    `json:"origin"`
	Channel string    `json:"channel"`
	Thread  string    `json:"thread,omitempty"`
	At      time.Time `json:"at"`
	// ExpiresAt is when an undecided proposal lapses.
	ExpiresAt time.Time `json:"expiresAt"`
	// Episode links to the alert it answers, Undoes to the operation it rolls back,
	// Replaces to the proposal that it replaced.
	Episode  string `json:"episode,omitempty"`
	Undoes   string `json:"undoes,omitempty"`
	Replaces string `json:"replaces,omitempty"`
	// Key is the caller's idempotency key, such as Slack's trigger id: asking twice
	// with one key makes one operation.
	Key string `json:"key,omitempty"`
	// OverrideMinimum says that the count below the minimum was asked for explicitly
	// BreakGlass that the requester means to carry a risky change alone, for
	// the given reason.
	OverrideMinimum bool `json:"overrideMinimum,omitempty"`
	BreakGlass      bool `json:"breakGlass,omitempty"`
}

package ledger

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Request is who asked for what, where and why.
type Request struct {
	By scale.Person `json:"by"`
	// Reason is the reason the person typed; text from outside.
	Reason string `json:"reason,omitempty"`
	// Origin is "command", "alert", "suggestion", "report" or "adjust".
	Origin  string    `json:"origin"`
	Channel string    `json:"channel"`
	Thread  string    `json:"thread,omitempty"`
	At      time.Time `json:"at"`
	// ExpiresAt is when a proposal that nobody decides expires.
	ExpiresAt time.Time `json:"expiresAt"`
	// Episode links to the alert it answers, Undoes to the operation it rolls back,
	// Replaces to the proposal that it replaced.
	Episode  string `json:"episode,omitempty"`
	Undoes   string `json:"undoes,omitempty"`
	Replaces string `json:"replaces,omitempty"`
	// Key is the caller's idempotency key, such as Slack's trigger id: two requests with one key
	// make one operation.
	Key string `json:"key,omitempty"`
	// OverrideMinimum says that the requester explicitly asked for a count below the minimum
	// . BreakGlass says that the requester wants to approve a risky change alone, for the
	// given reason.
	OverrideMinimum bool `json:"overrideMinimum,omitempty"`
	BreakGlass      bool `json:"breakGlass,omitempty"`
}

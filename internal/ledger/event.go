package ledger

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Event is one fact in an operation's story. Events are only ever appended.
type Event struct {
	// State is the state the operation entered, or empty for an event that changes none, such as
	// a refused approval.
	State State        `json:"state,omitempty"`
	At    time.Time    `json:"at"`
	By    scale.Person `json:"by,omitzero"`
	// Code is the machine-readable reason, such as "not_on_call" or "reverted".
	Code string `json:"code,omitempty"`
	Note string `json:"note,omitempty"`
	// Channel and TS are where a person acted. Key identifies the delivery of the order, such as
	// Slack's trigger id. All are empty for what the bot did by itself.
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
	Key     string `json:"key,omitempty"`
}

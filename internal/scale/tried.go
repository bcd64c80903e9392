package scale

import (
	"time"
)

// Tried is the newest scale-up of a component that the past still speaks of: what was
// added, and what came of it so far (decisions B.10, B.11).
type Tried struct {
	Operation string    `json:"operation"`
	From      int       `json:"from"`
	To        int       `json:"to"`
	Wrote     time.Time `json:"wrote"`
	// Verdict is that of the newest report made, at Judged; both are zero while there is
	// none, and Due is when the first one comes.
	Verdict Verdict   `json:"verdict,omitempty"`
	Judged  time.Time `json:"judged,omitzero"`
	Due     time.Time `json:"due,omitzero"`
}

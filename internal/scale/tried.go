package scale

import (
	"time"
)

// Tried is the newest scale-up of a component that is recent enough to matter: what was added,
// and what it has achieved so far (decisions B.10, B.11).
type Tried struct {
	Operation string    `json:"operation"`
	From      int       `json:"from"`
	To        int       `json:"to"`
	Wrote     time.Time `json:"wrote"`
	// Verdict is that of the newest report, made at Judged; both are zero before the first
	// report. Due is when the first report is due.
	Verdict Verdict   `json:"verdict,omitempty"`
	Judged  time.Time `json:"judged,omitzero"`
	Due     time.Time `json:"due,omitzero"`
}

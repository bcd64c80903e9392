package ledger

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Report is the runbook's checklist at one horizon after the write.
type Report struct {
	// Horizon is "5 min", "15 min" or "1 h".
	Horizon string    `json:"horizon"`
	Due     time.Time `json:"due"`
	// MadeAt is when the report was judged; zero while it is due. Late says that it was made well
	// after Due because the bot was down.
	MadeAt time.Time `json:"madeAt,omitzero"`
	Late   bool      `json:"late,omitempty"`
	// Posted is the message that shows it; zero while it is not posted.
	Posted scale.MessageRef `json:"posted,omitzero"`
	// Closed says why it will never be made: a newer scale took over.
	Closed string `json:"closed,omitempty"`

	Checks  []scale.Check `json:"checks,omitempty"`
	Verdict scale.Verdict `json:"verdict,omitempty"`
	// Why explains the verdict, Forecast compares prediction and fact, Next is what
	// to do now.
	Why      string `json:"why,omitempty"`
	Forecast string `json:"forecast,omitempty"`
	Next     string `json:"next,omitempty"`
	// Suggest is a count worth scaling to next; 0 when none. RollBack offers the old
	// number, Diagnose the troubleshooting.
	Suggest  int  `json:"suggest,omitempty"`
	RollBack bool `json:"rollBack,omitempty"`
	Diagnose bool `json:"diagnose,omitempty"`
	// Lag is the total the report judged by, unknown in reports of older versions.
	Lag scale.Reading[int64] `json:"lag,omitzero"`
	// Cleared is how long after the write the backlog was gone, as seen by this report or an
	// earlier one; 0 when none saw that.
	Cleared time.Duration `json:"cleared,omitempty"`
	// Chart is the lag from before the write until the report, at most 20 points. Each point but
	// the last is the highest lag of its stretch; the last is the lag when the report was made.
	Chart []ChartPoint `json:"chart,omitempty"`
}

// Pending reports whether the report still has to be made.
func (r Report) Pending() bool { return r.MadeAt.IsZero() && r.Closed == "" }

// ChartPoint is one point of a lag chart. A negative Lag means unknown.
type ChartPoint struct {
	At       time.Time `json:"at"`
	Lag      int64     `json:"lag"`
	Replicas int       `json:"replicas"`
}

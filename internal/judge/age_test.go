package judge

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// aged gives every partition of the world an age, in seconds the same as its number.
func aged(w *measuretest.World) *measuretest.World {
	for i := range w.Now.Lag.Value.Partitions {
		w.Now.Lag.Value.Partitions[i].Oldest = time.Duration(i+1) * time.Second
	}
	return w
}

// R-105, R3 of the decisions: a count of messages is told in seconds too, measured where
// it can be.
func TestHighLagIsToldInTime(t *testing.T) {
	w := aged(measuretest.Spike(14_200))
	scaletest.WantText(t, "the reasons", joinedReasons(recommended(w)), "oldest unread 24 s old (partition 23)", "of traffic at")
	check := measuretest.WantCheck(t, planned(w, 12, "").Checklist, "R-105", scale.Warn)
	scaletest.WantText(t, "the checklist", check.After, "14,200", "oldest unread 24 s old")
}

func joinedReasons(r ledger.Recommendation) (text string) {
	for _, reason := range r.Reasons {
		text += reason + "\n"
	}
	return text
}

// R-011 and R4 of the decisions: a busy group that keeps up always shows some lag between
// two commits; that must not keep idle workers for good. What waits beyond that does.
func TestR011LeavesOutWhatOnlyWaitsForACommit(t *testing.T) {
	for lag, want := range map[int64]scale.Outcome{3_900: scale.Fires, 4_000: scale.Silent, 3_000: scale.Fires, 14_000: scale.Silent} {
		f := outcomeOf(measuretest.BusyButQuiet(lag), t, "R-011")
		if f.Outcome != want {
			t.Errorf("lag %d: got %s (%s), want %s", lag, f.Outcome, f.Sentence, want)
		}
		scaletest.WantText(t, "the sentence", f.Sentence, "between commits")
	}
	unknown := measuretest.BusyButQuiet(3_900)
	unknown.Now.Rates = scale.Unknown[scale.Rates]("too few samples yet", unknown.Now.At, "Kafka")
	if f := outcomeOf(unknown, t, "R-011"); f.Outcome == scale.Fires {
		t.Errorf("got %s (%s) while arrivals are unknown, want nothing left out", f.Outcome, f.Sentence)
	}
	slow := measuretest.BusyButQuiet(14_000)
	for i := range slow.Now.Lag.Value.Partitions {
		slow.Now.Lag.Value.Partitions[i].CommitEvery = 30 * time.Second
	}
	if f := outcomeOf(slow, t, "R-011"); f.Outcome != scale.Fires {
		t.Errorf("got %s (%s) for a group that commits every 30 s, want its larger floor left out", f.Outcome, f.Sentence)
	}
}

// R-001 stays what the runbook says, whatever of it waits for a commit; that much is told.
func TestR001CountsEveryMessage(t *testing.T) {
	w := measuretest.BusyButQuiet(10_001)
	if f := outcomeOf(w, t, "R-001"); f.Outcome != scale.Fires {
		t.Errorf("got %s (%s), want it to fire", f.Outcome, f.Sentence)
	}
	scaletest.WantText(t, "the reasons", joinedReasons(recommended(w)), "about 3,000 of it only wait for the next commit")
}

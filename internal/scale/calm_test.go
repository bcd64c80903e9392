package scale

import (
	"testing"
	"time"
)

// A group that commits every few seconds always shows some lag. When it handles all that
// arrives, more workers cannot raise the throughput, and that is no harm done.
func TestMoreWorkersInCalmDoNoHarm(t *testing.T) {
	st := (&story{arrival: 450, rise: time.Minute, each: 100, to: 9}).begin()
	jitter := func(w *world) {
		for i := range w.past {
			if i%2 == 0 {
				w.past[i].Commits -= 2_300
			} else {
				w.past[i].Commits -= 2_900
			}
			w.past[i].Lag = w.past[i].Ends - w.past[i].Commits
		}
		w.lag(2_900)
	}
	for i := range st.op.Reports {
		if r := st.report(i, jitter); r.Verdict == VerdictHarmful || r.Verdict == VerdictIneffective || r.RollBack {
			t.Errorf("%s: got %s because %q, want no complaint", r.Horizon, r.Verdict, r.Why)
		}
	}
}

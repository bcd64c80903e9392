package review

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// A group that commits every few seconds always shows some lag. When it handles all that
// arrives, more workers cannot raise the throughput, and that is no harm done.
func TestMoreWorkersInCalmDoNoHarm(t *testing.T) {
	st := (&story{arrival: 450, rise: time.Minute, each: 100, to: 9}).begin()
	jitter := func(w *measuretest.World) {
		for i := range w.Past {
			if i%2 == 0 {
				w.Past[i].Commits -= 2_300
			} else {
				w.Past[i].Commits -= 2_900
			}
			w.Past[i].Lag = w.Past[i].Ends - w.Past[i].Commits
		}
		w.Lag(2_900)
	}
	for i := range st.op.Reports {
		if r := st.report(i, jitter); r.Verdict == scale.VerdictHarmful || r.Verdict == scale.VerdictIneffective || r.RollBack {
			t.Errorf("%s: got %s because %q, want no complaint", r.Horizon, r.Verdict, r.Why)
		}
	}
}

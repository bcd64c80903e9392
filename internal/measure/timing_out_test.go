package measure

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// T-10, R-130: workers that time out and have less to do are seen with the first readings.
func TestWorkersThatTimeOutAreSeenAtOnce(t *testing.T) {
	const says = "4 % of the messages time out in the workers (CPU went from 36 % to 10 %: they wait for something); more workers would wait for it too"
	for name, tt := range map[string]struct {
		timeouts, then, cpu, arrives float64
		want                         string
	}{
		"they wait":                     {0.04, 0.36, 0.10, 450, says},
		"more arrives":                  {0.04, 0.36, 0.10, 900, says},
		"few time out":                  {0.01, 0.36, 0.10, 450, ""},
		"they have as much to do":       {0.04, 0.36, 0.34, 450, ""},
		"less arrives":                  {0.04, 0.36, 0.10, 120, ""},
		"how much arrives is not known": {0.04, 0.36, 0.10, scale.Missing, ""},
	} {
		w := measuretest.CalmWorld()
		w.Remember(70*time.Minute, func(ago time.Duration, p *scale.Point) {
			p.CPU = float32(tt.then)
			if ago < time.Minute {
				p.Ends += (tt.arrives - 450) * (time.Minute - ago).Seconds()
			}
		})
		w.Now.Usage.Value.CPULimit = tt.cpu
		w.Now.Signals.Errors.Value = scale.ErrorRate{Share: tt.timeouts, Timeouts: tt.timeouts}
		if got := NewCase(w.Component, w.Policy, w.Now, w.Past).timingOutVeto(); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

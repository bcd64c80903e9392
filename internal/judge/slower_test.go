package judge

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// slower makes messages take longer, and the throughput what it is, in the last five
// minutes.
func slower(w *measuretest.World, latency, throughput float32) *measuretest.World {
	lag := float64(w.Now.Lag.Value.Total)
	return w.Remember(70*time.Minute, func(ago time.Duration, p *scale.Point) {
		p.Lag = lag
		if ago <= 6*time.Minute {
			p.Latency, p.Throughput = latency, throughput
		}
	})
}

// B.9: processing time that rises while throughput does not is the sign of something slow
// behind the workers, which more workers only load more. A processor at its limit, more
// throughput, or too little history says no such thing.
func TestWorkersThatWaitAreNotMultiplied(t *testing.T) {
	for name, c := range map[string]struct {
		latency, throughput float32
		edit                func(*measuretest.World)
		vetoed              bool
	}{
		"40 % longer, no more done":    {1.7, 450, nil, true},
		"40 % longer, less done":       {1.7, 300, nil, true},
		"40 % longer, a third more":    {1.7, 600, nil, false},
		"20 % longer":                  {1.44, 450, nil, false},
		"the processor is the limit":   {1.7, 450, func(w *measuretest.World) { w.Now.Usage.Value.CPULimit = 0.95 }, false},
		"nobody knows how it was":      {1.7, 450, func(w *measuretest.World) { w.Past = measure.Recent(w.Past, 10*time.Minute) }, false},
		"nobody knows how long it was": {float32(scale.Missing), 450, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := slower(measuretest.Spike(14_200), c.latency, c.throughput)
			if c.edit != nil {
				c.edit(w)
			}
			text := strings.Join(recommended(w).Vetoes, "\n")
			if got := strings.Contains(text, "the workers wait for something"); got != c.vetoed {
				t.Errorf("got vetoes %q, want vetoed %v", text, c.vetoed)
			}
			if c.vetoed && c.throughput == 450 {
				scaletest.WantText(t, "the veto", text, "a message takes 1.7 s at p95, 42 % more than in the hour before", "(450 msg/s, 450 msg/s before)")
			}
		})
	}
}

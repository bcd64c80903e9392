package incidents_test

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/incidents"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// T-10, R-130: behind a slow service no reading, from the first on, recommends more workers,
// whatever the load: a button that is there for 15 s is pressed.
func TestNoReadingBehindASlowServiceAsksForMoreWorkers(t *testing.T) {
	for seed := range uint64(12) {
		p := incidents.NewPipeline(seed)
		p.Pass(70 * time.Minute)
		incidents.All["slow-downstream"](p)
		for began := p.At; p.At.Before(began.Add(15 * time.Minute)); {
			p.Pass(incidents.EveryReading)
			if r := judge.Recommend(p.Component, p.Policy, p.Snapshot(), p.Past); r.Action == scale.ScaleUp {
				t.Errorf("seed %d, %s after it began: got a scale-up to %d with vetoes %q", seed, p.At.Sub(began), r.To, r.Vetoes)
			}
		}
	}
}

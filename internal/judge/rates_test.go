package judge

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

func TestMeasuredCapacityNeedsABacklog(t *testing.T) {
	backlogged := func(rate float64) *measuretest.World {
		w := measuretest.CalmWorld().Lag(60_000)
		w.Now.Rates.Value = scale.Rates{Arrival: 900, Consumption: rate}
		w.Past = measuretest.Steps(41, func(i int, p *scale.Point) {
			p.Ends, p.Commits, p.Lag = 900*15*float64(i), rate*15*float64(i), 30_000+300*15*float64(i)
		})
		return w
	}
	capacity := func(w *measuretest.World) scale.Capacity { return recommended(w).Capacity }
	if got := capacity(backlogged(480)); got.Basis != measure.BasisMeasured || !measuretest.Near(got.PerWorker, 80, 0.01) {
		t.Errorf("six busy workers at 480 msg/s: got %+v, want 80 measured", got)
	}
	if got := capacity(measuretest.CalmWorld()); got.Basis != measure.BasisRunbook || got.PerWorker != 100 {
		t.Errorf("no backlog: got %+v, want the runbook's 100", got)
	}
	w := measuretest.CalmWorld()
	w.Remember(time.Hour, func(ago time.Duration, p *scale.Point) {
		age := (time.Hour - ago).Seconds()
		p.Ends, p.Commits = 900*age, 900*age
	})
	if got := capacity(w); got.Basis != measure.BasisMeasured || !measuretest.Near(got.PerWorker, 150, 0.01) {
		t.Errorf("150 msg/s each without a backlog: got %+v, want at least 150 measured", got)
	}
	w = backlogged(480)
	w.Change(func(l *scale.Workload) { l.Pods[0].Ready = false; l.Ready = 5 })
	if got := capacity(w); got.Basis != measure.BasisRunbook {
		t.Errorf("a pod not ready: got %+v, want the runbook's", got)
	}
	w = backlogged(480)
	for i := range w.Past {
		w.Past[i].Moving = i == len(w.Past)-3
	}
	if got := capacity(w); got.Basis != measure.BasisRunbook {
		t.Errorf("membership changed half a minute ago: got %+v, want the runbook's", got)
	}
	w = backlogged(100)
	partitions := w.Now.Lag.Value.Partitions
	for i := range partitions {
		partitions[i].Lag = 0
	}
	partitions[0].Lag = 60_000
	w.Now.Lag.Value = scale.SumLag(partitions, nil)
	if got := capacity(w); got.Basis != measure.BasisRunbook {
		t.Errorf("all lag on one partition: got %+v, want the runbook's", got)
	}
}

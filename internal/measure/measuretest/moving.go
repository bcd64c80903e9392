package measuretest

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Poisoned is a group whose partition 7 stands still behind one record with so many messages,
// while the others keep up with the rest of 450 msg/s but for a commit interval.
func Poisoned(stuck int64) *World {
	w := CalmWorld().Lag(1_000).Moving(450.0 / 24)
	p := &w.Now.Lag.Value.Partitions[7]
	p.Lag, p.End, p.Consumption, p.Still = stuck, p.Committed+stuck, 0, 12*time.Minute
	w.Now.Lag.Value = scale.SumLag(w.Now.Lag.Value.Partitions, []string{"xact.downloads.pending"})
	arrives := 450 * 23.0 / 24
	w.Now.Rates.Value = scale.Rates{Arrival: 450, Consumption: arrives, Over: 5 * time.Minute}
	w.Now.Signals.Throughput.Value = arrives
	total := float64(w.Now.Lag.Value.Total)
	return w.Remember(time.Hour, func(ago time.Duration, p *scale.Point) {
		p.Lag = max(1_000, total-450/24.0*ago.Seconds())
		p.Commits = p.Ends - p.Lag
	})
}

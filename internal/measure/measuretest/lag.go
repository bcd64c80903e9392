package measuretest

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Poisoned is a group whose partition 7 is blocked by one record with that many messages behind
// it. The others keep up with the rest of 450 msg/s; their lag is that of a commit interval.
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

// Spike is the runbook's incident: 900 msg/s on six workers, and a backlog.
func Spike(lag int64) *World {
	w := CalmWorld().Lag(lag)
	w.Now.Rates.Value = scale.Rates{Arrival: 900, Consumption: 600, Over: 5 * time.Minute}
	return w
}

// OnPartitions puts all lag on the named partitions.
func (w *World) OnPartitions(total int64, numbers ...int) *World {
	w.Lag(0)
	partitions := w.Now.Lag.Value.Partitions
	for _, n := range numbers {
		partitions[n].Lag = total / int64(len(numbers))
		partitions[n].End = partitions[n].Committed + partitions[n].Lag
	}
	w.Now.Lag.Value = scale.SumLag(partitions, []string{"xact.downloads.pending"})
	return w
}

// Moving makes the commits of all partitions advance.
func (w *World) Moving(rate float64) *World {
	for i := range w.Now.Lag.Value.Partitions {
		w.Now.Lag.Value.Partitions[i].Arrival, w.Now.Lag.Value.Partitions[i].Consumption = rate, rate
	}
	return w
}

// Still stops the commits of one partition.
func (w *World) Still(n int) { w.Now.Lag.Value.Partitions[n].Consumption = 0 }

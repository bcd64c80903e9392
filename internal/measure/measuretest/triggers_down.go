package measuretest

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// IdleWorld has had little to do for more than four hours.
func IdleWorld() *World {
	w := CalmWorld().Workers(9)
	w.Now.Group.Value = GroupOf(9, 24)
	w.Now.Usage.Value.CPULimit, w.Now.Usage.Value.MemoryLimit = 0.2, 0.3
	w.Now.Rates.Value = scale.Rates{Arrival: 300, Consumption: 300, Over: 5 * time.Minute}
	w.Idle(0, func(time.Duration, *scale.Point) {})
	return w
}

// Idle makes the past quiet enough for fewer workers, but for what the edit changes.
func (w *World) Idle(_ int, edit func(time.Duration, *scale.Point)) {
	w.Remember(4*time.Hour, func(ago time.Duration, p *scale.Point) {
		age := (4*time.Hour - ago).Seconds()
		p.Ends, p.Commits = 1e6+300*age, 1e6+300*age
		p.CPU, p.Memory = 0.2, 0.3
		edit(ago, p)
	})
}

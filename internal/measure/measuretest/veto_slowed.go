package measuretest

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// SlowDown plays a calm group whose workers suddenly get through less: each did 75 msg/s of
// the 450 that arrive, and does so much of that for the given time.
func (w *World) SlowDown(share float64, since time.Duration) *World {
	kept := 450 * share
	w.Remember(70*time.Minute, func(ago time.Duration, p *scale.Point) {
		if ago < since {
			late := (since - ago).Seconds()
			p.Commits -= (450 - kept) * late
			p.Lag = (450 - kept) * late
		}
	})
	w.Lag(int64(w.Past[len(w.Past)-1].Lag) + 1)
	w.Now.Rates.Value.Consumption = kept
	return w
}

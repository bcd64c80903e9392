package scale

import (
	"time"
)

// Rates are messages per second over all partitions of a component, measured apart
// and never as the slope of lag.
type Rates struct {
	// Arrival is how fast the ends move, Consumption how fast the commits move
	// outside of rebalances.
	Arrival     float64 `json:"arrival"`
	Consumption float64 `json:"consumption"`
	// Over is the length of the measured window.
	Over time.Duration `json:"over"`
	// ArrivalSpread is the standard error of Arrival in messages per second.
	ArrivalSpread float64 `json:"arrivalSpread,omitempty"`
}

package scale

// Trend is where lag is going.
type Trend string

// The trends of R-105.
const (
	Rising       Trend = "rising"
	Steady       Trend = "stable"
	Falling      Trend = "falling"
	TrendUnknown Trend = "unknown"
)

package scaletest

import (
	"time"
)

// Start is the moment most tests look at the world.
var Start = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

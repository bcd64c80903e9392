package measuretest

import (
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// AtLeast is a lower bound as the metrics give it.
func AtLeast(seconds float64) scale.Reading[float64] {
	r := scale.Known(seconds, scaletest.Start, "9 of 9 pods scraped")
	r.AtLeast, r.Note = true, "beyond the largest bucket"
	return r
}

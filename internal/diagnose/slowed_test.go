package diagnose

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestSlowerWorkersAreTheDiagnosis(t *testing.T) {
	w := measuretest.CalmWorld().SlowDown(0.74, 2*time.Minute)
	w.Policy.Up.Lag.Value = 1000
	for i := range w.Past {
		w.Past[i].CPU = 0.36
	}
	w.Now.Usage.Value.CPULimit = 0.12
	d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
	scaletest.WantText(t, "the headline", d.Headline, "56 msg/s each now and 75 msg/s before",
		"CPU went from 36 % to 12 %: they wait for something", "more of them would not help until it is known why")
}

package measure

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// T-10: processors that have less to do than before are told beside it, those that do not,
// or of which that is not known, are not.
func TestSlowerWorkersAreToldWithTheirProcessors(t *testing.T) {
	for name, tt := range map[string]struct {
		then float32
		now  func(*scale.Reading[scale.Usage])
		want string
	}{
		"fell":                      {0.36, func(u *scale.Reading[scale.Usage]) { u.Value.CPULimit = 0.30 }, "75 msg/s before (CPU went from 36 % to 30 %: they wait for something); more"},
		"to nothing":                {0.36, func(u *scale.Reading[scale.Usage]) { u.Value.CPULimit = 0 }, "(CPU went from 36 % to 0 %: they wait for something)"},
		"not by much":               {0.36, func(u *scale.Reading[scale.Usage]) { u.Value.CPULimit = 0.31 }, "75 msg/s before; more"},
		"no bound to be a share of": {0.36, func(u *scale.Reading[scale.Usage]) { u.Value.CPULimit, u.Value.CPURequest = -1, -1 }, "75 msg/s before; more"},
		"unknown now": {0.36, func(u *scale.Reading[scale.Usage]) {
			*u = scale.Unknown[scale.Usage]("no metrics", scaletest.Start, "")
		}, "75 msg/s before; more"},
		"unknown before": {float32(scale.Missing), func(u *scale.Reading[scale.Usage]) { u.Value.CPULimit = 0.30 }, "75 msg/s before; more"},
	} {
		w := measuretest.CalmWorld().SlowDown(0.74, 2*time.Minute)
		for i := range w.Past {
			w.Past[i].CPU = tt.then
		}
		tt.now(&w.Now.Usage)
		scaletest.WantText(t, name, NewCase(w.Component, w.Policy, w.Now, w.Past).slowedVeto(), tt.want)
	}
}

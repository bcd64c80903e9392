package review

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestR120LowerBounds(t *testing.T) { // R-120, T-27
	known := func(v float64) scale.Reading[float64] { return scale.Known(v, scaletest.Start, "Prometheus") }
	for _, tt := range []struct {
		name        string
		before, now scale.Reading[float64]
		want        scale.Result
		note        string
	}{
		{"lower than before", known(9), known(7), scale.Pass, ""},
		{"not lower than before", known(7), known(7), scale.Fail, "not lower than before"},
		{"before is unknown", scale.Unknown[float64]("x", scaletest.Start, "y"), known(7), scale.ResultUnsure, "before the change is unknown"},
		{"under the limit", known(7), known(4), scale.Pass, ""},
		{"a bound under the limit", known(7), measuretest.AtLeast(2.5), scale.ResultUnsure, "largest bucket"},
		{"a bound under the limit, over what was before", known(1), measuretest.AtLeast(2.5), scale.ResultUnsure, "largest bucket"},
		{"a bound over the limit and over what was before", known(6), measuretest.AtLeast(10), scale.Fail, "not lower than before"},
		{"a bound over the limit, under what was before", known(20), measuretest.AtLeast(10), scale.ResultUnsure, "largest bucket"},
		{"both are bounds", measuretest.AtLeast(10), measuretest.AtLeast(10), scale.ResultUnsure, "largest bucket"},
		{"lower than the bound before", measuretest.AtLeast(10), known(7), scale.Pass, ""},
		{"over the bound before", measuretest.AtLeast(2.5), known(7), scale.ResultUnsure, "largest bucket"},
		{"under the limit, after a bound", measuretest.AtLeast(2.5), known(3), scale.Pass, ""},
	} {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		st.op.Before.Signals.Latency = tt.before
		r := st.report(1, func(w *measuretest.World) {
			now := tt.now
			now.At = w.Now.At
			w.Now.Signals.Latency = now
		})
		check := measuretest.WantCheck(t, r.Checks, "R-120", tt.want)
		scaletest.WantText(t, tt.name, check.Note, tt.note)
		if tt.now.AtLeast && !strings.HasPrefix(check.After, "at least ") {
			t.Errorf("%s: after is %q, want at least", tt.name, check.After)
		}
	}
}

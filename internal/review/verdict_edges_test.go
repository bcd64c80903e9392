package review

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// R-038, T-25: lag has to fall steadily once the rebalance is over: rising fails, flat is
// neither, and a lag above the one at the start passes as long as it falls.
func TestLagHasToFallAfterTheRebalance(t *testing.T) {
	for name, c := range map[string]struct {
		story story
		want  scale.Result
		note  string
	}{
		"R-038 falling, above where it began": {story{arrival: 1000, rise: 10 * time.Minute, each: 88, to: 12}, scale.Pass, ""},
		"R-038 rising":                        {story{arrival: 900, later: 1400, rise: 10 * time.Minute, each: 100, to: 12}, scale.Fail, "lag rises"},
		"R-038 flat":                          {story{arrival: 900, later: 1200, rise: 10 * time.Minute, each: 100, to: 12}, scale.Warn, "neither better nor worse"},
	} {
		check := measuretest.WantCheck(t, c.story.begin().report(0, nil).Checks, "R-117", c.want)
		scaletest.WantText(t, name, check.Note, c.note)
	}
}

// no pod may be at its CPU or memory bound, the highest one or all together.
func TestPodsHaveToStayBelowTheirBounds(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*scale.Usage)
		want scale.Result
		note string
	}{
		"R-039 just below":       {func(u *scale.Usage) { u.CPUPeak, u.MemoryPeak = 0.949, 0.949 }, scale.Pass, ""},
		"R-039 one pod's CPU":    {func(u *scale.Usage) { u.CPUPeak = 0.95 }, scale.Fail, "CPU at its bound"},
		"R-039 one pod's memory": {func(u *scale.Usage) { u.MemoryPeak = 0.95 }, scale.Fail, "memory at its bound"},
		"R-039 all their CPU":    {func(u *scale.Usage) { u.CPULimit = 0.95 }, scale.Fail, "CPU at its bound"},
		"R-039 all their memory": {func(u *scale.Usage) { u.MemoryLimit = 0.95 }, scale.Fail, "memory at its bound"},
	} {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		check := measuretest.WantCheck(t, st.report(1, func(w *measuretest.World) { c.edit(&w.Now.Usage.Value) }).Checks, "R-119", c.want)
		scaletest.WantText(t, name, check.Note, c.note)
	}
}

// R-120, T-27: latency is better when it is lower than before, and good when it is not
// above the runbook's 5 s; as high as before is neither.
func TestLatencyIsBetterThanBeforeOrGood(t *testing.T) {
	for name, c := range map[string]struct {
		before, now float64
		want        scale.Result
	}{
		"R-120 lower than before, and still high": {9, 8.9, scale.Pass},
		"R-120 as before":                         {9, 9, scale.Fail},
		"R-120 higher than before":                {9, 9.1, scale.Fail},
		"R-120 at the limit":                      {4, 5, scale.Pass},
		"R-120 just above the limit":              {4, 5.1, scale.Fail},
	} {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		st.op.Before.Signals.Latency.Value = c.before
		check := measuretest.WantCheck(t, st.report(1, func(w *measuretest.World) { w.Now.Signals.Latency.Value = c.now }).Checks, "R-120", c.want)
		if c.want == scale.Fail {
			scaletest.WantText(t, name, check.Note, "over 5.0 s and not lower than before")
		}
	}
}

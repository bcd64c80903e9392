package measure

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestLowerBoundsCompare(t *testing.T) {
	known := func(v float64) scale.Reading[float64] { return scale.Known(v, scaletest.Start, "x") }
	none := scale.Unknown[float64]("x", scaletest.Start, "x")
	type answer struct{ is, known bool }
	for _, tt := range []struct {
		r            scale.Reading[float64]
		above, below answer // 5
	}{
		{known(4), answer{false, true}, answer{true, true}},
		{known(5), answer{false, true}, answer{false, true}},
		{known(6), answer{true, true}, answer{false, true}},
		{measuretest.AtLeast(4), answer{false, false}, answer{false, false}},
		{measuretest.AtLeast(5), answer{false, false}, answer{false, true}},
		{measuretest.AtLeast(6), answer{true, true}, answer{false, true}},
		{none, answer{}, answer{}},
	} {
		var a, b answer
		a.is, a.known = scale.Above(tt.r, 5)
		b.is, b.known = scale.Below(tt.r, 5)
		if a != tt.above || b != tt.below {
			t.Errorf("%+v: got above %+v and below %+v, want %+v and %+v", tt.r, a, b, tt.above, tt.below)
		}
	}
}

// What is stored and what is kept of the past know a bound from a value.
func TestLowerBoundsAreKept(t *testing.T) {
	text, err := json.Marshal(measuretest.AtLeast(2.5))
	if err != nil {
		t.Fatal(err)
	}
	var back scale.Reading[float64]
	if err := json.Unmarshal(text, &back); err != nil || !back.AtLeast || back.Value != 2.5 {
		t.Errorf("got %+v and %v of %s", back, err, text)
	}
	if with := scale.With(back, func(v float64) int { return int(v) }); !with.AtLeast {
		t.Error("a converted bound is a value")
	}
	s := NewSeries(4)
	for i, p := range []scale.Point{{Latency: 2.5, LatencyAtLeast: true}, {Latency: 2.5}, {Latency: 0, LatencyAtLeast: true}, {Latency: float32(math.NaN())}} {
		p.At = scaletest.Start.Add(time.Duration(i) * time.Second)
		s.Add(p)
		got := s.Last()
		if got.LatencyAtLeast != p.LatencyAtLeast || got.Latency != p.Latency && !scale.IsMissing(float64(p.Latency)) {
			t.Errorf("point %d: got %v %v, want %v %v", i, got.Latency, got.LatencyAtLeast, p.Latency, p.LatencyAtLeast)
		}
	}
}

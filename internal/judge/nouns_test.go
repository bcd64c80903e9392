package judge

import (
	"math"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

func TestNumbersForPeople(t *testing.T) {
	tests := []struct{ got, want string }{
		{scale.Count(0), "0"}, {scale.Count(999), "999"}, {scale.Count(14_200), "14,200"}, {scale.Count(-1_234_567), "-1,234,567"}, {scale.Count(math.MinInt64), "-9,223,372,036,854,775,808"},
		{scale.Percent(0.824), "82 %"}, {scale.Percent(0.004), "0.4 %"}, {scale.Percent(0.02), "2 %"}, {scale.Percent(0), "0 %"}, {scale.Percent(0.0004), "0.04 %"}, {scale.Percent(0.000999), "0.1 %"},
		{scale.Percent(0.00001), "under 0.01 %"}, {scale.Percent(0.0999), "10 %"}, {scale.Percent(1.5), "150 %"}, {scale.Percent(-0.05), "-5 %"},
		{scale.PerSecond(740), "740 msg/s"}, {scale.PerSecond(2.4), "2.4 msg/s"}, {scale.PerSecond(0), "0 msg/s"}, {scale.PerSecond(0.01), "under 0.1 msg/s"},
		{scale.PerSecond(1234.5), "1,235 msg/s"}, {scale.PerSecond(-12.6), "-13 msg/s"}, {scale.PerSecond(9.99), "10 msg/s"},
		{scale.BesidePercent(0.804, 0.8), "80.4 %"}, {scale.BesidePercent(0.9, 0.8), "90 %"}, {scale.BesidePercent(0.8, 0.8), "80 %"}, {scale.BesideSeconds(5.1, 5), "5.1 s"},
		{ExactPercent(0.8), "80 %"}, {ExactPercent(0.855), "85.5 %"}, {scale.List([]string{"a", "b", "c"}, 3), "a, b and c"}, {scale.List([]string{"a", "b", "c"}, 2), "a, b and 1 more"},
		{scale.List(nil, 2), ""}, {scale.Range(6, 12), "6–12"}, {scale.Range(4, 4), "4"}, {scale.Several(1, "pod"), "1 pod"}, {scale.Several(2000, "pod"), "2,000 pods"}, {scale.Within(0), "now"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestTargetsPrintAsTyped(t *testing.T) {
	for want, target := range map[string]Target{"9": Exactly(9), "+2": {Kind: TargetBy, N: 2}, "-1": {Kind: TargetBy, N: -1},
		"x1.5": {Kind: TargetTimes, Factor: 1.5}, "recommended": {Kind: TargetRecommended}, "min": {Kind: TargetMin}, "": {}} {
		if got := target.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestValuesThatAreNoNumbersAreUnknown(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Signals.Latency.Value = math.NaN()
	w.Now.Signals.Errors.Value.Share = math.Inf(1)
	w.Now.Rates.Value.Arrival = math.NaN()
	for _, rule := range []scale.Rule{"R-002", "R-005"} {
		if f := outcomeOf(w, t, rule); f.Outcome != scale.Unclear {
			t.Errorf("%s: got %s, want unknown", rule, f.Outcome)
		}
	}
	if d := planned(w, 9, "").After.Drain; d.Known {
		t.Errorf("got %+v", d)
	}
}

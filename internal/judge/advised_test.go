package judge

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// A recommendation does not go to and fro between two counts while what a worker
// manages wavers by a percent; it goes up at once and down when there is room.
func TestARecommendationDoesNotWaver(t *testing.T) {
	at := func(arrival float64, advised int) (int, string) {
		w := measuretest.Spike(14_200)
		w.Now.Rates.Value.Arrival = arrival
		w.Now.Advised = advised
		r := recommended(w)
		if r.Action != scale.ScaleUp {
			t.Fatalf("%v msg/s: got %s, want a scale-up", arrival, r.Action)
		}
		return r.To, strings.Join(r.Reasons, "\n")
	}
	most := 500.0 // the most that 8 workers carry
	for n, _ := at(most+1, 0); n == 8; n, _ = at(most+1, 0) {
		most++
	}
	for name, tt := range map[string]struct {
		arrival float64
		advised int
		want    int
	}{
		"a hair more":                           {most + 2, 0, 12},
		"a hair less":                           {most - 2, 0, 8},
		"a hair less, and 12 was recommended":   {most - 2, 12, 12},
		"much less, and 12 was recommended":     {most * 0.85, 12, 8},
		"a hair more, and 8 was recommended":    {most + 2, 8, 12},
		"a hair less, and 8 was recommended":    {most - 2, 8, 8},
		"much more, and fewer were recommended": {most * 1.2, 8, 12},
	} {
		got, reasons := at(tt.arrival, tt.advised)
		if got != tt.want {
			t.Errorf("%s (%v msg/s): got %d, want %d: %s", name, tt.arrival, got, tt.want, reasons)
		}
		if said := strings.Contains(reasons, "8 would be enough by a hair"); said != (tt.advised == 12 && tt.want == 12) {
			t.Errorf("%s: got the reasons %q", name, reasons)
		}
	}
}

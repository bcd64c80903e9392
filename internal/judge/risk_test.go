package judge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// guessed is a world whose partition count does not come from the broker.
func guessed() *measuretest.World {
	w := measuretest.CalmWorld()
	w.Now.Partitions.Source, w.Now.Partitions.Note = "runbook file", "the runbook's example count"
	return w
}

func classes(risks []scale.Risk) string {
	var all []string
	for _, r := range risks {
		all = append(all, string(r.Class))
	}
	return strings.Join(all, " ")
}

// Issue 3, authority: which change is in which class, by the numbers that are seen. Each
// class has a change that is in it and the nearest one that is not.
func TestRiskClasses(t *testing.T) {
	blind := func() *measuretest.World {
		w := measuretest.CalmWorld()
		w.Now.Lag = scale.Reading[scale.Lag]{}
		return w
	}
	for _, tt := range []struct {
		name  string
		world *measuretest.World
		to    int
		want  string
		says  string
	}{
		{"routine, up", measuretest.CalmWorld(), 8, "", ""},
		{"routine, as the runbook asks", measuretest.Spike(14_200), 12, "", ""},
		{"R-026 above the recommended range", measuretest.Spike(14_200).Workers(10), 13, "above_recommended", "13 is above the recommended 6–12"},
		{"R-026 the upper end is inside", measuretest.Spike(14_200).Workers(10), 12, "", ""},
		{"R-026 coming back from above", measuretest.CalmWorld().Workers(14), 13, "", ""},
		{"R-026 below the recommended range", measuretest.CalmWorld(), 5, "below_recommended", "5 is below the recommended 6–12"},
		{"R-026 the lower end is inside", measuretest.CalmWorld().Workers(7), 6, "", ""},
		{"R-026 coming back from below", measuretest.CalmWorld().Workers(4), 5, "", ""},
		{"more than half, unasked", measuretest.CalmWorld(), 10, "large_change", "more than 50 %"},
		{"just half", measuretest.CalmWorld(), 9, "", ""},
		{"more than half down, unasked", measuretest.CalmWorld().Workers(9), 4, "below_recommended large_change", "below the recommended"},
		{"from nothing", measuretest.CalmWorld().Workers(0), 4, "large_change", "starts from 0"},
		{"R-050 down under load", measuretest.Spike(14_200).Workers(9), 8, "down_under_load", "lag is 14,200"},
		{"R-050 down in quiet", measuretest.IdleWorld(), 8, "", ""},
		{"R-053 down while the lag is unknown", func() *measuretest.World { w := blind().Workers(9); return w }(), 8, "down_under_load", "lag is not known"},
		{"R-056 below the minimum", measuretest.CalmWorld().Workers(5), 3, "override_minimum", "below the hard minimum of 4"},
		{"R-056 the minimum itself", measuretest.CalmWorld().Workers(5), 4, "below_recommended", "below the recommended"},
		{"R-056 back up from below", measuretest.CalmWorld().Workers(2), 3, "", ""},
		{"R-025 up on a guessed partition count", guessed(), 8, "partitions", "does not come from the broker"},
		{"R-025 up on an unknown one", func() *measuretest.World {
			w := measuretest.CalmWorld()
			w.Now.Partitions = scale.Reading[int]{}
			return w
		}(), 8, "partitions", "does not come from the broker"},
		{"R-025 up to what the broker said last needs none", func() *measuretest.World {
			w := measuretest.CalmWorld()
			w.Now.Partitions.Note = "as it said 3 min ago"
			return w
		}(), 8, "", ""},
		{"R-025 down needs none", func() *measuretest.World { w := guessed().Workers(9); return w }(), 8, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.world.TwoPeople = measuretest.EveryClass
			risks := planned(tt.world, tt.to, "r").Risks
			if got := classes(risks); got != tt.want {
				t.Fatalf("to %d: got classes %q (%v), want %q", tt.to, got, risks, tt.want)
			}
			if tt.says != "" && !strings.Contains(fmt.Sprint(risks), tt.says) {
				t.Errorf("got %v, want it to say %q", risks, tt.says)
			}
		})
	}
}

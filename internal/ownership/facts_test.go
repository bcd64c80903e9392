package ownership

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// T-02: what an owner is about to do is told with its numbers; the
// lag threshold of KEDA is never told as one per partition.
func TestOwnerFacts(t *testing.T) {
	keda := scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Min: 4, Max: 12, LagPerReplica: 1000, Targets: []string{"lag of group g ÷ 1000, in replicas"}}
	paused, wide := keda, keda
	paused.Paused = "fully"
	wide.Max = 30
	for name, c := range map[string]struct {
		owner     scale.Owner
		lag       int64
		want, not string
	}{
		"KEDA inside its bounds":  {keda, 8_001, "lag 8,001 ÷ 1,000 per replica asks for 9 (R-067)", "so "},
		"KEDA at its maximum":     {keda, 24_000, "asks for 24, so 12 within its bounds", "per partition"},
		"KEDA at its minimum":     {keda, 0, "asks for 0, so 4 within its bounds", "idle"},
		"KEDA above partitions":   {wide, 40_000, "asks for 40, so 24 within its bounds", "maximum of 12"},
		"a maximum beyond them":   {wide, 0, "its maximum of 30 is above the 24 partitions", "asks for 4"},
		"a paused one asks not":   {paused, 24_000, "steers by lag of group g", "asks for"},
		"HPA with its last event": {scale.Owner{Kind: scale.OwnerHPA, Wants: 8, LastEvent: "ready for new scale."}, 0, "wants 8; last: ready for new scale", "scale."},
		"nobody":                  {scale.Owner{Kind: scale.OwnerNone}, 24_000, "", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			w := measuretest.CalmWorld().Lag(c.lag)
			w.Now.Owner.Value = c.owner
			got := strings.Join(OwnerFacts(w.Now), "; ")
			if !strings.Contains(got, c.want) || c.not != "" && strings.Contains(got, c.not) {
				t.Errorf("got %q, want it to say %q and not %q", got, c.want, c.not)
			}
		})
	}
}

package lever

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// The card told what the owner allows and what it leaves alone: when that has changed for
// the worse, the approval is for something else. One that has stopped does less than was told.
func TestAnOwnerThatDoesMoreThanTheCardToldIsDrift(t *testing.T) {
	still := measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Rest, o.RestWhy = scale.RestMetrics, "no metrics" })
	keda := measuretest.RunbookKEDA()
	for _, c := range []struct {
		name        string
		before, now scale.Owner
		want        string
	}{
		{"the maximum", measuretest.RunbookHPA(), measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Max = 8 }), "HPA h allows 4 to 8 now and allowed 4 to 12."},
		{"the minimum", measuretest.RunbookHPA(), measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Min = 10 }), "HPA h allows 10 to 12 now and allowed 4 to 12."},
		{"a ScaledObject's", keda, measuretest.With(keda, func(o *scale.Owner) { o.Max = 8 }), "ScaledObject so allows 4 to 8 now"},
		{"it works again", still, measuretest.RunbookHPA(), "then it sets its own"},
		{"it acts sooner", measuretest.RunbookHPA(), measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Higher.After = 90 * time.Second }), "stands for about 90 s"},
		{"it acts later", measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Higher.After = 90 * time.Second }), measuretest.RunbookHPA(), ""},
		{"a rule for the other way", measuretest.RunbookHPA(), measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Lower.After = time.Second }), ""},
		{"another target", measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Targets = []string{"cpu 70 % of request, now 82 %"} }),
			measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Targets = []string{"cpu 40 % of request, now 82 %"} }), "HPA h steers by cpu 40 % of request now and steered by cpu 70 % of request."},
		{"one metric more", measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Targets = []string{"cpu 70 % of request"} }),
			measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Targets = []string{"cpu 70 % of request", "lag 2k per replica"} }), "steers by cpu 70 % of request and lag 2k per replica now"},
		{"another target, standing still", still, measuretest.With(still, func(o *scale.Owner) { o.Targets = []string{"cpu 40 % of request"} }), ""},
		{"it has stopped", measuretest.RunbookHPA(), still, ""},
		{"its metrics moved", measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Targets = []string{"cpu 70 % of request"} }),
			measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Wants, o.Targets = 8, []string{"cpu 70 % of request, now 90 %"} }), ""},
		{"the fallback ended", measuretest.With(keda, func(o *scale.Owner) { o.Fallback = scale.FallbackCurrent }), keda, "undoes a manual change"},
		{"one of two is gone", scale.Owner{Kind: scale.OwnerConflict, Name: "HPA h", Other: "HPA i", Rest: scale.RestAmbiguous}, measuretest.RunbookHPA(), "The owner of the count is HPA h now."},
	} {
		w, now := measuretest.Spike(14_200), measuretest.Spike(14_200)
		w.Now.Owner.Value, now.Now.Owner.Value = c.before, c.now
		drift := Of(operation(w, 9)).Drift(measuretest.TestPolicy(), now.Now)
		if (drift == nil) != (c.want == "") || drift != nil && !strings.Contains(drift.Why, c.want) {
			t.Errorf("%s: got %v, want %q", c.name, drift, c.want)
		}
	}
}

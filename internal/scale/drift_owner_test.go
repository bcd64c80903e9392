package scale

import (
	"strings"
	"testing"
	"time"
)

// The card told what the owner allows and what it leaves alone: when that has changed for
// the worse, the approval is for something else. One that has stopped does less than was told.
func TestAnOwnerThatDoesMoreThanTheCardToldIsDrift(t *testing.T) {
	still := with(runbookHPA(), func(o *Owner) { o.Rest, o.RestWhy = RestMetrics, "no metrics" })
	keda := runbookKEDA()
	for _, c := range []struct {
		name        string
		before, now Owner
		want        string
	}{
		{"the maximum", runbookHPA(), with(runbookHPA(), func(o *Owner) { o.Max = 8 }), "HPA h allows 4 to 8 now and allowed 4 to 12."},
		{"the minimum", runbookHPA(), with(runbookHPA(), func(o *Owner) { o.Min = 10 }), "HPA h allows 10 to 12 now and allowed 4 to 12."},
		{"a ScaledObject's", keda, with(keda, func(o *Owner) { o.Max = 8 }), "ScaledObject so allows 4 to 8 now"},
		{"it works again", still, runbookHPA(), "then it sets its own"},
		{"it acts sooner", runbookHPA(), with(runbookHPA(), func(o *Owner) { o.Higher.After = 90 * time.Second }), "stands for about 90 s"},
		{"it acts later", with(runbookHPA(), func(o *Owner) { o.Higher.After = 90 * time.Second }), runbookHPA(), ""},
		{"a rule for the other way", runbookHPA(), with(runbookHPA(), func(o *Owner) { o.Lower.After = time.Second }), ""},
		{"another target", with(runbookHPA(), func(o *Owner) { o.Targets = []string{"cpu 70 % of request, now 82 %"} }),
			with(runbookHPA(), func(o *Owner) { o.Targets = []string{"cpu 40 % of request, now 82 %"} }), "HPA h steers by cpu 40 % of request now and steered by cpu 70 % of request."},
		{"one metric more", with(runbookHPA(), func(o *Owner) { o.Targets = []string{"cpu 70 % of request"} }),
			with(runbookHPA(), func(o *Owner) { o.Targets = []string{"cpu 70 % of request", "lag 2k per replica"} }), "steers by cpu 70 % of request and lag 2k per replica now"},
		{"another target, standing still", still, with(still, func(o *Owner) { o.Targets = []string{"cpu 40 % of request"} }), ""},
		{"it has stopped", runbookHPA(), still, ""},
		{"its metrics moved", with(runbookHPA(), func(o *Owner) { o.Targets = []string{"cpu 70 % of request"} }),
			with(runbookHPA(), func(o *Owner) { o.Wants, o.Targets = 8, []string{"cpu 70 % of request, now 90 %"} }), ""},
		{"the fallback ended", with(keda, func(o *Owner) { o.Fallback = FallbackCurrent }), keda, "undoes a manual change"},
		{"one of two is gone", Owner{Kind: OwnerConflict, Name: "HPA h", Other: "HPA i", Rest: RestAmbiguous}, runbookHPA(), "The owner of the count is HPA h now."},
	} {
		w, now := spike(14_200), spike(14_200)
		w.s.Owner.Value, now.s.Owner.Value = c.before, c.now
		drift := Drift(operation(w, 9), testPolicy(), now.s)
		if (drift == nil) != (c.want == "") || drift != nil && !strings.Contains(drift.Why, c.want) {
			t.Errorf("%s: got %v, want %q", c.name, drift, c.want)
		}
	}
}

package ownership

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// T-01 to T-04: what becomes of a count set by hand, for every owner, and whether that is
// of the owner's own accord.
func TestWhatBecomesOfACountSetByHand(t *testing.T) {
	hpa, keda := measuretest.RunbookHPA(), measuretest.RunbookKEDA()
	paused := func(words string) scale.Owner {
		return measuretest.With(keda, func(o *scale.Owner) { o.Paused = words })
	}
	still := func(o scale.Owner, rest scale.OwnerRest, why string) scale.Owner {
		return measuretest.With(o, func(o *scale.Owner) { o.Rest, o.RestWhy = rest, why })
	}
	pinned := measuretest.With(paused(scale.PausedAt("6")), func(o *scale.Owner) { o.Within = 0 })
	back := func(behaviour string) scale.Owner {
		return measuretest.With(keda, func(o *scale.Owner) { o.Fallback, o.FallbackTo = behaviour, 7 })
	}
	two := scale.Owner{Kind: scale.OwnerConflict, Name: "HPA a", Other: "ScaledObject b", Min: 4, Max: 12, Within: 15 * time.Second, Rest: scale.RestAmbiguous}
	for _, c := range []struct {
		name     string
		owner    scale.Owner
		from, to int
		undone   bool
		want     string
	}{
		{"utilisation, higher", hpa, 6, 9, true, "a higher count set by hand stands for about 5 min 30 s, then it sets its own"},
		{"utilisation, lower", hpa, 6, 4, true, "a lower count set by hand stands for about 30 s"},
		{"above the maximum", hpa, 6, 14, true, "sets 14 back to 12 within about 15 s"},
		{"below the minimum", hpa, 6, 3, true, "sets 3 back to 4 within about 15 s"},
		{"average value", keda, 6, 9, true, "undoes a manual change within about 15 s (up to 5 min if it wanted a higher count just before)"},
		{"scale-down Disabled", measuretest.With(hpa, func(o *scale.Owner) { o.Higher = scale.Undo{Never: true} }), 6, 9, false, "never lowers the count"},
		{"scale-down Disabled, above", measuretest.With(hpa, func(o *scale.Owner) { o.Higher = scale.Undo{Never: true} }), 6, 13, true, "sets 13 back to 12"},
		{"scale-up Disabled", measuretest.With(hpa, func(o *scale.Owner) { o.Lower = scale.Undo{Never: true} }), 6, 4, false, "never raises the count"},
		{"no metrics", still(hpa, scale.RestMetrics, "no metrics returned"), 6, 9, false, "stands still (no metrics returned): a count between 4 and 12 stays until it has metrics again"},
		{"no metrics, above", still(hpa, scale.RestMetrics, "x"), 6, 13, true, "sets 13 back to 12"},
		{"off at zero", still(hpa, scale.RestZero, ""), 6, 0, false, "switched off while the count is 0"},
		{"off at zero, back", still(hpa, scale.RestZero, ""), 0, 6, true, "stands for about 5 min 30 s"},
		{"no scale to read", still(hpa, scale.RestTarget, "not found"), 6, 20, false, "undoes nothing"},
		{"ambiguous", still(hpa, scale.RestAmbiguous, "more than one HPA"), 6, 9, false, "stays until only one autoscaler"},
		{"two autoscalers", two, 6, 9, false, "neither scales until one is removed"},
		{"two autoscalers, above", two, 6, 13, true, "set 13 back to 12"},
		{"two that fight", measuretest.With(two, func(o *scale.Owner) { o.Rest = scale.RestNone }), 6, 9, true, "two owners fight"},
		{"KEDA not ready", still(keda, scale.RestNotReady, "no address $KAFKA_BROKER"), 6, 20, false, "no address $KAFKA_BROKER"},
		{"KEDA not ready, and paused one way", still(paused(scale.PausedIn), scale.RestNotReady, "no trigger"), 6, 9, false, "stands still (no trigger)"},
		{"KEDA paused", paused(scale.PausedFully), 6, 20, false, "is paused and leaves the count alone"},
		{"KEDA paused both ways", paused(scale.PausedBoth), 6, 9, false, "paused for scale-in and scale-out"},
		{"KEDA paused both ways, down", paused(scale.PausedBoth), 6, 4, false, "stays until the pause ends"},
		{"KEDA paused both ways, above", paused(scale.PausedBoth), 6, 13, true, "sets 13 back to 12"},
		{"KEDA scale-in pause keeps 9", paused(scale.PausedIn), 6, 9, false, "it keeps a higher count"},
		{"KEDA scale-in pause raises 2", paused(scale.PausedIn), 6, 2, true, "sets 2 back to 4"},
		{"KEDA scale-in pause, inside", paused(scale.PausedIn), 6, 5, true, "still raises the count"},
		{"KEDA scale-out pause keeps 5", paused(scale.PausedOut), 6, 5, false, "it keeps a lower count"},
		{"KEDA scale-out pause, up", paused(scale.PausedOut), 6, 9, true, "still lowers the count"},
		{"KEDA going to 6", paused(scale.PausedAt("6")), 8, 9, true, "sets the count back within about 15 s"},
		{"KEDA at 6, beyond its maximum", pinned, 6, 20, false, "another count stays until the ScaledObject is edited or KEDA's operator restarts, and then goes back to 6"},
		{"KEDA going where we go", paused(scale.PausedAt("6")), 9, 6, false, "is paused at 6 replicas and goes there itself"},
		{"KEDA at where we go", pinned, 9, 6, false, "is paused at 6 replicas and keeps 6"},
		{"KEDA at no number", paused(scale.PausedAt("6 ")), 8, 9, false, `"6 ", which is no count KEDA can read: it holds whatever count there is`},
		{"fallback, static", back(scale.FallbackStatic), 6, 9, true, "sets the count to 7 within about 15 s"},
		{"fallback, static, that count", back(scale.FallbackStatic), 6, 7, false, "keeps 7"},
		{"fallback, current", back(scale.FallbackCurrent), 6, 9, false, "keeps 9"},
		{"fallback, current, above", back(scale.FallbackCurrent), 6, 13, true, "sets 13 back to 12"},
		{"fallback, if higher", back(scale.FallbackIfHigher), 6, 9, false, "keeps 9"},
		{"fallback, if higher, lower", back(scale.FallbackIfHigher), 6, 5, true, "to 7"},
		{"fallback, if lower", back(scale.FallbackIfLower), 6, 5, false, "keeps 5"},
		{"fallback, if lower, higher", back(scale.FallbackIfLower), 6, 9, true, "to 7"},
		{"Argo CD", scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd-controller", Ref: "application downloads", Within: 3 * time.Minute}, 6, 9, true, "argocd-controller (application downloads) manages spec.replicas and sets it back at its next sync, within about 3 min where self-heal is on"},
		{"GitOps, whose count is not known", scale.Owner{Kind: scale.OwnerGitOps, Name: "kustomize-controller", Unsure: true}, 6, 9, false, "if what it applies states replicas"},
		{"Helm 4", scale.Owner{Kind: scale.OwnerHelm, Name: "dw", Applies: true}, 6, 9, false, "the next helm upgrade fails with a conflict over .spec.replicas that names scalebot"},
		{"Helm before", scale.Owner{Kind: scale.OwnerHelm, Name: "dw"}, 6, 9, false, "sets the count back without a word"},
		{"Argo Rollout", scale.Owner{Kind: scale.OwnerRollout, Name: "dw"}, 0, 12, true, "Argo Rollout dw runs these workers"},
		{"a trace of Argo Rollouts", scale.Owner{Kind: scale.OwnerRollout, Unsure: true}, 0, 12, true, "if a Rollout uses it as its template"},
		{"an operator", scale.Owner{Kind: scale.OwnerController, Name: "Pipeline p (example.com)"}, 3, 5, true, "Pipeline p (example.com) is the controller of the deployment"},
		{"Argo CD, and nothing before", scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd"}, 6, 9, true, "sets it back at its next sync where self-heal is on, else with the next commit"},
		{"another sync", scale.Owner{Kind: scale.OwnerGitOps, Name: "kustomize-controller", Within: 10 * time.Minute}, 6, 9, true, "kustomize-controller manages spec.replicas and sets it back at its next sync, within about 10 min"},
		{"Flux's Helm", scale.Owner{Kind: scale.OwnerGitOps, Name: "helm-controller", Within: 10 * time.Minute}, 6, 9, true, "helm-controller manages spec.replicas and sets it back with the next upgrade of the release"},
		{"Helm, whose count is not known", scale.Owner{Kind: scale.OwnerHelm, Name: "dw", Unsure: true}, 6, 9, false, "Helm release dw installed this deployment; if its chart states replicas: the next helm upgrade sets"},
		{"Helm, whose count is known", scale.Owner{Kind: scale.OwnerHelm, Name: "dw"}, 6, 9, false, "Helm release dw sets replicas from its chart: the next"},
		{"no bounds", measuretest.With(keda, func(o *scale.Owner) { o.Min, o.Max, o.Higher = 0, 0, scale.Undo{} }), 6, 90, true, "ScaledObject so sets the replica count and undoes a manual change within about 15 s"},
		{"no window", measuretest.With(keda, func(o *scale.Owner) { o.Higher = scale.Undo{} }), 6, 9, true, "sets the replica count between 4 and 12 and undoes a manual change within about 15 s"},
		{"nobody knows when", measuretest.With(keda, func(o *scale.Owner) { o.Within, o.Higher = 0, scale.Undo{} }), 6, 9, true, "undoes a manual change on its next look"},
		{"stands, for no reason", still(hpa, scale.RestMetrics, ""), 6, 9, false, "HPA h stands still: a count between 4 and 12"},
		{"no scale to read, KEDA", still(keda, scale.RestTarget, "not found"), 6, 20, false, "stands still (not found): it undoes nothing"},
		{"no scale to read, KEDA paused one way", still(paused(scale.PausedIn), scale.RestTarget, "not found"), 6, 9, false, "undoes nothing"},
		{"to zero is not outside", measuretest.With(hpa, func(o *scale.Owner) { o.Lower = scale.Undo{Never: true} }), 6, 0, false, "never raises the count"},
		{"to zero is not outside, KEDA paused", paused(scale.PausedBoth), 6, 0, false, "a count between 4 and 12 stays until the pause ends"},
		{"to zero, two autoscalers", two, 6, 0, false, "neither scales until one is removed"},
		{"one is outside", measuretest.With(hpa, func(o *scale.Owner) { o.Lower = scale.Undo{Never: true} }), 6, 1, true, "sets 1 back to 4"},
		{"zero, and no metrics", still(hpa, scale.RestMetrics, "x"), 6, 0, false, "stays until it has metrics"},
		{"KEDA at a negative count", paused(scale.PausedAt("-1")), 8, 9, false, "is no count KEDA can read"},
		{"KEDA at zero", paused(scale.PausedAt("0")), 8, 9, true, "is paused at 0 replicas and sets the count back"},
		{"KEDA beyond an int32", paused(scale.PausedAt("2147483648")), 8, 9, false, "is no count KEDA can read"},
		{"KEDA at the last int32", paused(scale.PausedAt("2147483647")), 8, 9, true, "sets the count back"},
		{"fallback nobody knows", back("a new one"), 6, 9, true, "undoes a manual change within about 15 s"},
		{"two without names", scale.Owner{Kind: scale.OwnerConflict}, 6, 9, true, "an HPA and a ScaledObject; one of them undoes a manual change on its next look"},
		{"nobody", scale.Owner{Kind: scale.OwnerNone}, 6, 9, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Standing(c.owner, c.from, c.to)
			if got.Undone != c.undone || !strings.Contains(got.Why, c.want) || c.want == "" && got.Why != "" {
				t.Errorf("got undone %t, %q; want %t and %q", got.Undone, got.Why, c.undone, c.want)
			}
		})
	}
}

// T-01: the count is read once more when the owner's time is up, and only if it is longer
// than the looks of the policy reach.
func TestTheLastLookIsPastTheOwnersTime(t *testing.T) {
	policy := []time.Duration{30 * time.Second, 2 * time.Minute}
	for _, c := range []struct {
		name     string
		owner    scale.Owner
		from, to int
		want     time.Duration
	}{
		{"utilisation", measuretest.RunbookHPA(), 6, 9, 6 * time.Minute},
		{"utilisation, down", measuretest.RunbookHPA(), 9, 8, 0},
		{"average value may remember", measuretest.RunbookKEDA(), 6, 9, 5*time.Minute + checkSlack},
		{"at once", measuretest.With(measuretest.RunbookKEDA(), func(o *scale.Owner) { o.Higher = scale.Undo{} }), 6, 9, 0},
		{"leaves it alone", scale.Owner{Kind: scale.OwnerKEDA, Paused: scale.PausedFully}, 6, 9, 0},
		{"a sync", scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd", Within: 3 * time.Minute}, 6, 9, 3*time.Minute + checkSlack},
		{"not beyond the last report", measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Higher.After = 2 * time.Hour }), 6, 9, time.Hour},
		{"as long as the last look", measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Higher.After, o.Higher.Window = 90*time.Second, 0 }), 6, 9, 0},
		{"a moment longer", measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Higher.After, o.Higher.Window = 91*time.Second, 0 }), 6, 9, 2*time.Minute + time.Second},
		{"pinned, and it may go back", scale.Owner{Kind: scale.OwnerKEDA, Paused: scale.PausedAt("6"), Higher: scale.Undo{Window: 5 * time.Minute}}, 6, 9, 0},
		{"nobody", scale.Owner{Kind: scale.OwnerNone}, 6, 9, 0},
	} {
		w := measuretest.CalmWorld()
		w.Now.Owner.Value = c.owner
		want := slices.Clone(policy)
		if c.want > 0 {
			want = append(want, c.want)
		}
		if got := RevertChecks(w.Now.Owner, c.from, c.to, w.Policy); !slices.Equal(got, want) {
			t.Errorf("%s: got looks at %v, want %v", c.name, got, want)
		}
	}
}

// How long a count stands is told in minutes and seconds, and from an hour on in hours.
func TestHowLongACountStandsIsExact(t *testing.T) {
	for d, want := range map[time.Duration]string{
		90 * time.Second: "90 s", 2 * time.Minute: "2 min", 2*time.Minute + time.Second: "2 min 1 s", measuretest.ByUse: "5 min 30 s",
		time.Hour - time.Second: "59 min 59 s", time.Hour: "1 h", 90 * time.Minute: "1 h 30 min",
	} {
		if got := exactSpan(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	if got := Allows((scale.Owner{})) + ", " + Allows(measuretest.RunbookHPA()); got != "any count, 4 to 12" {
		t.Errorf("got %q", got)
	}
	p := measuretest.TestPolicy()
	w := measuretest.CalmWorld()
	w.Now.Owner.Value = measuretest.RunbookHPA()
	p.Times.Horizons = nil
	if got := RevertChecks(w.Now.Owner, 6, 9, p); got[len(got)-1] != 6*time.Minute {
		t.Errorf("no reports: got %v", got)
	}
	p.Rollout.RevertChecks = nil
	if got := RevertChecks(w.Now.Owner, 6, 9, p); len(got) != 0 {
		t.Errorf("a policy without looks: got %v", got)
	}
}

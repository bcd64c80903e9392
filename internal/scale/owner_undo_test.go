package scale

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	byUse   = 5*time.Minute + 30*time.Second // the window of a scale-down and the delay of the metrics.
	byUseUp = 30 * time.Second
)

// runbookHPA steers by utilisation, as the runbook's own does.
func runbookHPA() Owner {
	return Owner{
		Kind: OwnerHPA, Name: "h", Min: 4, Max: 12, Wants: 6, Within: 15 * time.Second,
		Higher: Undo{After: byUse, Window: 5 * time.Minute}, Lower: Undo{After: byUseUp},
	}
}

// runbookKEDA steers by an average value, as KEDA's Kafka trigger does.
func runbookKEDA() Owner {
	return Owner{Kind: OwnerKEDA, Name: "so", Min: 4, Max: 12, Within: 15 * time.Second, Higher: Undo{Window: 5 * time.Minute}}
}

func with(o Owner, change func(*Owner)) Owner {
	change(&o)
	return o
}

// T-01 to T-04: what becomes of a count set by hand, for every owner, and whether that is
// of the owner's own accord.
func TestWhatBecomesOfACountSetByHand(t *testing.T) {
	hpa, keda := runbookHPA(), runbookKEDA()
	paused := func(words string) Owner {
		return with(keda, func(o *Owner) { o.Paused = words })
	}
	still := func(o Owner, rest OwnerRest, why string) Owner {
		return with(o, func(o *Owner) { o.Rest, o.RestWhy = rest, why })
	}
	pinned := with(paused(PausedAt("6")), func(o *Owner) { o.Within = 0 })
	back := func(behaviour string) Owner {
		return with(keda, func(o *Owner) { o.Fallback, o.FallbackTo = behaviour, 7 })
	}
	two := Owner{Kind: OwnerConflict, Name: "HPA a", Other: "ScaledObject b", Min: 4, Max: 12, Within: 15 * time.Second, Rest: RestAmbiguous}
	for _, c := range []struct {
		name     string
		owner    Owner
		from, to int
		undone   bool
		want     string
	}{
		{"utilisation, higher", hpa, 6, 9, true, "a higher count set by hand stands for about 5 min 30 s, then it sets its own"},
		{"utilisation, lower", hpa, 6, 4, true, "a lower count set by hand stands for about 30 s"},
		{"above the maximum", hpa, 6, 14, true, "sets 14 back to 12 within about 15 s"},
		{"below the minimum", hpa, 6, 3, true, "sets 3 back to 4 within about 15 s"},
		{"average value", keda, 6, 9, true, "undoes a manual change within about 15 s (up to 5 min if it wanted a higher count just before)"},
		{"scale-down Disabled", with(hpa, func(o *Owner) { o.Higher = Undo{Never: true} }), 6, 9, false, "never lowers the count"},
		{"scale-down Disabled, above", with(hpa, func(o *Owner) { o.Higher = Undo{Never: true} }), 6, 13, true, "sets 13 back to 12"},
		{"scale-up Disabled", with(hpa, func(o *Owner) { o.Lower = Undo{Never: true} }), 6, 4, false, "never raises the count"},
		{"no metrics", still(hpa, RestMetrics, "no metrics returned"), 6, 9, false, "stands still (no metrics returned): a count between 4 and 12 stays until it has metrics again"},
		{"no metrics, above", still(hpa, RestMetrics, "x"), 6, 13, true, "sets 13 back to 12"},
		{"off at zero", still(hpa, RestZero, ""), 6, 0, false, "switched off while the count is 0"},
		{"off at zero, back", still(hpa, RestZero, ""), 0, 6, true, "stands for about 5 min 30 s"},
		{"no scale to read", still(hpa, RestTarget, "not found"), 6, 20, false, "undoes nothing"},
		{"ambiguous", still(hpa, RestAmbiguous, "more than one HPA"), 6, 9, false, "stays until only one autoscaler"},
		{"two autoscalers", two, 6, 9, false, "neither scales until one is removed"},
		{"two autoscalers, above", two, 6, 13, true, "set 13 back to 12"},
		{"two that fight", with(two, func(o *Owner) { o.Rest = RestNone }), 6, 9, true, "two owners fight"},
		{"KEDA not ready", still(keda, RestNotReady, "no address $KAFKA_BROKER"), 6, 20, false, "no address $KAFKA_BROKER"},
		{"KEDA not ready, and paused one way", still(paused(PausedIn), RestNotReady, "no trigger"), 6, 9, false, "stands still (no trigger)"},
		{"KEDA paused", paused(PausedFully), 6, 20, false, "is paused and leaves the count alone"},
		{"KEDA paused both ways", paused(PausedBoth), 6, 9, false, "paused for scale-in and scale-out"},
		{"KEDA paused both ways, down", paused(PausedBoth), 6, 4, false, "stays until the pause ends"},
		{"KEDA paused both ways, above", paused(PausedBoth), 6, 13, true, "sets 13 back to 12"},
		{"KEDA scale-in pause keeps 9", paused(PausedIn), 6, 9, false, "it keeps a higher count"},
		{"KEDA scale-in pause raises 2", paused(PausedIn), 6, 2, true, "sets 2 back to 4"},
		{"KEDA scale-in pause, inside", paused(PausedIn), 6, 5, true, "still raises the count"},
		{"KEDA scale-out pause keeps 5", paused(PausedOut), 6, 5, false, "it keeps a lower count"},
		{"KEDA scale-out pause, up", paused(PausedOut), 6, 9, true, "still lowers the count"},
		{"KEDA going to 6", paused(PausedAt("6")), 8, 9, true, "sets the count back within about 15 s"},
		{"KEDA at 6, beyond its maximum", pinned, 6, 20, false, "another count stays until the ScaledObject is edited or KEDA's operator restarts, and then goes back to 6"},
		{"KEDA going where we go", paused(PausedAt("6")), 9, 6, false, "is paused at 6 replicas and goes there itself"},
		{"KEDA at where we go", pinned, 9, 6, false, "is paused at 6 replicas and keeps 6"},
		{"KEDA at no number", paused(PausedAt("6 ")), 8, 9, false, `"6 ", which is no count KEDA can read: it holds whatever count there is`},
		{"fallback, static", back(FallbackStatic), 6, 9, true, "sets the count to 7 within about 15 s"},
		{"fallback, static, that count", back(FallbackStatic), 6, 7, false, "keeps 7"},
		{"fallback, current", back(FallbackCurrent), 6, 9, false, "keeps 9"},
		{"fallback, current, above", back(FallbackCurrent), 6, 13, true, "sets 13 back to 12"},
		{"fallback, if higher", back(FallbackIfHigher), 6, 9, false, "keeps 9"},
		{"fallback, if higher, lower", back(FallbackIfHigher), 6, 5, true, "to 7"},
		{"fallback, if lower", back(FallbackIfLower), 6, 5, false, "keeps 5"},
		{"fallback, if lower, higher", back(FallbackIfLower), 6, 9, true, "to 7"},
		{"Argo CD", Owner{Kind: OwnerGitOps, Name: "argocd-controller", Ref: "application downloads", Within: 3 * time.Minute}, 6, 9, true, "argocd-controller (application downloads) manages spec.replicas and sets it back at its next sync, within about 3 min where self-heal is on"},
		{"GitOps, whose count is not known", Owner{Kind: OwnerGitOps, Name: "kustomize-controller", Unsure: true}, 6, 9, false, "if what it applies states replicas"},
		{"Helm 4", Owner{Kind: OwnerHelm, Name: "dw", Applies: true}, 6, 9, false, "the next helm upgrade fails with a conflict over .spec.replicas that names scalebot"},
		{"Helm before", Owner{Kind: OwnerHelm, Name: "dw"}, 6, 9, false, "sets the count back without a word"},
		{"Argo Rollout", Owner{Kind: OwnerRollout, Name: "dw"}, 0, 12, true, "Argo Rollout dw runs these workers"},
		{"a trace of Argo Rollouts", Owner{Kind: OwnerRollout, Unsure: true}, 0, 12, true, "if a Rollout uses it as its template"},
		{"an operator", Owner{Kind: OwnerController, Name: "Pipeline p (example.com)"}, 3, 5, true, "Pipeline p (example.com) is the controller of the deployment"},
		{"Argo CD, and nothing before", Owner{Kind: OwnerGitOps, Name: "argocd"}, 6, 9, true, "sets it back at its next sync where self-heal is on, else with the next commit"},
		{"another sync", Owner{Kind: OwnerGitOps, Name: "kustomize-controller", Within: 10 * time.Minute}, 6, 9, true, "kustomize-controller manages spec.replicas and sets it back at its next sync, within about 10 min"},
		{"Flux's Helm", Owner{Kind: OwnerGitOps, Name: "helm-controller", Within: 10 * time.Minute}, 6, 9, true, "helm-controller manages spec.replicas and sets it back with the next upgrade of the release"},
		{"Helm, whose count is not known", Owner{Kind: OwnerHelm, Name: "dw", Unsure: true}, 6, 9, false, "Helm release dw installed this deployment; if its chart states replicas: the next helm upgrade sets"},
		{"Helm, whose count is known", Owner{Kind: OwnerHelm, Name: "dw"}, 6, 9, false, "Helm release dw sets replicas from its chart: the next"},
		{"no bounds", with(keda, func(o *Owner) { o.Min, o.Max, o.Higher = 0, 0, Undo{} }), 6, 90, true, "ScaledObject so sets the replica count and undoes a manual change within about 15 s"},
		{"no window", with(keda, func(o *Owner) { o.Higher = Undo{} }), 6, 9, true, "sets the replica count between 4 and 12 and undoes a manual change within about 15 s"},
		{"nobody knows when", with(keda, func(o *Owner) { o.Within, o.Higher = 0, Undo{} }), 6, 9, true, "undoes a manual change on its next look"},
		{"stands, for no reason", still(hpa, RestMetrics, ""), 6, 9, false, "HPA h stands still: a count between 4 and 12"},
		{"no scale to read, KEDA", still(keda, RestTarget, "not found"), 6, 20, false, "stands still (not found): it undoes nothing"},
		{"no scale to read, KEDA paused one way", still(paused(PausedIn), RestTarget, "not found"), 6, 9, false, "undoes nothing"},
		{"to zero is not outside", with(hpa, func(o *Owner) { o.Lower = Undo{Never: true} }), 6, 0, false, "never raises the count"},
		{"to zero is not outside, KEDA paused", paused(PausedBoth), 6, 0, false, "a count between 4 and 12 stays until the pause ends"},
		{"to zero, two autoscalers", two, 6, 0, false, "neither scales until one is removed"},
		{"one is outside", with(hpa, func(o *Owner) { o.Lower = Undo{Never: true} }), 6, 1, true, "sets 1 back to 4"},
		{"zero, and no metrics", still(hpa, RestMetrics, "x"), 6, 0, false, "stays until it has metrics"},
		{"KEDA at a negative count", paused(PausedAt("-1")), 8, 9, false, "is no count KEDA can read"},
		{"KEDA at zero", paused(PausedAt("0")), 8, 9, true, "is paused at 0 replicas and sets the count back"},
		{"KEDA beyond an int32", paused(PausedAt("2147483648")), 8, 9, false, "is no count KEDA can read"},
		{"KEDA at the last int32", paused(PausedAt("2147483647")), 8, 9, true, "sets the count back"},
		{"fallback nobody knows", back("a new one"), 6, 9, true, "undoes a manual change within about 15 s"},
		{"two without names", Owner{Kind: OwnerConflict}, 6, 9, true, "an HPA and a ScaledObject; one of them undoes a manual change on its next look"},
		{"nobody", Owner{Kind: OwnerNone}, 6, 9, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.owner.standing(c.from, c.to)
			if got.undone != c.undone || !strings.Contains(got.why, c.want) || c.want == "" && got.why != "" {
				t.Errorf("got undone %t, %q; want %t and %q", got.undone, got.why, c.undone, c.want)
			}
		})
	}
}

// T-01: an autoscaler that stands still is no reason against a change; one that works is.
// The card names it in both cases, with the way out.
func TestAnAutoscalerThatStandsStillVetoesNothing(t *testing.T) {
	still := with(runbookHPA(), func(o *Owner) { o.Rest, o.RestWhy, o.Wants = RestMetrics, "no metrics", 0 })
	for _, c := range []struct {
		name   string
		owner  Owner
		action Action
		wayOut string
	}{
		{"works", runbookHPA(), Hold, "raise minReplicas of HPA h to 12"},
		{"stands still", still, ScaleUp, "mend its metrics: no metrics"},
		{"two that stopped", Owner{Kind: OwnerConflict, Name: "HPA a", Other: "HPA b", Rest: RestAmbiguous}, ScaleUp, "remove one"},
		{"paused", Owner{Kind: OwnerKEDA, Name: "so", Paused: PausedFully}, ScaleUp, ""},
		{"Helm", Owner{Kind: OwnerHelm, Name: "dw", Applies: true}, ScaleUp, "--force-conflicts"},
	} {
		w := spike(14_200)
		w.s.Owner.Value = c.owner
		r, plan := w.recommend(), w.plan(12, "r")
		if r.Action != c.action {
			t.Errorf("%s: got %s with vetoes %q, want %s", c.name, r.Action, r.Vetoes, c.action)
		}
		if (plan.Reverter == "") != (c.action == ScaleUp) || (plan.Keeper == "") == (c.action == ScaleUp) {
			t.Errorf("%s: got reverter %q and keeper %q", c.name, plan.Reverter, plan.Keeper)
		}
		if !strings.Contains(plan.WayOut, c.wayOut) {
			t.Errorf("%s: got the way out %q, want %q", c.name, plan.WayOut, c.wayOut)
		}
	}
}

// A deployment whose pods an Argo Rollout runs is at 0 and stays there: 0 → 12 is neither
// recommended nor proposed, and the command for the Rollout is named.
func TestADeploymentOfARolloutIsNotScaled(t *testing.T) {
	w := spike(50_000)
	w.change(func(l *Workload) { l.Desired, l.Ready, l.Pods = 0, 0, nil })
	w.s.Owner.Value = Owner{Kind: OwnerRollout, Name: "dw", Lever: "kubectl scale rollout/dw -n kafka-pipeline"}
	if r := w.recommend(); r.Action != Hold || !strings.Contains(strings.Join(r.Remedies, "\n"), "kubectl scale rollout/dw -n kafka-pipeline --replicas=") {
		t.Errorf("got %s with remedies %q, want to hold and the Rollout's own command", r.Action, r.Remedies)
	}
	// Its trace alone, where Rollouts may not be read, speaks against it and does not forbid it.
	trace := *w
	trace.s.Owner.Value = Owner{Kind: OwnerRollout, Unsure: true}
	if refusal := Refuse(trace.Component, trace.Policy, trace.s, 12); refusal != nil {
		t.Errorf("got %v for the trace of a Rollout that may be gone", refusal)
	}
	refusal := Refuse(w.Component, w.Policy, w.s, 12)
	if refusal == nil || refusal.Code != RefusedOwned || !strings.Contains(refusal.Error(), "kubectl scale rollout/dw -n kafka-pipeline --replicas=12") {
		t.Errorf("got %v, want the count refused with the Rollout's own command", refusal)
	}
}

// T-01: the count is read once more when the owner's time is up, and only if it is longer
// than the looks of the policy reach.
func TestTheLastLookIsPastTheOwnersTime(t *testing.T) {
	policy := []time.Duration{30 * time.Second, 2 * time.Minute}
	for _, c := range []struct {
		name     string
		owner    Owner
		from, to int
		want     time.Duration
	}{
		{"utilisation", runbookHPA(), 6, 9, 6 * time.Minute},
		{"utilisation, down", runbookHPA(), 9, 8, 0},
		{"average value may remember", runbookKEDA(), 6, 9, 5*time.Minute + lookSlack},
		{"at once", with(runbookKEDA(), func(o *Owner) { o.Higher = Undo{} }), 6, 9, 0},
		{"leaves it alone", Owner{Kind: OwnerKEDA, Paused: PausedFully}, 6, 9, 0},
		{"a sync", Owner{Kind: OwnerGitOps, Name: "argocd", Within: 3 * time.Minute}, 6, 9, 3*time.Minute + lookSlack},
		{"not beyond the last report", with(runbookHPA(), func(o *Owner) { o.Higher.After = 2 * time.Hour }), 6, 9, time.Hour},
		{"as long as the last look", with(runbookHPA(), func(o *Owner) { o.Higher.After, o.Higher.Window = 90*time.Second, 0 }), 6, 9, 0},
		{"a moment longer", with(runbookHPA(), func(o *Owner) { o.Higher.After, o.Higher.Window = 91*time.Second, 0 }), 6, 9, 2*time.Minute + time.Second},
		{"pinned, and it may go back", Owner{Kind: OwnerKEDA, Paused: PausedAt("6"), Higher: Undo{Window: 5 * time.Minute}}, 6, 9, 0},
		{"nobody", Owner{Kind: OwnerNone}, 6, 9, 0},
	} {
		w := calmWorld()
		w.s.Owner.Value = c.owner
		want := slices.Clone(policy)
		if c.want > 0 {
			want = append(want, c.want)
		}
		if got := RevertLooks(Operation{Before: w.s, Change: Replicas{From: c.from, To: c.to}}, w.Policy); !slices.Equal(got, want) {
			t.Errorf("%s: got looks at %v, want %v", c.name, got, want)
		}
	}
}

// How long a count stands is told in minutes and seconds, and from an hour on in hours.
func TestHowLongACountStandsIsExact(t *testing.T) {
	for d, want := range map[time.Duration]string{
		90 * time.Second: "90 s", 2 * time.Minute: "2 min", 2*time.Minute + time.Second: "2 min 1 s", byUse: "5 min 30 s",
		time.Hour - time.Second: "59 min 59 s", time.Hour: "1 h", 90 * time.Minute: "1 h 30 min",
	} {
		if got := exactSpan(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	if got := (Owner{}).allows() + ", " + runbookHPA().allows(); got != "any count, 4 to 12" {
		t.Errorf("got %q", got)
	}
	p := testPolicy()
	w := calmWorld()
	w.s.Owner.Value = runbookHPA()
	op := Operation{Before: w.s, Change: Replicas{From: 6, To: 9}}
	p.Times.Horizons = nil
	if got := RevertLooks(op, p); got[len(got)-1] != 6*time.Minute {
		t.Errorf("no reports: got %v", got)
	}
	p.Rollout.RevertChecks = nil
	if got := RevertLooks(op, p); len(got) != 0 {
		t.Errorf("a policy without looks: got %v", got)
	}
}

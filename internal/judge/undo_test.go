package judge

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// T-01: an autoscaler that stands still is no reason against a change; one that works is.
// The card names it in both cases, with the way out.
func TestAnAutoscalerThatStandsStillVetoesNothing(t *testing.T) {
	still := measuretest.With(measuretest.RunbookHPA(), func(o *scale.Owner) { o.Rest, o.RestWhy, o.Wants = scale.RestMetrics, "no metrics", 0 })
	for _, c := range []struct {
		name   string
		owner  scale.Owner
		action scale.Action
		wayOut string
	}{
		{"works", measuretest.RunbookHPA(), scale.Hold, "raise minReplicas of HPA h to 12"},
		{"stands still", still, scale.ScaleUp, "mend its metrics: no metrics"},
		{"two that stopped", scale.Owner{Kind: scale.OwnerConflict, Name: "HPA a", Other: "HPA b", Rest: scale.RestAmbiguous}, scale.ScaleUp, "remove one"},
		{"paused", scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Paused: scale.PausedFully}, scale.ScaleUp, ""},
		{"Helm", scale.Owner{Kind: scale.OwnerHelm, Name: "dw", Applies: true}, scale.ScaleUp, "--force-conflicts"},
	} {
		w := measuretest.Spike(14_200)
		w.Now.Owner.Value = c.owner
		r, plan := recommended(w), planned(w, 12, "r")
		if r.Action != c.action {
			t.Errorf("%s: got %s with vetoes %q, want %s", c.name, r.Action, r.Vetoes, c.action)
		}
		if (plan.Reverter == "") != (c.action == scale.ScaleUp) || (plan.Keeper == "") == (c.action == scale.ScaleUp) {
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
	w := measuretest.Spike(50_000)
	w.Change(func(l *scale.Workload) { l.Desired, l.Ready, l.Pods = 0, 0, nil })
	w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerRollout, Name: "dw", Lever: "kubectl scale rollout/dw -n kafka-pipeline"}
	if r := recommended(w); r.Action != scale.Hold || !strings.Contains(strings.Join(r.Remedies, "\n"), "kubectl scale rollout/dw -n kafka-pipeline --replicas=") {
		t.Errorf("got %s with remedies %q, want to hold and the Rollout's own command", r.Action, r.Remedies)
	}
	// Its trace alone, where Rollouts may not be read, speaks against it and does not forbid it.
	trace := *w
	trace.Now.Owner.Value = scale.Owner{Kind: scale.OwnerRollout, Unsure: true}
	if refusal := Refuse(trace.Component, trace.Policy, trace.Now, 12); refusal != nil {
		t.Errorf("got %v for the trace of a Rollout that may be gone", refusal)
	}
	refusal := Refuse(w.Component, w.Policy, w.Now, 12)
	if refusal == nil || refusal.Code != scale.RefusedOwned || !strings.Contains(refusal.Error(), "kubectl scale rollout/dw -n kafka-pipeline --replicas=12") {
		t.Errorf("got %v, want the count refused with the Rollout's own command", refusal)
	}
	// Beneath an HPA the Rollout's own count is no lever: the HPA would set it back.
	w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerRollout, Name: "dw", Other: "HPA dw-hpa"}
	refusal = Refuse(w.Component, w.Policy, w.Now, 12)
	if refusal == nil || !strings.Contains(refusal.Error(), "hange the bounds of HPA dw-hpa") || strings.Contains(refusal.Error(), "kubectl scale") {
		t.Errorf("got %v, want the HPA's bounds named", refusal)
	}
}

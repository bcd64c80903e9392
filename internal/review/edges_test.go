package review

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestReportOfAnOperationWithoutStoredHorizons(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	st.op.Reports = nil
	w := st.tell(15 * time.Minute)
	r := MakeReport(w.Component, w.Policy, st.op, 1, w.Now, w.Past)
	if r.Horizon != "15 min" || !r.Due.Equal(scaletest.Start.Add(15*time.Minute)) || r.Pending() {
		t.Errorf("got %q due %s", r.Horizon, r.Due)
	}
	if r := MakeReport(w.Component, w.Policy, st.op, 9, w.Now, w.Past); r.Horizon != "" || len(r.Checks) == 0 {
		t.Errorf("a horizon that is none: got %q with %d checks", r.Horizon, len(r.Checks))
	}
	if r := MakeReport(w.Component, w.Policy, st.op, -1, w.Now, w.Past); r.Verdict == "" {
		t.Error("a negative horizon: got no verdict")
	}
}

func TestChartKeepsPeaksAndGaps(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	w := st.tell(time.Hour)
	peak := 0.0
	for i := range w.Past {
		if w.Past[i].At.After(scaletest.Start.Add(40*time.Minute)) && w.Past[i].At.Before(scaletest.Start.Add(50*time.Minute)) {
			w.Past[i].Lag, w.Past[i].Replicas = scale.Missing, float32(scale.Missing)
		}
		if w.Past[i].Lag > peak {
			peak = w.Past[i].Lag
		}
	}
	r := MakeReport(w.Component, w.Policy, st.op, 2, w.Now, w.Past)
	highest, unknown := int64(0), 0
	for _, p := range r.Chart {
		highest = max(highest, p.Lag)
		if p.Lag < 0 {
			unknown++
		}
		if p.Replicas < 0 {
			t.Errorf("at %s: got %d replicas", p.At, p.Replicas)
		}
	}
	if highest != int64(peak) || unknown == 0 {
		t.Errorf("got a peak of %d and %d unknown points, want %v and some", highest, unknown, peak)
	}
}

func TestReverterNamesPersonOrOwner(t *testing.T) {
	by := func(manager string, owner scale.Reading[scale.Owner]) string {
		return Reverter(scale.Snapshot{Workload: scale.Known(scale.Workload{ReplicasBy: manager}, scaletest.Start, "k"), Owner: owner})
	}
	tests := []struct{ got, want string }{
		{by("kubectl", scale.Known(scale.Owner{Kind: scale.OwnerNone}, scaletest.Start, "k")), "kubectl"},
		{by("", scale.Reading[scale.Owner]{}), "somebody whose name is not recorded"},
		{by("", scale.Known(scale.Owner{Kind: scale.OwnerKEDA, Name: "so"}, scaletest.Start, "k")), "somebody whose name is not recorded (perhaps ScaledObject so)"},
		{by("", scale.Known(scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd"}, scaletest.Start, "k")), "somebody whose name is not recorded"},
		{by("kube-controller-manager", scale.Known(scale.Owner{Kind: scale.OwnerHPA, Name: "h"}, scaletest.Start, "k")), "HPA h (kube-controller-manager)"},
		{by("kube-controller-manager", scale.Known(scale.Owner{Kind: scale.OwnerKEDA, Name: "so"}, scaletest.Start, "k")), "ScaledObject so (kube-controller-manager)"},
		{by("kubectl", scale.Known(scale.Owner{Kind: scale.OwnerHPA, Name: "h"}, scaletest.Start, "k")), "kubectl"},
		{by("argocd or kubectl", scale.Known(scale.Owner{Kind: scale.OwnerHPA, Name: "h"}, scaletest.Start, "k")), "argocd or kubectl"},
		{by("kube-controller-manager", scale.Unknown[scale.Owner]("no right", scaletest.Start, "k")), "kube-controller-manager"},
		{by("scalebot", scale.Known(scale.Owner{Kind: scale.OwnerNone}, scaletest.Start, "k")), "another write under the name scalebot"},
		{by("keda-operator", scale.Known(scale.Owner{Kind: scale.OwnerKEDA, Name: "so"}, scaletest.Start, "k")), "ScaledObject so (keda-operator)"},
		{by("argocd", scale.Known(scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd"}, scaletest.Start, "k")), "argocd"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestScaleDownThatStaysBetweenTheLimits(t *testing.T) {
	st := (&story{arrival: 450, rise: 0, each: 100, to: 5}).begin()
	flat := func(lag int64) ledger.Report {
		return st.report(0, func(w *measuretest.World) { w.Lag(lag).Now.Lag.At = w.Now.At })
	}
	if r := flat(3000); r.Verdict != scale.VerdictHolds {
		t.Errorf("3,000 and stable: got %s because %q", r.Verdict, r.Why)
	}
	if r := flat(6000); r.Verdict != scale.VerdictHarmful {
		t.Errorf("6,000: got %s because %q", r.Verdict, r.Why)
	}
	r := st.report(0, func(w *measuretest.World) { w.Lag(3000).Now.Lag.At = w.Now.At; w.Past = nil })
	if r.Verdict != scale.VerdictUndecided {
		t.Errorf("no history: got %s because %q", r.Verdict, r.Why)
	}
}

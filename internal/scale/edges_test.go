package scale

import (
	"strings"
	"testing"
	"time"
)

func TestSurplusStaysWhereItMayNotGo(t *testing.T) {
	w := calmWorld().workers(25)
	w.s.Owner.Value = Owner{Kind: OwnerHPA, Name: "h", Min: 4, Max: 30}
	if r := w.recommend(); r.Changes() || len(r.Vetoes) != 1 || len(r.Remedies) != 1 {
		t.Errorf("owned: got %s to %d, vetoes %q, remedies %q", r.Action, r.To, r.Vetoes, r.Remedies)
	}
	w = calmWorld().workers(4)
	w.s.Partitions.Value = 3
	r := w.recommend()
	if r.Changes() {
		t.Errorf("R-055 the minimum is above the partitions: got %s to %d", r.Action, r.To)
	}
	wantText(t, "reason", strings.Join(r.Reasons, "\n"), "the minimum of 4 keeps them")
}

func TestOneExplicitLagWindowIsHonoured(t *testing.T) {
	w := spike(14_200)
	w.Policy.Up.Lag.For = 2 * time.Minute
	w.remember(time.Hour, func(ago time.Duration, p *Point) {
		if ago <= time.Minute {
			p.Lag = 14_000
		}
	})
	if f := w.outcome(t, "R-001"); f.Outcome != Silent {
		t.Errorf("over the limit for a minute of two: got %s", f.Outcome)
	}
	w.remember(time.Hour, func(_ time.Duration, p *Point) { p.Lag = 14_000 })
	if f := w.outcome(t, "R-001"); f.Outcome != Fires || f.Window != 2*time.Minute {
		t.Errorf("over the limit for an hour: got %s", f.Outcome)
	}
	w.past = w.past[len(w.past)-3:]
	if f := w.outcome(t, "R-001"); f.Outcome != Unclear {
		t.Errorf("R-010 half a minute of history: got %s", f.Outcome)
	}
}

func TestReportOfAnOperationWithoutStoredHorizons(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	st.op.Reports = nil
	w := st.tell(15 * time.Minute)
	r := MakeReport(w.Component, w.Policy, st.op, 1, w.s, w.past)
	if r.Horizon != "15 min" || !r.Due.Equal(start.Add(15*time.Minute)) || r.Pending() {
		t.Errorf("got %q due %s", r.Horizon, r.Due)
	}
	if r := MakeReport(w.Component, w.Policy, st.op, 9, w.s, w.past); r.Horizon != "" || len(r.Checks) == 0 {
		t.Errorf("a horizon that is none: got %q with %d checks", r.Horizon, len(r.Checks))
	}
	if r := MakeReport(w.Component, w.Policy, st.op, -1, w.s, w.past); r.Verdict == "" {
		t.Error("a negative horizon: got no verdict")
	}
}

func TestChartKeepsPeaksAndGaps(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	w := st.tell(time.Hour)
	peak := 0.0
	for i := range w.past {
		if w.past[i].At.After(start.Add(40*time.Minute)) && w.past[i].At.Before(start.Add(50*time.Minute)) {
			w.past[i].Lag, w.past[i].Replicas = Missing, float32(Missing)
		}
		if w.past[i].Lag > peak {
			peak = w.past[i].Lag
		}
	}
	r := MakeReport(w.Component, w.Policy, st.op, 2, w.s, w.past)
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
	by := func(manager string, owner Reading[Owner]) string {
		return Reverter(Snapshot{Workload: Known(Workload{ReplicasBy: manager}, start, "k"), Owner: owner})
	}
	tests := []struct{ got, want string }{
		{by("kubectl", Known(Owner{Kind: OwnerNone}, start, "k")), "kubectl"},
		{by("", Reading[Owner]{}), "somebody whose name is not recorded"},
		{by("", Known(Owner{Kind: OwnerKEDA, Name: "so"}, start, "k")), "somebody whose name is not recorded (perhaps ScaledObject so)"},
		{by("", Known(Owner{Kind: OwnerGitOps, Name: "argocd"}, start, "k")), "somebody whose name is not recorded"},
		{by("kube-controller-manager", Known(Owner{Kind: OwnerHPA, Name: "h"}, start, "k")), "HPA h (kube-controller-manager)"},
		{by("kube-controller-manager", Known(Owner{Kind: OwnerKEDA, Name: "so"}, start, "k")), "ScaledObject so (kube-controller-manager)"},
		{by("kubectl", Known(Owner{Kind: OwnerHPA, Name: "h"}, start, "k")), "kubectl"},
		{by("argocd or kubectl", Known(Owner{Kind: OwnerHPA, Name: "h"}, start, "k")), "argocd or kubectl"},
		{by("kube-controller-manager", Unknown[Owner]("no right", start, "k")), "kube-controller-manager"},
		{by("scalebot", Known(Owner{Kind: OwnerNone}, start, "k")), "another write under the name scalebot"},
		{by("keda-operator", Known(Owner{Kind: OwnerKEDA, Name: "so"}, start, "k")), "ScaledObject so (keda-operator)"},
		{by("argocd", Known(Owner{Kind: OwnerGitOps, Name: "argocd"}, start, "k")), "argocd"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestPartitionNamesForPeople(t *testing.T) {
	one := []PartitionLag{{Topic: "t", Partition: 7}}
	tests := []struct{ got, want string }{
		{names(nil), ""}, {names(one), "partition 7 of t"}, {names(append(one, PartitionLag{Topic: "t", Partition: 9})), "partitions 7 and 9 of t"},
		{names(append(one, PartitionLag{Topic: "u", Partition: 0})), "partitions t/7 and u/0"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestLostMessagesAreOnTheCard(t *testing.T) {
	w := calmWorld().lag(500)
	w.s.Lag.Value.Partitions[2].Lost, w.s.Lag.Value.Partitions[2].Flag = 4000, LagLost
	w.s.Lag.Value = SumLag(w.s.Lag.Value.Partitions, nil)
	check := wantCheck(t, w.plan(9, "r").Checklist, "R-105", Warn)
	wantText(t, "note", check.Note, "4,000 messages were deleted by retention before they were read")
}

func TestScaleDownThatStaysBetweenTheLimits(t *testing.T) {
	st := (&story{arrival: 450, rise: 0, each: 100, to: 5}).begin()
	flat := func(lag int64) Report {
		return st.report(0, func(w *world) { w.lag(lag).s.Lag.At = w.s.At })
	}
	if r := flat(3000); r.Verdict != VerdictHolds {
		t.Errorf("3,000 and stable: got %s because %q", r.Verdict, r.Why)
	}
	if r := flat(6000); r.Verdict != VerdictHarmful {
		t.Errorf("6,000: got %s because %q", r.Verdict, r.Why)
	}
	r := st.report(0, func(w *world) { w.lag(3000).s.Lag.At = w.s.At; w.past = nil })
	if r.Verdict != VerdictUndecided {
		t.Errorf("no history: got %s because %q", r.Verdict, r.Why)
	}
}

// BenchmarkRecommend judges a component with four hours of history, as every sample
// does.
func BenchmarkRecommend(b *testing.B) {
	w := spike(14_200)
	for b.Loop() {
		w.recommend()
	}
}

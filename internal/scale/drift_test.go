package scale

import (
	"testing"
	"time"
)

func operation(w *world, to int) Operation {
	advice := w.recommend()
	return Operation{ID: "download-worker-17", Component: w.Name, Number: 17, Change: Replicas{From: w.s.Workload.Value.Desired, To: to},
		Before: w.s, Advice: advice, Plan: MakePlan(w.Component, w.Policy, w.s, w.past, advice, to, "r"),
		Rollout: Rollout{WrittenAt: start}}
}

// An autoscaler that was made a moment before the proposal was on its card, and the sampler, which reads owners once a minute, said at once
// that it was gone again.
func TestAnOwnerReadBeforeTheProposalIsNoDrift(t *testing.T) {
	w := spike(14_200)
	w.s.Owner = Known(Owner{Kind: OwnerHPA, Name: "h"}, start, "Kubernetes")
	op := operation(w, 9)
	for read, want := range map[time.Duration]bool{-30 * time.Second: false, time.Second: true} {
		now := spike(14_200)
		now.s.Owner = Known(Owner{Kind: OwnerNone}, start.Add(read), "Kubernetes")
		if drift := Drift(op, testPolicy(), now.s); (drift != nil) != want {
			t.Errorf("an owner read %v after the proposal's: got %v, want drift %v", read, drift, want)
		}
	}
}

// The sampler's newest snapshot still held what it had read of the deployment, and of the lag, while the count was being set by hand, and the
// card made right after that said that somebody else had set it already.
func TestWhatWasReadBeforeTheProposalIsNoDrift(t *testing.T) {
	op := operation(spike(14_200), 9)
	edits := map[string]func(w *world, at time.Time){
		"the count":      func(w *world, at time.Time) { w.workers(9); w.s.Workload.At = at },
		"a rollout":      func(w *world, at time.Time) { w.change(func(l *Workload) { l.Rolling = true }); w.s.Workload.At = at },
		"the lag":        func(w *world, at time.Time) { w.lag(900); w.s.Lag.At = at },
		"the partitions": func(w *world, at time.Time) { w.s.Partitions.Value, w.s.Partitions.At = 36, at },
	}
	for what, edit := range edits {
		for read, want := range map[time.Duration]bool{-5 * time.Second: false, time.Second: true} {
			now := spike(14_200)
			edit(now, start.Add(read))
			now.s.At = start.Add(2 * time.Second)
			if drift := Drift(op, testPolicy(), now.s); (drift != nil) != want {
				t.Errorf("%s, read %v after the proposal: got %v, want drift %v", what, read, drift, want)
			}
		}
	}
}

func TestDriftRefusesAnApprovalForAnotherWorld(t *testing.T) {
	tests := []struct {
		name string
		to   int
		edit func(*world)
		want string
	}{
		{"nothing changed", 9, func(*world) {}, ""},
		{"other count", 9, func(w *world) { w.workers(7).change(func(l *Workload) { l.ReplicasBy = "kubectl" }) }, "The count is 7 now and was 6, set by kubectl."},
		{"already there", 9, func(w *world) { w.workers(9) }, "already set the count to 9"},
		{"workload unknown", 9, func(w *world) { w.s.Workload = Unknown[Workload]("timeout", start, "Kubernetes") }, "The deployment is unknown now: timeout."},
		{"workload stale", 9, func(w *world) { w.s.Workload.At = start.Add(-time.Hour) }, "The deployment is unknown now"},
		{"new owner", 9, func(w *world) { w.s.Owner.Value = Owner{Kind: OwnerHPA, Name: "h"} }, "The owner of the count is HPA h now."},
		{"rollout", 9, func(w *world) { w.change(func(l *Workload) { l.Rolling = true }) }, "A rollout started (worker:1.4)."},
		{"other image", 9, func(w *world) { w.change(func(l *Workload) { l.Image = "worker:1.5" }) }, "The image changed from worker:1.4 to worker:1.5."},
		{"made anew", 9, func(w *world) { w.change(func(l *Workload) { l.UID = "uid-2" }) }, "made anew"},
		{"partitions", 9, func(w *world) { w.s.Partitions.Value = 36 }, "There are 36 partitions now and were 24."},
		{"partitions from the runbook's example", 9, func(w *world) {
			w.s.Partitions.Value, w.s.Partitions.Note = 12, "example from the runbook; Kafka did not answer"
		}, ""},
		{"lag gone", 9, func(w *world) { w.lag(900) }, "Lag is 900 now and was 14,200."},
		{"lag a third less", 9, func(w *world) { w.lag(9500) }, ""},
		{"lag rose under a scale-up", 9, func(w *world) { w.lag(90_000) }, ""},
		{"lag rose under a scale-down", 5, func(w *world) { w.lag(90_000) }, "Lag is 90,000 now and was 14,200."},
		{"lag unknown", 9, func(w *world) { w.s.Lag = Unknown[Lag]("Kafka does not answer", start, "Kafka") }, "Lag is unknown now: Kafka does not answer."},
		{"owner unknown stays a warning of the card", 9, func(w *world) { w.s.Owner = Reading[Owner]{} }, ""},
	}
	for _, tt := range tests {
		op := operation(spike(14_200), tt.to)
		now := spike(14_200)
		tt.edit(now)
		r := Drift(op, testPolicy(), now.s)
		if tt.want == "" {
			if r != nil {
				t.Errorf("%s: got %q, want none", tt.name, r.Why)
			}
			continue
		}
		if r == nil {
			t.Errorf("%s: got none, want %q", tt.name, tt.want)
			continue
		}
		if r.Code != RefusedDrift {
			t.Errorf("%s: got code %s", tt.name, r.Code)
		}
		wantText(t, tt.name, r.Why, tt.want)
	}
}

func TestDriftOfSmallLagDoesNotMatter(t *testing.T) {
	op := operation(calmWorld().lag(1500), 9)
	if r := Drift(op, testPolicy(), calmWorld().lag(600).s); r != nil {
		t.Errorf("900 messages less: got %q, want none", r.Why)
	}
}

package lever

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// operation is a change of the world's count that was written at scaletest.Start.
func operation(w *measuretest.World, to int) ledger.Operation {
	advice := judgetest.Recommended(w)
	op := ledger.Operation{ID: "download-worker-17", Component: w.Name, Number: 17, Before: w.Now, Advice: advice,
		Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: w.Now.Workload.Value.Desired, To: to}}),
		Plan:  judge.MakePlan(w.Component, w.Policy, w.Now, w.Past, advice, to, "r")}
	return op.WithRollout(ledger.Rollout{WrittenAt: scaletest.Start})
}

// An autoscaler that was made a moment before the proposal was on its card, and the sampler, which reads owners once a minute, said at once
// that it was gone again.
func TestAnOwnerReadBeforeTheProposalIsNoDrift(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Now.Owner = scale.Known(scale.Owner{Kind: scale.OwnerHPA, Name: "h"}, scaletest.Start, "Kubernetes")
	op := operation(w, 9)
	for read, want := range map[time.Duration]bool{-30 * time.Second: false, time.Second: true} {
		now := measuretest.Spike(14_200)
		now.Now.Owner = scale.Known(scale.Owner{Kind: scale.OwnerNone}, scaletest.Start.Add(read), "Kubernetes")
		if drift := Of(op).Drift(measuretest.TestPolicy(), now.Now); (drift != nil) != want {
			t.Errorf("an owner read %v after the proposal's: got %v, want drift %v", read, drift, want)
		}
	}
}

// The sampler's newest snapshot still held what it had read of the deployment, and of the lag, while the count was being set by hand, and the
// card made right after that said that somebody else had set it already.
func TestWhatWasReadBeforeTheProposalIsNoDrift(t *testing.T) {
	op := operation(measuretest.Spike(14_200), 9)
	edits := map[string]func(w *measuretest.World, at time.Time){
		"the count": func(w *measuretest.World, at time.Time) { w.Workers(9); w.Now.Workload.At = at },
		"a rollout": func(w *measuretest.World, at time.Time) {
			w.Change(func(l *scale.Workload) { l.Rolling = true })
			w.Now.Workload.At = at
		},
		"the lag":        func(w *measuretest.World, at time.Time) { w.Lag(900); w.Now.Lag.At = at },
		"the partitions": func(w *measuretest.World, at time.Time) { w.Now.Partitions.Value, w.Now.Partitions.At = 36, at },
	}
	for what, edit := range edits {
		for read, want := range map[time.Duration]bool{-5 * time.Second: false, time.Second: true} {
			now := measuretest.Spike(14_200)
			edit(now, scaletest.Start.Add(read))
			now.Now.At = scaletest.Start.Add(2 * time.Second)
			if drift := Of(op).Drift(measuretest.TestPolicy(), now.Now); (drift != nil) != want {
				t.Errorf("%s, read %v after the proposal: got %v, want drift %v", what, read, drift, want)
			}
		}
	}
}

func TestDriftRefusesAnApprovalForAnotherWorld(t *testing.T) {
	tests := []struct {
		name string
		to   int
		edit func(*measuretest.World)
		want string
	}{
		{"nothing changed", 9, func(*measuretest.World) {}, ""},
		{"other count", 9, func(w *measuretest.World) { w.Workers(7).Change(func(l *scale.Workload) { l.ReplicasBy = "kubectl" }) }, "The count is 7 now and was 6, set by kubectl."},
		{"already there", 9, func(w *measuretest.World) { w.Workers(9) }, "already set the count to 9"},
		{"workload unknown", 9, func(w *measuretest.World) {
			w.Now.Workload = scale.Unknown[scale.Workload]("timeout", scaletest.Start, "Kubernetes")
		}, "The deployment is unknown now: timeout."},
		{"workload stale", 9, func(w *measuretest.World) { w.Now.Workload.At = scaletest.Start.Add(-time.Hour) }, "The deployment is unknown now"},
		{"new owner", 9, func(w *measuretest.World) { w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerHPA, Name: "h"} }, "The owner of the count is HPA h now."},
		{"rollout", 9, func(w *measuretest.World) { w.Change(func(l *scale.Workload) { l.Rolling = true }) }, "A rollout started (worker:1.4)."},
		{"other image", 9, func(w *measuretest.World) { w.Change(func(l *scale.Workload) { l.Image = "worker:1.5" }) }, "The image changed from worker:1.4 to worker:1.5."},
		{"made anew", 9, func(w *measuretest.World) { w.Change(func(l *scale.Workload) { l.UID = "uid-2" }) }, "made anew"},
		{"partitions", 9, func(w *measuretest.World) { w.Now.Partitions.Value = 36 }, "There are 36 partitions now and were 24."},
		{"partitions from the runbook's example", 9, func(w *measuretest.World) {
			w.Now.Partitions.Value, w.Now.Partitions.Note = 12, "example from the runbook; Kafka did not answer"
		}, ""},
		{"lag gone", 9, func(w *measuretest.World) { w.Lag(900) }, "Lag is 900 now and was 14,200."},
		{"lag a third less", 9, func(w *measuretest.World) { w.Lag(9500) }, ""},
		{"lag rose under a scale-up", 9, func(w *measuretest.World) { w.Lag(90_000) }, ""},
		{"lag rose under a scale-down", 5, func(w *measuretest.World) { w.Lag(90_000) }, "Lag is 90,000 now and was 14,200."},
		{"lag unknown", 9, func(w *measuretest.World) {
			w.Now.Lag = scale.Unknown[scale.Lag]("Kafka does not answer", scaletest.Start, "Kafka")
		}, "Lag is unknown now: Kafka does not answer."},
		{"owner unknown stays a warning of the card", 9, func(w *measuretest.World) { w.Now.Owner = scale.Reading[scale.Owner]{} }, ""},
	}
	for _, tt := range tests {
		op := operation(measuretest.Spike(14_200), tt.to)
		now := measuretest.Spike(14_200)
		tt.edit(now)
		r := Of(op).Drift(measuretest.TestPolicy(), now.Now)
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
		if r.Code != scale.RefusedDrift {
			t.Errorf("%s: got code %s", tt.name, r.Code)
		}
		scaletest.WantText(t, tt.name, r.Why, tt.want)
	}
}

func TestDriftOfSmallLagDoesNotMatter(t *testing.T) {
	op := operation(measuretest.CalmWorld().Lag(1500), 9)
	if r := Of(op).Drift(measuretest.TestPolicy(), measuretest.CalmWorld().Lag(600).Now); r != nil {
		t.Errorf("900 messages less: got %q, want none", r.Why)
	}
}

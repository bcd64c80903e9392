package review

import (
	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// scaled is an operation that has changed one count to another.
func scaled(op ledger.Operation, from, to int) Scaled {
	op.Steps = []ledger.Step{{Step: change.Step{Do: change.Replicas{From: from, To: to}}, Rollout: op.Rollout()}}
	return Scaled{op, from, to}
}

// operation is a change of the world's count that was written at scaletest.Start.
func operation(w *measuretest.World, to int) Scaled {
	advice := judgetest.Recommended(w)
	s := scaled(ledger.Operation{ID: "download-worker-17", Component: w.Name, Number: 17, Before: w.Now, Advice: advice,
		Plan: judge.MakePlan(w.Component, w.Policy, w.Now, w.Past, advice, to, "r")}, w.Now.Workload.Value.Desired, to)
	s.Operation = s.WithRollout(ledger.Rollout{WrittenAt: scaletest.Start})
	return s
}

package lever

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/review"
	"github.com/scalebot/scalebot/internal/scale"
)

// replicas is the lever of a replica count.
type replicas struct {
	op ledger.Operation
	do change.Replicas
}

// Effect is "the count was set to 9".
func (r replicas) Effect() string { return fmt.Sprintf("the count was set to %d", r.do.To) }

// Hangs reports whether pods of a scale-up will not start by themselves.
func (r replicas) Hangs() bool {
	return r.op.State() == ledger.Settling && !r.do.Down() && r.op.Rollout().Now.Unstarted > 0
}

// GivenUp names the pods that do not start.
func (r replicas) GivenUp() string {
	return fmt.Sprintf("given up: %d of %d pods do not start", r.op.Rollout().Now.Unstarted, r.do.To)
}

// Report is the runbook's checklist at a horizon.
func (r replicas) Report(c scale.Component, p scale.Policy, horizon int, now scale.Snapshot, past []scale.Point) ledger.Report {
	return review.MakeReport(c, p, review.Scaled{Operation: r.op, From: r.do.From, To: r.do.To}, horizon, now, past)
}

// Again is the wanted count.
func (r replicas) Again() judge.Target { return judge.Exactly(r.do.To) }

// Back is the count of before.
func (r replicas) Back() judge.Target { return judge.Exactly(r.do.From) }

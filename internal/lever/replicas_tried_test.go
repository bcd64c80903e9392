package lever

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestTheLastScaleUpIsFound(t *testing.T) {
	up := func(id string, state ledger.State, reports ...ledger.Report) ledger.Operation {
		op := ledger.Operation{ID: id, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 4, To: 6}}), Reports: reports, Events: []ledger.Event{{State: state}}}
		op.Steps[0].Rollout.WrittenAt = scaletest.Start
		return op
	}
	made := func(v scale.Verdict) ledger.Report {
		return ledger.Report{MadeAt: scaletest.Start.Add(5 * time.Minute), Verdict: v}
	}
	due := ledger.Report{Due: scaletest.Start.Add(5 * time.Minute)}
	down := up("down", ledger.Done, made(scale.VerdictHolds))
	down.Steps = ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 4}})
	never := up("never", ledger.Declined)
	never.Steps[0].Rollout.WrittenAt = time.Time{}
	closed := ledger.Report{Due: scaletest.Start, Closed: "a newer scale took over"}
	for name, c := range map[string]struct {
		ops     []ledger.Operation
		want    string
		verdict scale.Verdict
	}{
		"none":                            {nil, "", ""},
		"only down and never written":     {[]ledger.Operation{down, never}, "", ""},
		"the newest verdict counts":       {[]ledger.Operation{up("a", ledger.Done, made(scale.VerdictPartial), made(scale.VerdictIneffective))}, "a", scale.VerdictIneffective},
		"one that is still watched":       {[]ledger.Operation{up("a", ledger.Watching, due, due)}, "a", ""},
		"behind a rollback":               {[]ledger.Operation{down, up("a", ledger.Superseded, made(scale.VerdictIneffective), closed)}, "a", scale.VerdictIneffective},
		"one closed before any judgement": {[]ledger.Operation{up("b", ledger.Superseded, closed), up("a", ledger.Done, made(scale.VerdictWorked))}, "a", scale.VerdictWorked},
	} {
		t.Run(name, func(t *testing.T) {
			got := LastTried(c.ops)
			if got == nil {
				got = &scale.Tried{}
			}
			if got.Operation != c.want || got.Verdict != c.verdict {
				t.Errorf("got %q, %q, want %q, %q", got.Operation, got.Verdict, c.want, c.verdict)
			}
		})
	}
}

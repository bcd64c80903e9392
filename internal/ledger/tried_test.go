package ledger

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestTheLastScaleUpIsFound(t *testing.T) {
	up := func(id string, state State, reports ...Report) Operation {
		op := Operation{ID: id, Change: Replicas{4, 6}, Reports: reports, Events: []Event{{State: state}}}
		op.Rollout.WrittenAt = scaletest.Start
		return op
	}
	made := func(v scale.Verdict) Report { return Report{MadeAt: scaletest.Start.Add(5 * time.Minute), Verdict: v} }
	due := Report{Due: scaletest.Start.Add(5 * time.Minute)}
	down := up("down", Done, made(scale.VerdictHolds))
	down.Change = Replicas{6, 4}
	never := up("never", Declined)
	never.Rollout.WrittenAt = time.Time{}
	closed := Report{Due: scaletest.Start, Closed: "a newer scale took over"}
	for name, c := range map[string]struct {
		ops     []Operation
		want    string
		verdict scale.Verdict
	}{
		"none":                            {nil, "", ""},
		"only down and never written":     {[]Operation{down, never}, "", ""},
		"the newest verdict counts":       {[]Operation{up("a", Done, made(scale.VerdictPartial), made(scale.VerdictIneffective))}, "a", scale.VerdictIneffective},
		"one that is still watched":       {[]Operation{up("a", Watching, due, due)}, "a", ""},
		"behind a rollback":               {[]Operation{down, up("a", Superseded, made(scale.VerdictIneffective), closed)}, "a", scale.VerdictIneffective},
		"one closed before any judgement": {[]Operation{up("b", Superseded, closed), up("a", Done, made(scale.VerdictWorked))}, "a", scale.VerdictWorked},
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

package lever

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// The way back is the count of before, and asking again is for the same one.
func TestAgainAndBack(t *testing.T) {
	of := Of(operation(measuretest.Spike(14_200), 9))
	if of.Again() != judge.Exactly(9) || of.Back() != judge.Exactly(6) || of.Effect() != "the count was set to 9" {
		t.Errorf("got again %v, back %v, %q", of.Again(), of.Back(), of.Effect())
	}
}

// Only what is still as the change has left it can be undone: with another count, what the
// person expects to go back from is not there.
func TestGoingBackNeedsTheCountOfTheChange(t *testing.T) {
	for name, c := range map[string]struct {
		edit       func(*measuretest.World)
		code, want string
	}{
		"as it was left":           {func(w *measuretest.World) { w.Workers(9) }, "", ""},
		"set by somebody":          {func(w *measuretest.World) { w.Workers(7).Change(func(l *scale.Workload) { l.ReplicasBy = "kubectl" }) }, scale.RefusedState, "The count is 7 now, set by kubectl, and not the 9 of download-worker-17 any more."},
		"set by nobody knows whom": {func(w *measuretest.World) { w.Workers(7).Change(func(l *scale.Workload) { l.ReplicasBy = "" }) }, scale.RefusedState, "set by somebody else"},
		"set back already":         {func(w *measuretest.World) { w.Workers(6) }, scale.RefusedState, "The count is 6 now"},
		"a count that cannot be read": {func(w *measuretest.World) {
			w.Now.Workload = scale.Unknown[scale.Workload]("timeout", w.Now.At, "Kubernetes")
		}, scale.RefusedUnknown, "How many replicas run now is unknown: Timeout."},
	} {
		now := measuretest.Spike(14_200)
		c.edit(now)
		refusal := Of(operation(measuretest.Spike(14_200), 9)).MayGoBack(now.Now)
		if c.code == "" {
			if refusal != nil {
				t.Errorf("%s: got %v, want it allowed", name, refusal)
			}
			continue
		}
		if refusal == nil || refusal.Code != c.code || !strings.Contains(refusal.Why, c.want) || refusal.Try != "/scale download-worker 6" {
			t.Errorf("%s: got %+v, want %s because %q", name, refusal, c.code, c.want)
		}
	}
}

// T-01: a count that was set back after the change had settled ends it with the name of who did
// it and when that was seen; what was seen before stays.
func TestACountThatWasSetBackIsToldWithAName(t *testing.T) {
	op := operation(measuretest.Spike(14_200), 9).WithStep(func(s *ledger.Step) { s.Rollout.ReadyAt = scaletest.Start.Add(time.Minute) })
	now := measuretest.Spike(14_200).Workers(6).Change(func(l *scale.Workload) { l.ReplicasBy = "argocd-controller" })
	now.Now.At = scaletest.Start.Add(10 * time.Minute)
	got := Of(op).Reverted(now.Now)
	if got.Done || got.Failed != "the count was set to 6 by argocd-controller" {
		t.Errorf("got done %t because %q", got.Done, got.Failed)
	}
	r := got.Rollout
	if r.RevertedTo != 6 || r.RevertedBy != "argocd-controller" || !r.RevertedAt.Equal(now.Now.At) || r.ReadyAt.IsZero() || r.WrittenAt.IsZero() {
		t.Errorf("got %+v", r)
	}
	if op.Rollout().RevertedBy != "" {
		t.Error("the operation itself was changed by judging it")
	}
}

// The last look comes when the owner that the card named has had its time (T-01).
func TestTheLastLookWaitsForTheOwner(t *testing.T) {
	policy := measuretest.TestPolicy()
	w := measuretest.Spike(14_200)
	free := len(Of(operation(w, 9)).RevertChecks(policy))
	w.Now.Owner = scale.Known(measuretest.RunbookHPA(), w.Now.At, "Kubernetes")
	owned := Of(operation(w, 9)).RevertChecks(policy)
	if free != len(policy.Rollout.RevertChecks) || len(owned) != free+1 || owned[free] <= owned[free-1] {
		t.Errorf("got %d looks at a free count and %v at an owned one", free, owned)
	}
}

func TestWhatIsGivenUpIsCounted(t *testing.T) {
	op := operation(measuretest.Spike(14_200), 9).WithStep(func(s *ledger.Step) { s.Rollout.Now.Unstarted = 3 })
	if got := Of(op).GivenUp(); got != "given up: 3 of 9 pods do not start" {
		t.Errorf("got %q", got)
	}
}

// The reason is the engine's; what to ask for instead is the lever's.
func TestARefusalToGoBackNamesTheOldCount(t *testing.T) {
	got := Of(operation(measuretest.Spike(14_200), 9)).RefuseBack("download-worker-18 has changed the count since.")
	if got.Why != "download-worker-18 has changed the count since." || got.Try != "/scale download-worker 6" || got.Understood != "roll back download-worker-17" || got.Code != scale.RefusedState {
		t.Errorf("got %+v", got)
	}
}

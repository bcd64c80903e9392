package lever

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// What the Runner does hangs on this answer alone: where the count is, who brought it there, and
// whether it may have been somewhere else since the intent was stored.
func TestWhereTheCountStands(t *testing.T) { // 6 to 9
	intended := ledger.Seen{ResourceVersion: "7", Generation: 3}
	for name, c := range map[string]struct {
		intended ledger.Seen
		count    int
		by       string
		version  string
		gen      int64
		owner    scale.Owner
		want     Standing
	}{
		"as it was":                       {intended, 6, "", "7", 3, scale.Owner{}, Standing{Position: Before, Why: "the count is as it was"}},
		"as it was, only the status":      {intended, 6, "", "9", 3, scale.Owner{}, Standing{Position: Before, Why: "the count is as it was"}},
		"as it was, set back by somebody": {intended, 6, "helm", "9", 5, scale.Owner{}, Standing{Position: Before, By: "helm", Touched: true, Why: "the deployment was changed since, and the count is 6, set by helm"}},
		"as it was, set by ourselves":     {intended, 6, "scalebot", "9", 5, scale.Owner{}, Standing{Position: Before, By: "scalebot", Touched: true, Why: "the deployment was changed since, and the count is 6"}},
		"an intent that kept nothing":     {ledger.Seen{}, 6, "", "9", 5, scale.Owner{}, Standing{Position: Before, Touched: true, Why: "the count is 6, and whether it was another one meanwhile cannot be told"}},
		"a server without generations":    {ledger.Seen{ResourceVersion: "7"}, 6, "", "8", 0, scale.Owner{}, Standing{Position: Before, Touched: true, Why: "the count is 6, and whether it was another one meanwhile cannot be told"}},
		"there, by ourselves":             {intended, 9, "scalebot", "9", 4, scale.Owner{}, Standing{Position: There, By: "scalebot", Touched: true, Why: "scalebot set it to 9"}},
		"there, by somebody":              {intended, 9, "kubectl", "9", 4, scale.Owner{}, Standing{Position: There, By: "kubectl", Touched: true, Why: "kubectl set it to 9"}},
		"there, by nobody knows whom":     {intended, 9, "", "9", 4, scale.Owner{}, Standing{Position: There, Touched: true, Why: "somebody else set it to 9"}},
		"elsewhere":                       {intended, 7, "kubectl", "9", 4, scale.Owner{}, Standing{Position: Elsewhere, By: "kubectl", Touched: true, Why: "the count is 7, set by kubectl, and not the 6 that was approved to be changed"}},
		"elsewhere, by nobody knows whom": {intended, 0, "", "9", 4, scale.Owner{}, Standing{Position: Elsewhere, Touched: true, Why: "the count is 0, set by somebody else, and not the 6 that was approved to be changed"}},
		"elsewhere, and owned": {intended, 12, "kube-controller-manager", "9", 4, scale.Owner{Kind: scale.OwnerHPA, Name: "h"},
			Standing{Position: Elsewhere, By: "kube-controller-manager", Touched: true, Why: "the count is 12, set by hpa h, and not the 6 that was approved to be changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			op := operation(measuretest.Spike(14_200), 9).WithStep(func(s *ledger.Step) { s.Intended = c.intended })
			w := measuretest.Spike(14_200).Workers(c.count).Change(func(l *scale.Workload) {
				l.ReplicasBy, l.ResourceVersion, l.Generation = c.by, c.version, c.gen
			})
			if c.owner.Kind == "" {
				c.owner.Kind = scale.OwnerNone
			}
			w.Now.Owner = scale.Known(c.owner, w.Now.At, "Kubernetes")
			c.want.Seen = ledger.Seen{ResourceVersion: c.version, Generation: c.gen}
			if got := Of(op).Where(w.Now); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// A count that cannot be read is nowhere, and surely not where it was.
func TestACountThatCannotBeReadIsUnknown(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Now.Workload = scale.Unknown[scale.Workload]("timeout", scaletest.Start.Add(time.Second), "Kubernetes")
	if got := Of(operation(measuretest.Spike(14_200), 9)).Where(w.Now); got != (Standing{Why: "timeout"}) || got.Position != Unknown {
		t.Errorf("got %+v, want it unknown because of the timeout", got)
	}
}

// Where says the same for the step that an operation is at, not for the first one.
func TestWhereIsToldOfTheStepItIsAt(t *testing.T) {
	op := operation(measuretest.Spike(14_200), 9)
	second := operation(measuretest.Spike(14_200).Workers(9), 11).Steps[0]
	second.Rollout = ledger.Rollout{}
	op.Steps = append(op.Steps, second)
	at := measuretest.Spike(14_200).Workers(9)
	if got := Of(op).Where(at.Now).Position; got != There {
		t.Errorf("after the first write: got %d, want it there", got)
	}
	op.Steps[1].Intended = ledger.Seen{ResourceVersion: "7", Generation: 3}
	if got := Of(op).Where(at.Now).Position; got != Before {
		t.Errorf("with the intent of the second step: got %d, want it before", got)
	}
}

package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestPlanForTheRunbooksNine(t *testing.T) {
	w := measuretest.Spike(14_200)
	plan := planned(w, 9, "lag")
	if plan.From != 6 || plan.To != 9 || plan.Now.Busiest != 4 || plan.After.Busiest != 3 || plan.After.Idle != 0 || plan.After.Efficient {
		t.Errorf("got %+v to %+v", plan.Now, plan.After)
	}
	var others []int
	for _, o := range plan.Alternatives {
		others = append(others, o.Replicas)
	}
	if want := []int{8, 12}; !slices.Equal(others, want) {
		t.Errorf("T-05 alternatives: got %v, want %v", others, want)
	}
	scaletest.WantText(t, "T-05", strings.Join(plan.Notes, "\n"), "9 loads the busiest worker like 8, 3 partitions; 12 brings it down to 2 partitions")
	if want := "kubectl scale deployment download-worker --replicas=9 -n kafka-pipeline --current-replicas=6"; plan.Kubectl != want {
		t.Errorf("got %q, want %q", plan.Kubectl, want)
	}
	if plan.Prominent || plan.NeedsReason || plan.Reverter != "" || len(plan.Warnings) != 0 {
		t.Errorf("got prominent %v, reason %v, reverter %q, warnings %q", plan.Prominent, plan.NeedsReason, plan.Reverter, plan.Warnings)
	}
	scaletest.WantText(t, "drain now", plan.Now.Drain.Sentence, "never")
}

func TestPreScaleChecklist(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Remember(time.Hour, func(ago time.Duration, p *scale.Point) {
		p.Lag = 14_200 - 3*ago.Seconds()
		p.Commits = p.Ends - p.Lag
	})
	w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.012, Kinds: map[string]float64{"timeout": 1, "parse": 4}}
	w.Change(func(l *scale.Workload) { l.RolledAt = scaletest.Start.Add(-20 * time.Minute) })
	plan := planned(w, 9, "")
	want := []struct {
		rule   string
		result scale.Result
		text   string
	}{
		{"R-105", scale.Warn, "14,200, stable"},
		{"R-106", scale.Pass, "CPU 50 % of limit, memory 50 % of limit"},
		{"R-107", scale.Warn, "1.2 % (parse 4/s and timeout 1/s)"},
		{"R-108", scale.Pass, "24 partitions over 6 members, 4 each"},
		{"R-109", scale.Warn, "last 20 min ago, image worker:1.4, revision 7"},
		{"R-103", scale.Pass, "3 needed, 30 fit on the nodes"},
	}
	for _, tt := range want {
		check := measuretest.WantCheck(t, plan.Checklist, tt.rule, tt.result)
		if check.After != tt.text || check.Source == "" {
			t.Errorf("%s: got %q from %q, want %q", tt.rule, check.After, check.Source, tt.text)
		}
	}
}

func TestR105TrendIsOnTheCard(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Past = measuretest.Steps(41, func(i int, p *scale.Point) {
		p.Ends, p.Commits, p.Lag = 900*15*float64(i), 600*15*float64(i), 4500*float64(i)
	})
	plan := planned(w, 12, "")
	if plan.Trend != scale.Rising || !measuretest.Near(plan.Slope, 300, 0.01) {
		t.Errorf("got %s by %v", plan.Trend, plan.Slope)
	}
	scaletest.WantText(t, "checklist", measuretest.WantCheck(t, plan.Checklist, "R-105", scale.Warn).After, "14,200, rising by 300 msg/s")
}

func TestUnknownIsNeverAPassOnTheChecklist(t *testing.T) {
	w := measuretest.CalmWorld()
	now := w.Now.Workload
	w.Now = scale.Snapshot{At: scaletest.Start, Component: w.Name}
	w.Now.Workload = now
	w.Now.Workload.Value.RolledAt = time.Time{}
	for _, check := range planned(w, 9, "").Checklist {
		if check.Result != scale.ResultUnsure || check.After == "" || check.Note == "" {
			t.Errorf("%s: got %s, %q because %q, want unknown with a reason", check.Rule, check.Result, check.After, check.Note)
		}
	}
}

func TestR108SpreadOfPartitions(t *testing.T) {
	tests := []struct {
		name string
		edit func(*scale.Group)
		want scale.Result
		note string
	}{
		{"even", func(*scale.Group) {}, scale.Pass, ""},
		{"one takes far more", func(g *scale.Group) { *g = also(measuretest.GroupOf(6, 20), 0, 20, 21, 22, 23) }, scale.Fail, "one member owns 8"},
		{"unowned", func(g *scale.Group) { *g = measuretest.GroupOf(6, 22) }, scale.Fail, "2 partitions without an owner"},
		{"nobody", func(g *scale.Group) { *g = measuretest.GroupOf(0, 0) }, scale.Fail, ""},
		{"more members than partitions", func(g *scale.Group) { *g = measuretest.GroupOf(26, 24) }, scale.Warn, "2 members without a partition"},
		{"rebalancing", func(g *scale.Group) { g.State = "PreparingRebalance" }, scale.ResultUnsure, "handed out"},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		tt.edit(&w.Now.Group.Value)
		check := measuretest.WantCheck(t, planned(w, 9, "").Checklist, "R-108", tt.want)
		scaletest.WantText(t, tt.name, check.Note, tt.note)
	}
	// 24 over 9 is 2 or 3 each.
	w := measuretest.CalmWorld().Workers(9)
	w.Now.Group.Value = measuretest.GroupOf(9, 24)
	scaletest.WantText(t, "R-037", measuretest.WantCheck(t, planned(w, 8, "").Checklist, "R-108", scale.Pass).After, "24 partitions over 9 members, 2–3 each")
}

func TestR029ReasonIsAskedForWithoutATrigger(t *testing.T) {
	tests := []struct {
		name   string
		world  *measuretest.World
		to     int
		reason string
		want   bool
	}{
		{"calm, up", measuretest.CalmWorld(), 9, "", true},
		{"calm, up, with a reason", measuretest.CalmWorld(), 9, "a bulk import comes at noon", false},
		{"lag over 10k", measuretest.Spike(14_200), 9, "", false},
		{"calm, down", measuretest.CalmWorld(), 5, "", true},
		{"idle, down as recommended", measuretest.IdleWorld(), 8, "", false},
		{"lag over 10k, down", measuretest.Spike(14_200), 5, "", true},
	}
	for _, tt := range tests {
		if got := planned(tt.world, tt.to, tt.reason).NeedsReason; got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	scaletest.WantText(t, "the values are shown", strings.Join(planned(measuretest.CalmWorld(), 9, "").Notes, "\n"), "no scale-up rule fires: lag 0, limit > 10,000; p95 latency 1.2 s, limit > 5.0 s")
}

func TestLoudPlans(t *testing.T) {
	tests := []struct {
		name  string
		world *measuretest.World
		to    int
		want  bool
	}{
		{"half more", measuretest.Spike(14_200), 9, false},
		{"double, unasked", measuretest.CalmWorld(), 12, true},
		{"double, as the runbook recommends", measuretest.Spike(14_200), 12, false},
		{"above the recommended range", measuretest.Spike(14_200), 13, true},
		{"below it", measuretest.CalmWorld(), 5, true},
		{"back into it", measuretest.CalmWorld().Workers(14), 13, false},
		{"down under load", measuretest.Spike(14_200).Workers(9), 8, true},
		{"down in quiet", measuretest.IdleWorld(), 8, false},
		{"lag unknown", func() *measuretest.World {
			w := measuretest.CalmWorld()
			w.Now.Lag = scale.Reading[scale.Lag]{}
			return w
		}(), 8, true},
		{"against a veto", func() *measuretest.World { w := measuretest.Spike(14_200); w.Now.Signals.Download.Value = 20; return w }(), 8, true},
	}
	for _, tt := range tests {
		if plan := planned(tt.world, tt.to, "r"); plan.Prominent != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, plan.Prominent, tt.want)
		}
	}
}

func TestPlanWarnings(t *testing.T) {
	tests := []struct {
		name string
		edit func(*measuretest.World)
		to   int
		want string
	}{
		{"T-05 useless", func(w *measuretest.World) { w.Workers(9) }, 11, "11 loads the busiest worker like 9 does now, 3 partitions"},
		{"rebalancing in a calm world", func(w *measuretest.World) { w.Now.Group.Value.State = "PreparingRebalance" }, 9, "the group is rebalancing (PreparingRebalance)"},
		{"R-103 no room", func(w *measuretest.World) { w.Now.Room.Value.NodePods = 1 }, 9, "room for 1 more pod of this size, 3 are needed"},
		{"T-35 downstream lags", func(w *measuretest.World) {
			w.Now.Downstream["result-processor"] = scale.Known(int64(40_000), scaletest.Start, "Kafka")
		}, 9, "result-processor behind it already lags by 40,000"},
		{"other errors", func(w *measuretest.World) { w.Now.Signals.Errors.Value.Share = 0.04 }, 9, "4 % of the messages fail for other reasons"},
		{"R-050 down with lag", func(w *measuretest.World) { w.Lag(4000) }, 5, "lag is 4,000 and stable; the runbook takes workers away only after lag under 1,000 for 1 h"},
		{"lag unknown", func(w *measuretest.World) {
			w.Now.Lag = scale.Unknown[scale.Lag]("Kafka does not answer", scaletest.Start, "Kafka")
		}, 9, "lag is unknown: Kafka does not answer"},
		{"T-32 uncommitted", func(w *measuretest.World) {
			w.Now.Lag.Value.Partitions[0].Flag, w.Now.Lag.Value.Uncommitted = scale.LagUncounted, 1
		}, 9, "nobody has committed on 1 of 24 partitions"},
		{"owner unknown", func(w *measuretest.World) {
			w.Now.Owner = scale.Unknown[scale.Owner]("forbidden", scaletest.Start, "Kubernetes")
		}, 9, "who else sets the replica count is unknown: forbidden"},
		{"R-062 HPA maximum", func(w *measuretest.World) {
			w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerHPA, Name: "h", Min: 4, Max: 12}
		}, 14, "14 is above the maximum of 12 of HPA h"},
		{"T-40 HPA at its maximum", func(w *measuretest.World) {
			w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerHPA, Name: "h", Min: 4, Max: 12, Wants: 12}
		}, 9, "HPA h is at its maximum of 12"},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		tt.edit(w)
		scaletest.WantText(t, tt.name, strings.Join(planned(w, tt.to, "r").Warnings, "\n"), tt.want)
	}
}

func TestPlanNotes(t *testing.T) {
	tests := []struct {
		name string
		edit func(*measuretest.World)
		to   int
		want string
	}{
		{"T-14", func(w *measuretest.World) { w.Lag(14_200) }, 15, "15 is above the recommended 6–12; 13–23 load the busiest worker like 12"},
		{"R-026 below", func(*measuretest.World) {}, 5, "5 is below the recommended 6–12; the hard minimum is 4"},
		{"T-05 free move", func(w *measuretest.World) { w.Workers(9) }, 8, "the busiest worker keeps 3 partitions; a rebalance of up to 30 s follows"},
		{"T-05 costly move", func(w *measuretest.World) { w.Workers(8) }, 7, "from 3 to 4 partitions, which costs 25 % of the capacity"},
		{"T-13 four workers", func(w *measuretest.World) { w.Workers(6) }, 4, "from 4 to 6 partitions"},
		{"T-35 downstream is shown", func(*measuretest.World) {}, 9, "lag of what comes after it: result-processor 120"},
		{"T-35 unknown downstream is said", func(w *measuretest.World) { w.Now.Downstream = nil }, 9, "result-processor unknown"},
		{"R-025 fallback", func(w *measuretest.World) {
			w.Now.Partitions = scale.Known(24, scaletest.Start, "runbook file")
			w.Now.Partitions.Note = "the broker has not answered"
		}, 9, "24 partitions by runbook file: the broker has not answered"},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		tt.edit(w)
		scaletest.WantText(t, tt.name, strings.Join(planned(w, tt.to, "r").Notes, "\n"), tt.want)
	}
}

func TestReverterIsSaidOnce(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerHPA, Name: "h", Min: 4, Max: 12, Within: 30 * time.Second}
	plan := planned(w, 9, "r")
	if plan.Reverter == "" || slices.Contains(plan.Warnings, plan.Reverter) || !plan.Prominent {
		t.Errorf("got reverter %q, warnings %q, prominent %v", plan.Reverter, plan.Warnings, plan.Prominent)
	}
}

func TestScaleDownWhileLagRisesFast(t *testing.T) {
	w := measuretest.CalmWorld().Workers(9).Lag(600)
	w.Past = measuretest.Steps(41, func(i int, p *scale.Point) {
		p.Ends, p.Commits, p.Lag, p.Replicas = 480*15*float64(i), 450*15*float64(i), 450*float64(i), 9
	})
	plan := planned(w, 8, "r")
	scaletest.WantText(t, "R-053", strings.Join(plan.Warnings, "\n"), "lag is rising by 30 msg/s", "R-053")
	if !plan.Prominent {
		t.Error("got an ordinary confirmation")
	}
}

func TestT01ReverterSaysWhoAndWhen(t *testing.T) {
	tests := []struct {
		name  string
		owner scale.Owner
		to    int
		want  string
	}{
		{"nobody", scale.Owner{Kind: scale.OwnerNone}, 9, ""},
		{"HPA", scale.Owner{Kind: scale.OwnerHPA, Name: "h", Min: 4, Max: 12, Within: 30 * time.Second}, 9, "HPA h sets the replica count between 4 and 12 and undoes a manual change within about 30 s"},
		{"KEDA", scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Min: 4, Max: 12, Within: time.Minute}, 9, "ScaledObject so sets the replica count between 4 and 12 and undoes a manual change within about 60 s"},
		{"KEDA paused", scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Paused: "fully"}, 9, ""},
		{"KEDA pinned", scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Paused: "at 6 replicas", Within: time.Minute}, 9, "ScaledObject so is paused at 6 replicas and sets the count back within about 60 s"},
		{"KEDA one way", scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Paused: "scale-in only", Within: time.Minute}, 5, "paused for scale-in only"},
		{"KEDA the other way", scale.Owner{Kind: scale.OwnerKEDA, Name: "so", Paused: "scale-in only", Within: time.Minute}, 9, ""},
		{"GitOps", scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd-controller", Within: 3 * time.Minute}, 9, "argocd-controller manages spec.replicas and sets it back at its next sync, within about 3 min"},
		{"two", scale.Owner{Kind: scale.OwnerConflict, Name: "HPA h", Other: "ScaledObject so"}, 9, "two owners fight over the replica count, HPA h and ScaledObject so"},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		w.Now.Owner.Value = tt.owner
		got := planned(w, tt.to, "r").Reverter
		if tt.want == "" && got != "" {
			t.Errorf("%s: got %q, want nobody", tt.name, got)
		}
		scaletest.WantText(t, tt.name, got, tt.want)
	}
}

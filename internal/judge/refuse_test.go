package judge

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestRefusals(t *testing.T) {
	ingester := func(w *measuretest.World) {
		w.Component.Name, w.Component.Min, w.Component.Low, w.Component.High = "event-ingester", 2, 3, 6
		w.Now.Partitions.Value = 12
		w.Workers(3)
	}
	tests := []struct {
		name string
		edit func(*measuretest.World)
		to   int
		code string
		try  string
	}{
		{"R-018 ingesters above 12 partitions", ingester, 13, scale.RefusedAbovePartitions, "/scale event-ingester 12"},
		{"R-043 ingesters to 6", ingester, 6, "", ""},
		{"R-019 download workers above 24", nil, 25, scale.RefusedAbovePartitions, "/scale download-worker 24"},
		{"R-020 result processors above 6", func(w *measuretest.World) { w.Now.Partitions.Value = 6; w.Component.Min = 2; w.Workers(2) }, 7, scale.RefusedAbovePartitions, "/scale download-worker 6"},
		{"R-022 single instance", func(w *measuretest.World) { w.Component = measuretest.RetryScheduler(); w.Workers(1) }, 2, scale.RefusedSingle, "/scale diagnose retry-scheduler"},
		{"single instance to zero", func(w *measuretest.World) { w.Component = measuretest.RetryScheduler(); w.Workers(1) }, 0, scale.RefusedSingle, "/scale diagnose retry-scheduler"},
		{"single instance back to one", func(w *measuretest.World) { w.Component = measuretest.RetryScheduler(); w.Workers(4) }, 1, "", ""},
		{"R-016 below the minimum", nil, 3, scale.RefusedBelowMinimum, "/scale download-worker 4"},
		{"T-23 zero", nil, 0, scale.RefusedBelowMinimum, "/scale download-worker 4"},
		{"negative", nil, -1, scale.RefusedBelowMinimum, "/scale download-worker 4"},
		{"minimum without a table", func(w *measuretest.World) { w.Component.Min = 0 }, 0, scale.RefusedBelowMinimum, "/scale download-worker 4"},
		{"no change", nil, 6, scale.RefusedNoChange, "/scale status download-worker"},
		{"R-049 three down", func(w *measuretest.World) { w.Workers(9) }, 6, scale.RefusedStep, "/scale download-worker 7"},
		{"R-049 two down", func(w *measuretest.World) { w.Workers(9) }, 7, "", ""},
		{"R-049 one down", func(w *measuretest.World) { w.Workers(9) }, 8, "", ""},
		{"T-12 idle workers in one move", func(w *measuretest.World) { w.Workers(30) }, 24, "", ""},
		{"T-12 idle workers and more", func(w *measuretest.World) { w.Workers(30) }, 23, scale.RefusedStep, "/scale download-worker 24"},
		{"still above the partitions", func(w *measuretest.World) { w.Workers(30) }, 28, scale.RefusedAbovePartitions, "/scale download-worker 24"},
		{"maximum of the team", func(w *measuretest.World) { w.Component.Max = 10 }, 11, scale.RefusedAboveMaximum, "/scale download-worker 10"},
		{"above the recommended range", nil, 20, "", ""},
		{"workload unknown", func(w *measuretest.World) {
			w.Now.Workload = scale.Unknown[scale.Workload]("forbidden", scaletest.Start, "Kubernetes")
		}, 9, scale.RefusedUnknown, "/scale status download-worker"},
		{"workload stale", func(w *measuretest.World) { w.Now.Workload.At = scaletest.Start.Add(-time.Hour) }, 9, scale.RefusedUnknown, "/scale status download-worker"},
		{"up with unknown partitions", func(w *measuretest.World) { w.Now.Partitions = scale.Reading[int]{} }, 9, scale.RefusedUnknown, "/scale status download-worker"},
		{"down with unknown partitions", func(w *measuretest.World) { w.Now.Partitions = scale.Reading[int]{} }, 5, "", ""},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		if tt.edit != nil {
			tt.edit(w)
		}
		r := refused(w, tt.to)
		if tt.code == "" {
			if r != nil {
				t.Errorf("%s: got refused with %s, want allowed", tt.name, r.Code)
			}
			continue
		}
		if r == nil || r.Code != tt.code || r.Try != tt.try {
			t.Errorf("%s: got %+v, want %s and %q", tt.name, r, tt.code, tt.try)
			continue
		}
		if r.Understood == "" || r.Why == "" || r.Try != "/scale status download-worker" && r.Limit == "" {
			t.Errorf("%s: a refusal says what was understood, why and which limit: got %+v", tt.name, r)
		}
	}
}

func TestR049OffersThePlanDown(t *testing.T) {
	w := measuretest.CalmWorld().Workers(9)
	r := refused(w, 6)
	scaletest.WantText(t, "R-051 the way", r.Next, "9 → 7 → 6")
	scaletest.WantText(t, "limit", r.Limit, "at most 2 down per move", "15 min", "R-049")
	if got := refused(w.Workers(20), 4); got.Try != "/scale download-worker 18" {
		t.Errorf("got %q", got.Try)
	} else {
		scaletest.WantText(t, "a long way is shortened", got.Next, "20 → 18 → 16", "… → 4")
	}
}

func TestRefusedTryIsNotRefusedItself(t *testing.T) {
	for now := 1; now <= 80; now++ {
		w := measuretest.CalmWorld().Workers(now % 40)
		w.Component.Max = now / 40 * 10
		for to := -1; to <= 45; to++ {
			r := refused(w, to)
			if r == nil || r.Code == scale.RefusedNoChange {
				continue
			}
			var next int
			if _, err := fmt.Sscanf(r.Try, "/scale download-worker %d", &next); err != nil {
				continue
			}
			if again := refused(w, next); again != nil {
				t.Fatalf("%d → %d: refused with %s, tries %q, which is refused with %s as well", now, to, r.Code, r.Try, again.Code)
			}
		}
	}
}

func TestResolve(t *testing.T) {
	up := ledger.Recommendation{Action: scale.ScaleUp, From: 6, To: 12}
	tests := []struct {
		name   string
		edit   func(*measuretest.World)
		advice ledger.Recommendation
		target Target
		want   int
		code   string
	}{
		{"exact", nil, up, Exactly(9), 9, ""},
		{"plus", nil, up, Target{Kind: TargetBy, N: 2}, 8, ""},
		{"minus", nil, up, Target{Kind: TargetBy, N: -1}, 5, ""},
		{"absurd difference", nil, up, Target{Kind: TargetBy, N: math.MaxInt}, measure.MaxCount + 6, ""},
		{"times", nil, up, Target{Kind: TargetTimes, Factor: 1.5}, 9, ""},
		{"times rounds up", nil, up, Target{Kind: TargetTimes, Factor: 1.1}, 7, ""},
		{"times without rounding noise", func(w *measuretest.World) { w.Workers(10) }, up, Target{Kind: TargetTimes, Factor: 1.1}, 11, ""},
		{"times zero", nil, up, Target{Kind: TargetTimes}, 0, scale.RefusedNotFound},
		{"times not a number", nil, up, Target{Kind: TargetTimes, Factor: math.NaN()}, 0, scale.RefusedNotFound},
		{"recommended", nil, up, Target{Kind: TargetRecommended}, 12, ""},
		{"nothing recommended", nil, ledger.Recommendation{Action: scale.Hold, From: 6, To: 6}, Target{Kind: TargetRecommended}, 0, scale.RefusedUseless},
		{"vetoed", nil, ledger.Recommendation{Action: scale.Hold, Vetoes: []string{"the group is rebalancing"}}, Target{Kind: TargetRecommended}, 0, scale.RefusedUseless},
		{"undecided", nil, ledger.Recommendation{Action: scale.Undecided, Reasons: []string{"lag is unknown: no answer"}}, Target{Kind: TargetRecommended}, 0, scale.RefusedUnknown},
		{"min", nil, up, Target{Kind: TargetMin}, 4, ""},
		{"max is the recommended top", nil, up, Target{Kind: TargetMax}, 12, ""},
		{"max without a range", func(w *measuretest.World) { w.Component.High = 0 }, up, Target{Kind: TargetMax}, 24, ""},
		{"max above few partitions", func(w *measuretest.World) { w.Now.Partitions.Value = 6 }, up, Target{Kind: TargetMax}, 6, ""},
		{"difference to an unknown count", func(w *measuretest.World) { w.Now.Workload = scale.Reading[scale.Workload]{} }, up, Target{Kind: TargetBy, N: 2}, 0, scale.RefusedUnknown},
		{"nonsense", nil, up, Target{Kind: "most"}, 0, scale.RefusedNotFound},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		if tt.edit != nil {
			tt.edit(w)
		}
		got, r := Resolve(w.Component, w.Policy, w.Now, tt.advice, tt.target)
		code := ""
		if r != nil {
			code = r.Code
		}
		if code != tt.code || code == "" && got != tt.want {
			t.Errorf("%s: got %d %q, want %d %q", tt.name, got, code, tt.want, tt.code)
		}
	}
	w := measuretest.CalmWorld()
	_, r := Resolve(w.Component, w.Policy, w.Now, ledger.Recommendation{Action: scale.Hold, Vetoes: []string{"the group is rebalancing"}}, Target{Kind: TargetRecommended})
	scaletest.WantText(t, "a veto is told", r.Error(), "the group is rebalancing")
}

// the golden rule's refusal says how many partitions there are, how many workers
// would sit idle, and the most that helps.
func TestTheGoldenRuleSaysWhoWouldSitIdle(t *testing.T) {
	for to, want := range map[int]string{25: "so 1 of 25 workers would sit idle.", 30: "so 6 of 30 workers would sit idle."} {
		r := refused(measuretest.CalmWorld(), to)
		if r == nil {
			t.Fatalf("%d workers on 24 partitions are not refused", to)
		}
		scaletest.WantText(t, "why", r.Why, "xact.downloads.pending has only 24 partitions, "+want)
		scaletest.WantText(t, "the limit", r.Limit, "at most 24, ", "(Kafka, R-018 to R-020, R-027)")
	}
	if r := refused(measuretest.CalmWorld(), 24); r != nil {
		t.Errorf("24 workers on 24 partitions: got refusal %q", r.Why)
	}
}

package scale

import (
	"fmt"
	"math"
	"testing"
	"time"
)

func TestRefusals(t *testing.T) {
	ingester := func(w *world) {
		w.Component.Name, w.Component.Min, w.Component.Low, w.Component.High = "event-ingester", 2, 3, 6
		w.s.Partitions.Value = 12
		w.workers(3)
	}
	tests := []struct {
		name string
		edit func(*world)
		to   int
		code string
		try  string
	}{
		{"R-018 ingesters above 12 partitions", ingester, 13, RefusedAbovePartitions, "/scale event-ingester 12"},
		{"R-043 ingesters to 6", ingester, 6, "", ""},
		{"R-019 download workers above 24", nil, 25, RefusedAbovePartitions, "/scale download-worker 24"},
		{"R-020 result processors above 6", func(w *world) { w.s.Partitions.Value = 6; w.Component.Min = 2; w.workers(2) }, 7, RefusedAbovePartitions, "/scale download-worker 6"},
		{"R-022 single instance", func(w *world) { w.Component = retryScheduler(); w.workers(1) }, 2, RefusedSingle, "/scale diagnose retry-scheduler"},
		{"single instance to zero", func(w *world) { w.Component = retryScheduler(); w.workers(1) }, 0, RefusedSingle, "/scale diagnose retry-scheduler"},
		{"single instance back to one", func(w *world) { w.Component = retryScheduler(); w.workers(4) }, 1, "", ""},
		{"R-016 below the minimum", nil, 3, RefusedBelowMinimum, "/scale download-worker 4"},
		{"T-23 zero", nil, 0, RefusedBelowMinimum, "/scale download-worker 4"},
		{"negative", nil, -1, RefusedBelowMinimum, "/scale download-worker 4"},
		{"minimum without a table", func(w *world) { w.Component.Min = 0 }, 0, RefusedBelowMinimum, "/scale download-worker 4"},
		{"no change", nil, 6, RefusedNoChange, "/scale status download-worker"},
		{"R-049 three down", func(w *world) { w.workers(9) }, 6, RefusedStep, "/scale download-worker 7"},
		{"R-049 two down", func(w *world) { w.workers(9) }, 7, "", ""},
		{"R-049 one down", func(w *world) { w.workers(9) }, 8, "", ""},
		{"T-12 idle workers in one move", func(w *world) { w.workers(30) }, 24, "", ""},
		{"T-12 idle workers and more", func(w *world) { w.workers(30) }, 23, RefusedStep, "/scale download-worker 24"},
		{"still above the partitions", func(w *world) { w.workers(30) }, 28, RefusedAbovePartitions, "/scale download-worker 24"},
		{"maximum of the team", func(w *world) { w.Component.Max = 10 }, 11, RefusedAboveMaximum, "/scale download-worker 10"},
		{"above the recommended range", nil, 20, "", ""},
		{"workload unknown", func(w *world) { w.s.Workload = Unknown[Workload]("forbidden", start, "Kubernetes") }, 9, RefusedUnknown, "/scale status download-worker"},
		{"workload stale", func(w *world) { w.s.Workload.At = start.Add(-time.Hour) }, 9, RefusedUnknown, "/scale status download-worker"},
		{"up with unknown partitions", func(w *world) { w.s.Partitions = Reading[int]{} }, 9, RefusedUnknown, "/scale status download-worker"},
		{"down with unknown partitions", func(w *world) { w.s.Partitions = Reading[int]{} }, 5, "", ""},
	}
	for _, tt := range tests {
		w := calmWorld()
		if tt.edit != nil {
			tt.edit(w)
		}
		r := w.refuse(tt.to)
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
	w := calmWorld().workers(9)
	r := w.refuse(6)
	wantText(t, "R-051 the way", r.Next, "9 → 7 → 6")
	wantText(t, "limit", r.Limit, "at most 2 down per move", "15 min", "R-049")
	if got := w.workers(20).refuse(4); got.Try != "/scale download-worker 18" {
		t.Errorf("got %q", got.Try)
	} else {
		wantText(t, "a long way is shortened", got.Next, "20 → 18 → 16", "… → 4")
	}
}

func TestRefusedTryIsNotRefusedItself(t *testing.T) {
	for now := 1; now <= 80; now++ {
		w := calmWorld().workers(now % 40)
		w.Component.Max = now / 40 * 10
		for to := -1; to <= 45; to++ {
			r := w.refuse(to)
			if r == nil || r.Code == RefusedNoChange {
				continue
			}
			var next int
			if _, err := fmt.Sscanf(r.Try, "/scale download-worker %d", &next); err != nil {
				continue
			}
			if again := w.refuse(next); again != nil {
				t.Fatalf("%d → %d: refused with %s, tries %q, which is refused with %s as well", now, to, r.Code, r.Try, again.Code)
			}
		}
	}
}

func TestResolve(t *testing.T) {
	up := Recommendation{Action: ScaleUp, From: 6, To: 12}
	tests := []struct {
		name   string
		edit   func(*world)
		advice Recommendation
		target Target
		want   int
		code   string
	}{
		{"exact", nil, up, Exactly(9), 9, ""},
		{"plus", nil, up, Target{Kind: TargetBy, N: 2}, 8, ""},
		{"minus", nil, up, Target{Kind: TargetBy, N: -1}, 5, ""},
		{"absurd difference", nil, up, Target{Kind: TargetBy, N: math.MaxInt}, maxCount + 6, ""},
		{"times", nil, up, Target{Kind: TargetTimes, Factor: 1.5}, 9, ""},
		{"times rounds up", nil, up, Target{Kind: TargetTimes, Factor: 1.1}, 7, ""},
		{"times without rounding noise", func(w *world) { w.workers(10) }, up, Target{Kind: TargetTimes, Factor: 1.1}, 11, ""},
		{"times zero", nil, up, Target{Kind: TargetTimes}, 0, RefusedNotFound},
		{"times not a number", nil, up, Target{Kind: TargetTimes, Factor: math.NaN()}, 0, RefusedNotFound},
		{"recommended", nil, up, Target{Kind: TargetRecommended}, 12, ""},
		{"nothing recommended", nil, Recommendation{Action: Hold, From: 6, To: 6}, Target{Kind: TargetRecommended}, 0, RefusedUseless},
		{"vetoed", nil, Recommendation{Action: Hold, Vetoes: []string{"the group is rebalancing"}}, Target{Kind: TargetRecommended}, 0, RefusedUseless},
		{"undecided", nil, Recommendation{Action: Undecided, Reasons: []string{"lag is unknown: no answer"}}, Target{Kind: TargetRecommended}, 0, RefusedUnknown},
		{"min", nil, up, Target{Kind: TargetMin}, 4, ""},
		{"max is the recommended top", nil, up, Target{Kind: TargetMax}, 12, ""},
		{"max without a range", func(w *world) { w.Component.High = 0 }, up, Target{Kind: TargetMax}, 24, ""},
		{"max above few partitions", func(w *world) { w.s.Partitions.Value = 6 }, up, Target{Kind: TargetMax}, 6, ""},
		{"difference to an unknown count", func(w *world) { w.s.Workload = Reading[Workload]{} }, up, Target{Kind: TargetBy, N: 2}, 0, RefusedUnknown},
		{"nonsense", nil, up, Target{Kind: "most"}, 0, RefusedNotFound},
	}
	for _, tt := range tests {
		w := calmWorld()
		if tt.edit != nil {
			tt.edit(w)
		}
		got, r := Resolve(w.Component, w.Policy, w.s, tt.advice, tt.target)
		code := ""
		if r != nil {
			code = r.Code
		}
		if code != tt.code || code == "" && got != tt.want {
			t.Errorf("%s: got %d %q, want %d %q", tt.name, got, code, tt.want, tt.code)
		}
	}
	w := calmWorld()
	_, r := Resolve(w.Component, w.Policy, w.s, Recommendation{Action: Hold, Vetoes: []string{"the group is rebalancing"}}, Target{Kind: TargetRecommended})
	wantText(t, "a veto is told", r.Error(), "the group is rebalancing")
}

package measure

import (
	"fmt"
	"slices"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// alone shares partitions out to workers with one consumer each.
func alone(partitions int) Sharing { return Sharing{Partitions: partitions, perPod: 1} }

func TestT05EfficientCounts(t *testing.T) {
	tests := map[int][]int{
		24: {1, 2, 3, 4, 5, 6, 8, 12, 24},
		12: {1, 2, 3, 4, 6, 12},
		6:  {1, 2, 3, 6},
		3:  {1, 2, 3},
		36: {1, 2, 3, 4, 5, 6, 8, 9, 12, 18, 36},
		1:  {1},
		0:  nil,
	}
	for partitions, want := range tests {
		if got := Efficient(partitions); !slices.Equal(got, want) {
			t.Errorf("E(%d): got %v, want %v", partitions, got, want)
		}
	}
	if got := Efficient(maxConsidered + 1); got != nil {
		t.Errorf("a senseless partition count: got %d counts, want none", len(got))
	}
}

func TestEfficientCountsAreThoseThatLowerTheBusiestWorker(t *testing.T) {
	for partitions := 1; partitions <= 200; partitions++ {
		var want []int
		for n := 1; n <= partitions; n++ {
			if n == 1 || alone(partitions).Busiest(n) < alone(partitions).Busiest(n-1) {
				want = append(want, n)
			}
		}
		if got := Efficient(partitions); !slices.Equal(got, want) {
			t.Fatalf("E(%d): got %v, want %v", partitions, got, want)
		}
	}
}

func TestT05BusiestWorker(t *testing.T) {
	tests := []struct{ partitions, workers, want int }{
		{24, 9, 3}, {24, 8, 3}, {24, 7, 4}, {24, 6, 4}, {24, 12, 2}, {24, 13, 2}, {24, 23, 2}, {24, 24, 1}, {24, 30, 1}, {24, 0, 0}, {0, 3, 0},
	}
	for _, tt := range tests {
		if got := alone(tt.partitions).Busiest(tt.workers); got != tt.want {
			t.Errorf("%d partitions, %d workers: got %d, want %d", tt.partitions, tt.workers, got, tt.want)
		}
	}
}

func TestR027SurplusWorkersAreIdle(t *testing.T) {
	if got := alone(24).idle(25); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
	if got := alone(24).idle(24); got != 0 {
		t.Errorf("got %d, want 0", got)
	}
}

func TestR031AndR032RuleOfThumb(t *testing.T) {
	w := measuretest.CalmWorld()
	v := NewCase(w.Component, w.Policy, w.Now, nil)
	if low, high := v.Thumb(false); low != 6 || high != 12 {
		t.Errorf("R-031: got %d–%d, want 6–12", low, high)
	}
	if low, high := v.Thumb(true); low != 8 || high != 12 {
		t.Errorf("R-032: got %d–%d, want 8–12", low, high)
	}
	w.Now.Partitions.Value = 6
	v = NewCase(w.Component, w.Policy, w.Now, nil)
	if low, high := v.Thumb(false); low != 4 || high != 4 {
		t.Errorf("6 partitions and minimum 4: got %d–%d, want 4–4", low, high)
	}
	w.Now.Partitions = scale.Reading[int]{}
	v = NewCase(w.Component, w.Policy, w.Now, nil)
	if low, high := v.Thumb(true); low != 0 || high != 0 {
		t.Errorf("unknown partitions: got %d–%d, want none", low, high)
	}
}

func TestLoadNeverFallsUnderTheHottestPartition(t *testing.T) {
	w := measuretest.CalmWorld().Lag(100)
	w.Now.Lag.Value.Partitions[7].Arrival = 80
	v := NewCase(w.Component, w.Policy, w.Now, nil)
	if got := v.load(24); got != 0.8 {
		t.Errorf("got %v, want 0.8", got)
	}
	w.Now.Rates = scale.Reading[scale.Rates]{}
	v = NewCase(w.Component, w.Policy, w.Now, nil)
	if got := v.load(24); got >= 0 {
		t.Errorf("unknown arrivals: got %v, want negative", got)
	}
}

// KIP-932: what a count is worth, and how it is named, with one
// consumer in a pod, with three, in a share group, and while the partitions are not known.
func TestWhatACountIsWorth(t *testing.T) {
	one, three := alone(24), Sharing{Partitions: 24, perPod: 3}
	open, unknown := Sharing{Partitions: 24, perPod: 1, Open: true}, Sharing{perPod: 1}
	for name, c := range map[string]struct {
		s    Sharing
		pods int
		want string
	}{
		"nine":                     {one, 9, "9 workers: worth 8, 9 work, 0 idle, efficient false; , 3 partitions on the busiest worker"},
		"one partition each":       {one, 24, "24 workers: worth 24, 24 work, 0 idle, efficient true; , 1 partition on the busiest worker"},
		"more than partitions":     {one, 25, "25 workers: worth 24, 24 work, 1 idle, efficient false; , 1 partition on the busiest worker"},
		"none":                     {one, 0, "0 workers: worth 0, 0 work, 0 idle, efficient false; , 0 partitions on the busiest worker"},
		"one worker":               {one, 1, "1 worker: worth 1, 1 work, 0 idle, efficient true; , 24 partitions on the busiest worker"},
		"three in each of eight":   {three, 8, "8 workers with 3 consumers each: worth 8, 8 work, 0 of 24 consumers idle, efficient true; , 1 partition on the busiest consumer"},
		"three in each of nine":    {three, 9, "9 workers with 3 consumers each: worth 8, 8 work, 3 of 27 consumers idle, efficient false; , 1 partition on the busiest consumer"},
		"a share group":            {open, 30, "30 workers: worth 30, 30 work, 0 idle, efficient true; "},
		"nobody of a share group":  {open, 0, "0 workers: worth 0, 0 work, 0 idle, efficient true; "},
		"partitions are not known": {unknown, 6, "6 workers: worth 0, 0 work, 6 idle, efficient false; , 0 partitions on the busiest worker"},
	} {
		got := fmt.Sprintf("%s: worth %g, %g work, %s idle, efficient %v; %s", c.s.Named(c.pods), c.s.Effective(c.pods), c.s.Working(c.pods), c.s.IdleText(c.pods), c.s.Efficient(c.pods), c.s.OnBusiest(c.pods))
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		s    Sharing
		want string
	}{
		"one in each pod":         {one, "at most 24, one worker per partition; 24 partitions; More partitions or tuning come next (R-089, R-070)."},
		"three in each pod":       {three, "at most 8, 3 consumers per pod and one for each of 24 partitions; 8 pods that 24 partitions keep busy at 3 consumers each; More partitions or tuning come next (R-089, R-070)."},
		"a pod and one partition": {Sharing{Partitions: 1, perPod: 2}, "at most 1, 2 consumers per pod and one for each of 1 partition; 1 pod that 1 partition keeps busy at 2 consumers each; More partitions or tuning come next (R-089, R-070)."},
		"a share group":           {open, fmt.Sprintf("at most %d, one worker per partition; 24 partitions; Tuning comes next (R-070).", MaxCount)},
	} {
		if got := fmt.Sprintf("at most %d, %s; %s; %s", c.s.Ceiling(), c.s.Bound(), c.s.CeilingText(), c.s.Beyond()); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if counts := open.Counts(); counts[0] != 1 || counts[len(counts)-1] != openCounts || len(counts) != openCounts || !slices.IsSorted(counts) {
		t.Errorf("a share group: got %d counts from %d", len(counts), counts[0])
	}
	if got := alone(maxConsidered).Counts(); got[len(got)-1] != maxConsidered {
		t.Errorf("as many partitions as are considered: got %d counts", len(got))
	}
	if !open.Lighter(4, 3) || open.Lighter(3, 3) || !one.Lighter(8, 7) || one.Lighter(9, 8) {
		t.Error("lighter: a further worker of a share group relieves the others, of eight on 24 partitions it does not")
	}
	if open.Unsettled() || !unknown.Unsettled() || one.Unsettled() {
		t.Error("unsettled: only without partitions, and never in a share group")
	}
}

package scale

import (
	"slices"
	"testing"
)

// alone shares partitions out to workers with one consumer each.
func alone(partitions int) sharing { return sharing{partitions: partitions, perPod: 1} }

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
			if n == 1 || alone(partitions).busiest(n) < alone(partitions).busiest(n-1) {
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
		if got := alone(tt.partitions).busiest(tt.workers); got != tt.want {
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
	w := calmWorld()
	v := look(w.Component, w.Policy, w.s, nil)
	if low, high := v.thumb(false); low != 6 || high != 12 {
		t.Errorf("R-031: got %d–%d, want 6–12", low, high)
	}
	if low, high := v.thumb(true); low != 8 || high != 12 {
		t.Errorf("R-032: got %d–%d, want 8–12", low, high)
	}
	w.s.Partitions.Value = 6
	v = look(w.Component, w.Policy, w.s, nil)
	if low, high := v.thumb(false); low != 4 || high != 4 {
		t.Errorf("6 partitions and minimum 4: got %d–%d, want 4–4", low, high)
	}
	w.s.Partitions = Reading[int]{}
	v = look(w.Component, w.Policy, w.s, nil)
	if low, high := v.thumb(true); low != 0 || high != 0 {
		t.Errorf("unknown partitions: got %d–%d, want none", low, high)
	}
}

func TestOptionsCompareEfficientCountsWithinBounds(t *testing.T) {
	w := calmWorld().workers(9).lag(14_200)
	var got []int
	for _, o := range w.recommend().Options {
		got = append(got, o.Replicas)
		if o.Efficient == (o.Replicas == 9) {
			t.Errorf("%d: got efficient %v", o.Replicas, o.Efficient)
		}
	}
	if want := []int{4, 5, 6, 8, 9, 12, 24}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, o := range w.recommend().Options {
		if o.Replicas == 6 && o.Load != 0.75 {
			t.Errorf("load of 6 at 450 msg/s and 100 each: got %v, want 0.75", o.Load)
		}
	}
}

func TestLoadNeverFallsUnderTheHottestPartition(t *testing.T) {
	w := calmWorld().lag(100)
	w.s.Lag.Value.Partitions[7].Arrival = 80
	v := look(w.Component, w.Policy, w.s, nil)
	if got := v.load(24); got != 0.8 {
		t.Errorf("got %v, want 0.8", got)
	}
	w.s.Rates = Reading[Rates]{}
	v = look(w.Component, w.Policy, w.s, nil)
	if got := v.load(24); got >= 0 {
		t.Errorf("unknown arrivals: got %v, want negative", got)
	}
}

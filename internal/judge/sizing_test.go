package judge

import (
	"slices"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
)

func TestOptionsCompareEfficientCountsWithinBounds(t *testing.T) {
	w := measuretest.CalmWorld().Workers(9).Lag(14_200)
	var got []int
	for _, o := range recommended(w).Options {
		got = append(got, o.Replicas)
		if o.Efficient == (o.Replicas == 9) {
			t.Errorf("%d: got efficient %v", o.Replicas, o.Efficient)
		}
	}
	if want := []int{4, 5, 6, 8, 9, 12, 24}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, o := range recommended(w).Options {
		if o.Replicas == 6 && o.Load != 0.75 {
			t.Errorf("load of 6 at 450 msg/s and 100 each: got %v, want 0.75", o.Load)
		}
	}
}

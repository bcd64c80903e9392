package review

import (
	"math"
	"testing"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
)

// The verdict expects of the new count what its consumers can read: of 12 pods with 36
// consumers for 24 partitions no more than of 8.
func TestExpectedThroughputCountsConsumers(t *testing.T) {
	for to, want := range map[int]float64{6: 600, 8: 800, 12: 800} {
		w := measuretest.Spike(14_200).Workers(4).Addressed().Consumers(measuretest.Each(4, 3)...)
		f := newFollowup(w.Component, w.Policy, scaled(ledger.Operation{Before: w.Now}, 4, to), w.Now, nil)
		if got := f.expected(400); math.Abs(got-want) > 1 {
			t.Errorf("4 to %d pods with 3 consumers each, 400 msg/s before: got %.0f expected, want about %.0f", to, got, want)
		}
	}
}

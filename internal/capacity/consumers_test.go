package capacity

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestCapacityPlanCountsConsumers(t *testing.T) {
	w := measuretest.CalmWorld().Workers(4).Addressed().Consumers(measuretest.Each(4, 3)...)
	need := needs(w, Demand{Rate: 2000, Each: 100})
	if need.Workers != 8 {
		t.Errorf("got %d workers (%s), want 8", need.Workers, need.Headline)
	}
	scaletest.WantText(t, "headline", need.Headline, "24 workers are wanted, and 8 is all that helps with 24 partitions")
	scaletest.WantText(t, "remedies", strings.Join(need.Remedies, "\n"), "raise the partitions to 72 or more")
	scaletest.WantText(t, "readings", strings.Join(need.Readings, "\n"), "of which 8 effective: 3 consumers per pod, one per partition")
}

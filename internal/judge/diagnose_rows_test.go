package judge

import (
	"slices"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// where no count helps, what is left is told in the
// runbook's order; partitions are no lever of a share group.
func TestWhatIsLeftWhereTheCountCannotHelp(t *testing.T) {
	levers := []string{
		"tune the workers: concurrency, batch size, poll size (R-074, R-077, R-081)", "give each pod more CPU or memory (R-070)",
		"raise the number of partitions; that cannot be undone easily (R-089, R-091)", "follow the incident response runbook (R-137)"}
	w := measuretest.Spike(60_000).Workers(24)
	w.Now.Group.Value = measuretest.GroupOf(24, 24)
	if got := recommended(w).Remedies; !slices.Equal(got, levers) {
		t.Errorf("at the ceiling: got %q, want %q", got, levers)
	}
	w = measuretest.Spike(14_200).Workers(1)
	w.Component = measuretest.RetryScheduler()
	r := recommended(w)
	if !slices.Equal(r.Remedies, levers) || len(r.Vetoes) != 1 || !strings.HasPrefix(r.Vetoes[0], "retry-scheduler runs as one instance only: it needs a global view") {
		t.Errorf("one instance: got %q, vetoes %q", r.Remedies, r.Vetoes)
	}
	scaletest.WantText(t, "one instance", strings.Join(r.Reasons, "\n"), "lag 14,200 > 10,000")
	r = recommended(single(measuretest.CalmWorld(), 1))
	if len(r.Vetoes)+len(r.Remedies) != 0 || r.Action != scale.Hold || len(r.Reasons) != 1 {
		t.Errorf("one instance in calm: got %+v", r)
	}
	r = recommended(single(measuretest.CalmWorld(), 3))
	scaletest.WantText(t, "three of one", strings.Join(r.Reasons, "\n"), "3 are wanted now, one is right")
	v := NewView(w.Component, w.Policy, w.Now, w.Past)
	v.Open = true
	if got := v.leversBesideCount(); !slices.Equal(got, []string{levers[0], levers[1], levers[3]}) {
		t.Errorf("a share group: got %q", got)
	}
}

// single is a component of which there may be one, with so many.
func single(w *measuretest.World, n int) *measuretest.World {
	w.Workers(n)
	w.Component = measuretest.RetryScheduler()
	return w
}

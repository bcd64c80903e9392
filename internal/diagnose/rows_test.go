package diagnose

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// pods at their bounds are answered with bigger pods, by the runbook's
// example sizes, and with what those cost.
func TestBiggerPodsAreAdvisedWithTheirPrice(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*measuretest.World)
		want []string
	}{
		"R-072 CPU at 100 %":      {func(w *measuretest.World) { w.Now.Usage.Value.CPUPeak = 1 }, []string{"raise the CPU limit per pod", "1000m (R-071)", "fewer of them per node", "R-073"}},
		"R-072 killed for memory": {func(w *measuretest.World) { w.Now.Workload.Value.Pods[0].LastExit = "OOMKilled" }, []string{"raise the memory limit per pod", "1Gi (R-071)", "fewer of them per node", "R-073"}},
	} {
		w := measuretest.CalmWorld()
		c.edit(w)
		scaletest.WantText(t, name, strings.Join(Diagnose(w.Component, w.Policy, w.Now, w.Past).Next, "\n"), c.want...)
	}
}

// where the partitions are the ceiling, raising them is named, with the
// warning that it cannot be undone; R-086 names the count.
func TestMorePartitionsAreNamedWithTheirWarning(t *testing.T) {
	w := measuretest.Spike(60_000).Workers(24)
	w.Now.Group.Value = measuretest.GroupOf(24, 24)
	text := strings.Join(Diagnose(w.Component, w.Policy, w.Now, w.Past).Next, "\n") + strings.Join(judgetest.Recommended(w).Remedies, "\n")
	scaletest.WantText(t, "the remedies", text, "raise the number of partitions; that cannot be undone easily (R-089, R-091)")
}

// a rebalance that takes too long is answered with the two settings and where to
// look.
func TestALongRebalanceIsAnsweredWithItsSettings(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Group.Value.State, w.Now.Group.Value.RebalancingSince = "PreparingRebalance", scaletest.Start.Add(-3*time.Minute)
	scaletest.WantText(t, "the advice", strings.Join(Diagnose(w.Component, w.Policy, w.Now, w.Past).Next, "\n"),
		"KAFKA_MAX_POLL_INTERVAL_MS", "300000", "KAFKA_SESSION_TIMEOUT_MS", "30000", "rebalance timeouts")
}

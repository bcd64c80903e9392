package measure

import (
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// how many of the wanted pods never ran, and how many do not come by
// themselves, whatever keeps them away and whether there is a pod to look at or not.
func TestPodsThatDoNotComeByThemselvesAreCounted(t *testing.T) {
	refused := func(cause scale.PodCause, pods int) func(*scale.Workload) {
		return func(l *scale.Workload) { l.Pods, l.Stuck, l.StuckCause = l.Pods[:pods], "it says no", cause }
	}
	unready := func(cause scale.PodCause) func(*scale.Workload) {
		return func(l *scale.Workload) { measuretest.Causes(l, cause) }
	}
	for name, tt := range map[string]struct {
		edit              func(*scale.Workload)
		unstarted, absent int
	}{
		"no room on the nodes":                     {unready(scale.CauseNodes), 6, 6},
		"no image":                                 {unready(scale.CauseImage), 6, 6},
		"pods over the quota":                      {unready(scale.CauseQuota), 6, 6},
		"pods that are refused":                    {unready(scale.CauseRefused), 6, 6},
		"killed for memory":                        {unready(scale.CauseMemory), 0, 6},
		"crashing":                                 {unready(scale.CauseCrash), 0, 6},
		"only starting":                            {unready(scale.CauseStarting), 0, 0},
		"for another reason":                       {unready(scale.CauseOther), 0, 0},
		"the quota made no pod at all":             {refused(scale.CauseQuota, 6), 6, 6},
		"a policy refused some, others only start": {func(l *scale.Workload) { measuretest.Causes(l, scale.CauseStarting); refused(scale.CauseRefused, 9)(l) }, 3, 6},
		"the deadline of the rollout passed": {func(l *scale.Workload) {
			measuretest.Causes(l, scale.CauseOther)
			l.Stuck, l.StuckCause = "late", scale.CauseOther
		}, 0, 6},
		"nobody listed the pods":              {func(l *scale.Workload) { refused(scale.CauseQuota, 0)(l) }, 6, 6},
		"ready pods with a trouble of before": {func(l *scale.Workload) { l.Desired = 6; l.Pods = l.Pods[:6]; l.Pods[0].Cause = scale.CauseImage }, 0, 0},
		"a lower count, the others still go":  {func(l *scale.Workload) { l.Desired = 8 }, 2, 2},
		"enough are ready":                    {func(l *scale.Workload) { l.Desired = 6 }, 0, 0},
		"more are ready than are wanted":      {func(l *scale.Workload) { l.Desired = 4 }, 0, 0},
	} {
		w := measuretest.CalmWorld().Workers(12).Pulling(6).Change(tt.edit).Now.Workload.Value
		if got := w.Unstarted(); got != tt.unstarted {
			t.Errorf("%s: got %d that never ran, want %d", name, got, tt.unstarted)
		}
		if got := w.Absent(); got != tt.absent {
			t.Errorf("%s: got %d that do not come, want %d", name, got, tt.absent)
		}
	}
}

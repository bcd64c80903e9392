package review

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// The way back is not blamed for a lag that it did nothing to: no worker went.
func TestTheWayBackFromPodsThatNeverRanIsNotHarmful(t *testing.T) {
	for name, tt := range map[string]struct {
		running int
		want    scale.Verdict
	}{
		"none of those that went had run": {6, scale.VerdictHolds},
		"one of them had":                 {7, scale.VerdictHarmful},
	} {
		l := changed(6 * time.Minute)
		before := measuretest.Spike(14_200).Workers(12).Pulling(tt.running)
		l.op.Before = before.Now
		l.op = scaled(l.op.Operation, 12, 6)
		l.w.Workers(6).Lag(300_000)
		l.w.Now.Group.Value = measuretest.GroupOf(6, 24)
		l.falling(20)
		j := newFollowup(l.w.Component, l.w.Policy, l.op, l.w.Now, l.w.Past).judgeDown()
		if j.verdict != tt.want || j.rollBack != (tt.want == scale.VerdictHarmful) {
			t.Errorf("%s: got %s (%s), way back offered %v, want %s", name, j.verdict, j.why, j.rollBack, tt.want)
		}
		if tt.want == scale.VerdictHolds {
			scaletest.WantText(t, name, j.why, "the pods that went never ran, so that nothing was lost", "300,000")
			scaletest.WantText(t, name, j.next, "why the new pods did not start")
		}
	}
}

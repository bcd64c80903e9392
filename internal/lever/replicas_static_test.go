package lever

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// T-36 after 11 → 9: the static members of two pods keep 4 of 24 partitions for a session
// time-out. The classic group looks stable with all eleven, one of KIP-848 reconciles and
// lists the two under epoch -2. The change is done when somebody reads those partitions.
func TestStaticMembersThatHaveGoneHoldAScaleDownUp(t *testing.T) {
	for name, edit := range map[string]func(*scale.Group){
		"classic": func(*scale.Group) {},
		"KIP-848": func(g *scale.Group) {
			g.Type, g.State = scale.GroupConsumer, "Reconciling"
			g.Members[9].Epoch, g.Members[10].Epoch = -2, -2
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := measuretest.CalmWorld().Workers(11).Consumers(measuretest.Each(11, 1)...).Named()
			op := operation(before, 9)
			op.Before.Workload, op.Before.Group = before.Now.Workload, before.Now.Group
			look := func(after time.Duration, members int) Settlement {
				now := measuretest.CalmWorld().Workers(9).Consumers(measuretest.Each(members, 1)...).Named()
				now.Now.At = scaletest.Start.Add(after)
				now.Now.Group.At, now.Now.Workload.At, now.Now.Lag.At = now.Now.At, now.Now.At, now.Now.At
				if members == 11 {
					edit(&now.Now.Group.Value)
				}
				s := Of(op).Settle(measuretest.TestPolicy(), now.Now)
				op.Steps[0].Rollout = s.Rollout
				return s
			}
			for _, after := range []time.Duration{time.Second, 40 * time.Second, 3 * time.Minute} {
				s := look(after, 11)
				if s.Done || s.Rollout.Now.Members != 9 {
					t.Errorf("%s: got done %v with %d members, want 9 that wait", after, s.Done, s.Rollout.Now.Members)
				}
				if text, left := strings.Join(s.Rollout.Troubles, "\n"), "in at least 5 s"; strings.Contains(text, left) != (after == 40*time.Second) {
					t.Errorf("%s after the write: got %q, want %q while the session of 45 s still runs", after, text, left)
				}
				scaletest.WantText(t, "whose wait", strings.Join(s.Rollout.Troubles, "\n"), "4 partitions of 2 members that are gone wait until the session time-out ends, 45 s")
			}
			if s := look(200*time.Second, 9); !s.Done || len(s.Rollout.Troubles) != 0 {
				t.Errorf("others have taken them: got done %v, %q", s.Done, s.Rollout.Troubles)
			}
		})
	}
}

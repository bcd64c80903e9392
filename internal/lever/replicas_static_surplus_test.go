package lever

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// Where members cannot be matched with pods, 11 static members after a change from 11 to 9
// are neither done nor a stranger's work, after minutes as at once; 13 are.
func TestStaticMembersThatAreOnlyCounted(t *testing.T) { // KIP-345
	before := measuretest.Spike(0).Workers(11)
	before.Now.At = scaletest.Start.Add(-time.Minute)
	op := operation(before, 9)
	look := func(after time.Duration, members int, static bool) Settlement {
		now := measuretest.Spike(0).Workers(9)
		g := measuretest.GroupOf(members, 24)
		for i := range g.Members {
			if static {
				g.Members[i].Instance = fmt.Sprint("name-", i)
			}
		}
		now.Now.At = scaletest.Start.Add(after)
		now.Now.Group = scale.Known(g, now.Now.At, scale.Broker)
		now.Now.Workload.At, now.Now.Lag.At = now.Now.At, now.Now.At
		s := Of(op).Settle(measuretest.TestPolicy(), now.Now)
		op.Steps[0].Rollout = s.Rollout
		return s
	}
	for _, after := range []time.Duration{30 * time.Second, 3 * time.Minute, 6 * time.Minute} {
		s := look(after, 11, true)
		text := strings.Join(s.Rollout.Troubles, "\n")
		if s.Done || strings.Contains(text, "somebody else") {
			t.Errorf("after %s: done %v, %q", after, s.Done, text)
		}
		scaletest.WantText(t, "what is waited for", text, "11 members for 9 pods: static members", "until the session time-out ends")
	}
	if s := look(7*time.Minute, 9, true); !s.Done {
		t.Errorf("nine members: %v", s.Rollout.Troubles)
	}
	op.Steps[0].Rollout = ledger.Rollout{WrittenAt: op.Rollout().WrittenAt}
	for _, members := range []int{11, 13} {
		s := look(3*time.Minute, members, members == 13)
		if strings.Contains(strings.Join(s.Rollout.Troubles, "\n"), "static") {
			t.Errorf("%d members: %v", members, s.Rollout.Troubles)
		}
	}
}

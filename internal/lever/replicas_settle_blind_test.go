package lever

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// A group that cannot be read for good does not fail a change whose pods are ready while its
// commits move; which part is not known is said.
func TestChangeOfAGroupThatCannotBeRead(t *testing.T) {
	const why = `group "x": the group also reads a topic that may not be described, and Kafka then tells nothing of its members`
	blind := func(r *rollout, after time.Duration) Settlement {
		r.at(after).pods(3, func(*scale.Pod) {})
		r.w.Now.Group = scale.Unknown[scale.Group](why, r.w.Now.At, scale.Broker)
		return r.look()
	}
	r := newRollout()
	if s := blind(r, 50*time.Second); s.Done {
		t.Error("done at once")
	}
	s := blind(r, 3*time.Minute)
	if !s.Done || s.Failed != "" {
		t.Errorf("after 3 min: done %v, %q, %v", s.Done, s.Failed, s.Rollout.Troubles)
	}
	scaletest.WantText(t, "what is not known", strings.Join(s.Rollout.Troubles, "\n"), "which pods consume is unknown: "+why, "the group as a whole handles 600 msg/s")

	r = newRollout() // nothing is committed
	r.w.Now.Rates.Value.Consumption = 0
	for _, after := range []time.Duration{time.Minute, 4 * time.Minute, 9 * time.Minute} {
		if s := blind(r, after); s.Done {
			t.Errorf("after %s nothing moves, and it is done", after)
		}
	}
	scaletest.WantText(t, "the deadline", blind(r, 11*time.Minute).Failed, "not settled after 10 min", why)

	r = newRollout() // a look that fails beside others that do not is no blindness
	r.at(40*time.Second).pods(3, func(*scale.Pod) {}).group(6, "Stable").look()
	r.at(4*time.Minute).pods(3, func(*scale.Pod) {}).group(6, "Stable").look()
	if s := blind(r, 4*time.Minute+10*time.Second); s.Done {
		t.Error("one failed look made it done although the group showed that three are missing")
	}
}

// A streams group settles as any other: its threads are members with partitions.
func TestStreamsGroupSettles(t *testing.T) { // KIP-1071
	r := placed(1)
	r.at(time.Minute).members(measuretest.Each(9, 1)...)
	r.w.Now.Group.Value.Type = scale.GroupStreams
	if s := r.look(); !s.Done {
		t.Errorf("got %v", s.Rollout.Troubles)
	}
}

package sampler

import (
	"fmt"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// What a pod runs is believed at first sight and then changes only when the group has shown
// something else for minutes: members of restarted containers linger for a session time-out.
func TestPerPodIsNotChangedByAGlance(t *testing.T) {
	start := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	var track perPodTrack
	look := func(after time.Duration, perPod int, state scale.GroupState) int {
		snap := scale.Snapshot{At: start.Add(after)}
		group, load := scale.Group{State: state}, scale.Workload{Desired: 4, Ready: 4}
		for pod := range 4 {
			host := fmt.Sprintf("10.0.0.%d", pod)
			load.Pods = append(load.Pods, scale.Pod{Name: fmt.Sprintf("w-%d", pod), Ready: true, Current: true, IPs: []string{host}})
			for n := range perPod {
				group.Members = append(group.Members, scale.Member{ID: fmt.Sprint(pod, n), Host: host})
			}
		}
		snap.Group, snap.Workload = scale.Known(group, snap.At, "Kafka"), scale.Known(load, snap.At, "Kubernetes")
		n, _ := track.follow(scale.Component{}, snap, 2*time.Minute).Get()
		return n
	}
	for _, step := range []struct {
		after  time.Duration
		shows  int
		state  scale.GroupState
		holds  int
		reason string
	}{
		{0, 1, "Stable", 1, "first sight"},
		{15 * time.Second, 2, "Stable", 1, "containers restarted, their old members linger"},
		{45 * time.Second, 2, "Stable", 1, "still"},
		{60 * time.Second, 1, "Stable", 1, "they are gone"},
		{75 * time.Second, 3, "PreparingRebalance", 1, "a moving group tells nothing"},
		{90 * time.Second, 3, "Stable", 1, "a new release runs three"},
		{2 * time.Minute, 0, "Empty", 1, "nobody is there"},
		{220 * time.Second, 3, "Stable", 3, "it has for two minutes"},
	} {
		if got := look(step.after, step.shows, step.state); got != step.holds {
			t.Errorf("%s, %s: got %d, want %d", step.after, step.reason, got, step.holds)
		}
	}
}

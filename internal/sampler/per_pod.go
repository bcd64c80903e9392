package sampler

import (
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// perPodTrack remembers how many consumers a pod of a component runs. The highest useful count
// depends on it, so one reading does not change it: after a restart the old members stay in the
// group for a session time-out, and during a rollout some are missing.
type perPodTrack struct {
	// last is the number in force. other is a different number that was seen since.
	last  scale.Reading[int]
	other int
	since time.Time
}

// follow takes a snapshot and returns the number in force: that of the runbook file, otherwise
// the one that the group has shown for at least the given time, otherwise the first one it shows.
func (t *perPodTrack) follow(c scale.Component, snap scale.Snapshot, long time.Duration) scale.Reading[int] {
	snap.PerPod = scale.Reading[int]{}
	consumers := measure.ConsumersOf(c, snap)
	seen := measure.PerPodAmong(c, snap, consumers)
	if n, known := seen.Get(); known && snap.Group.Value.State.Stable() {
		t.note(seen, n, long)
	}
	snap.PerPod = t.last
	return measure.PerPodAmong(c, snap, consumers)
}

// note records what a stable group shows.
func (t *perPodTrack) note(seen scale.Reading[int], n int, long time.Duration) {
	switch {
	case !t.last.Known() || t.last.Value == n:
		t.last, t.other = seen, 0
	case t.other != n:
		t.other, t.since = n, seen.At
	case seen.At.Sub(t.since) >= long:
		t.last, t.other = seen, 0
	}
}

package engine

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// perPodTrack remembers how many consumers a pod of a component runs. The ceiling hangs on
// it, so that a glance does not change it: after pods were restarted in place their old
// members linger for a session time-out, and during a rollout they are not all there yet.
type perPodTrack struct {
	// last is what holds; other is another number that is seen instead since then.
	last  scale.Reading[int]
	other int
	since time.Time
}

// follow looks at a snapshot and returns what holds: the runbook file, what the group has
// shown for as long as that, or what it shows now where it has shown nothing before.
func (t *perPodTrack) follow(c scale.Component, snap scale.Snapshot, long time.Duration) scale.Reading[int] {
	snap.PerPod = scale.Reading[int]{}
	consumers := scale.ConsumersOf(c, snap)
	seen := scale.PerPodAmong(c, snap, consumers)
	if n, known := seen.Get(); known && snap.Group.Value.State.Stable() {
		t.note(seen, n, long)
	}
	snap.PerPod = t.last
	return scale.PerPodAmong(c, snap, consumers)
}

// note takes in what a group at rest shows.
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

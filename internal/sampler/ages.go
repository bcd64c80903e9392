package sampler

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// agesBack is how far back an age is computed; an older message is "at least" that old.
	agesBack = 6 * time.Hour
	// mostEnds bounds the remembered ends of one partition. Older ends are further apart, so that
	// a few of them reach back for hours.
	mostEnds = 28
	// gapsMost is the number of commits from which the usual gap is computed. longestGap is the
	// longest gap that counts: a longer stop says nothing about how often the consumer commits.
	gapsMost   = 5
	longestGap = time.Minute
)

// partitionAges remembers past end offsets of each partition, to compute how old the message at
// the commit is (decision B.3), and how often commits advance.
type partitionAges struct {
	tracks []endTrack
}

// endTrack is the memory of one partition, small because there may be many thousands.
type endTrack struct {
	key  partitionKey
	ends []endAt
	// commit was last seen to advance at moved, in nanoseconds. stood says that a later reading
	// found it unchanged. gaps are the newest times between advances in seconds, zero where no
	// reading fell between them; seen is how many there have been.
	commit, moved int64
	gaps          [gapsMost]uint8
	seen          uint8
	stood         bool
}

// endAt is where the end of a partition was at one moment, in nanoseconds.
type endAt struct{ at, end int64 }

// fill sets the age of the oldest unread message of every partition, how often its commit
// advances, and for how long it has not.
func (a *partitionAges) fill(lag *scale.Lag, at time.Time) {
	a.arrange(lag.Partitions)
	for i := range lag.Partitions {
		p, track := &lag.Partitions[i], &a.tracks[i]
		if p.Flag != scale.LagUnknown {
			track.see(at, p.End, p.Committed)
			p.Oldest, p.OldestAtLeast = track.age(at, *p)
			p.CommitEvery, p.Still = track.commitEvery(), track.still(at)
		}
	}
}

// arrange puts one track beside each partition. The order of the partitions nearly always stays
// the same, and then nothing has to be moved.
func (a *partitionAges) arrange(partitions []scale.PartitionLag) {
	same := len(partitions) == len(a.tracks)
	for i := 0; same && i < len(partitions); i++ {
		same = a.tracks[i].key == partitionKey{partitions[i].Topic, partitions[i].Partition}
	}
	if same {
		return
	}
	known := make(map[partitionKey]endTrack, len(a.tracks))
	for _, t := range a.tracks {
		known[t.key] = t
	}
	a.tracks = make([]endTrack, 0, len(partitions))
	for _, p := range partitions {
		key := partitionKey{p.Topic, p.Partition}
		track, ok := known[key]
		if !ok {
			track = endTrack{key: key, commit: -1}
		}
		a.tracks = append(a.tracks, track)
	}
}

// see adds one reading. An end offset that went back belongs to a recreated topic: everything
// known of the old one is dropped.
func (t *endTrack) see(at time.Time, end, commit int64) {
	n, now := len(t.ends), at.UnixNano()
	switch {
	case n > 0 && now <= t.ends[n-1].at:
		return
	case n > 0 && end < t.ends[n-1].end:
		*t = endTrack{key: t.key, commit: -1}
	case n > 1 && t.ends[n-1].end == end && t.ends[n-2].end == end:
		// Of a stretch without arrivals the first and the last reading are enough.
		t.ends = t.ends[:n-1]
	default:
		t.thin(now)
	}
	if n = len(t.ends); n == cap(t.ends) && n >= 8 {
		t.ends = slices.Grow(t.ends, mostEnds-n) // exactly, where append would double
	}
	t.ends = append(t.ends, endAt{now, end})
	t.follow(now, commit)
}

// thin makes room for one more end. It drops ends that are closer together than half their age
// and ends older than agesBack. If that is not enough, it drops the one whose neighbours are
// closest, relative to their age.
func (t *endTrack) thin(now int64) {
	for len(t.ends) > 1 && now-t.ends[1].at > int64(agesBack) {
		t.ends = slices.Delete(t.ends, 0, 1)
	}
	for i := 1; i < len(t.ends)-1; i++ {
		if t.apart(i, now) <= 0.5 && !t.turns(i, now) {
			t.ends = slices.Delete(t.ends, i, i+1)
			i--
		}
	}
	if len(t.ends) >= mostEnds {
		closest := 1
		for i := 2; i < len(t.ends)-1; i++ {
			if t.apart(i, now) < t.apart(closest, now) {
				closest = i
			}
		}
		t.ends = slices.Delete(t.ends, closest, closest+1)
	}
}

// apart is how far apart the neighbours of a point are, as a share of the younger one's age.
func (t *endTrack) apart(i int, now int64) float64 {
	return float64(t.ends[i+1].at-t.ends[i-1].at) / float64(max(1, now-t.ends[i+1].at))
}

// turns reports whether a stretch without arrivals begins or ends at the point, because
// interpolation must not smooth that away. Two readings in a row are no such stretch, nor is one
// that is short for its age.
func (t *endTrack) turns(i int, now int64) bool {
	before, after := t.ends[i].end == t.ends[i-1].end, t.ends[i].end == t.ends[i+1].end
	if before == after {
		return false
	}
	flat := t.ends[i+1].at - t.ends[i].at
	if before {
		flat = t.ends[i].at - t.ends[i-1].at
	}
	return flat > (now-t.ends[i].at)/turnShare
}

// turnShare of its age is how long a stretch without arrivals has to last to be kept.
const turnShare = 8

// follow records when the commit advanced.
func (t *endTrack) follow(now, commit int64) {
	switch {
	case commit == t.commit:
		t.stood = true
		return
	case commit > t.commit && t.commit >= 0:
		gap := time.Duration(now - t.moved)
		if !t.stood {
			gap = 0
		}
		if gap <= longestGap {
			copy(t.gaps[1:], t.gaps[:])
			t.gaps[0] = uint8(gap.Round(time.Second) / time.Second)
			t.seen = min(t.seen+1, gapsMost)
		}
	}
	t.commit, t.moved, t.stood = commit, now, false
}

// age is how old the message at the commit is at the given moment.
func (t *endTrack) age(at time.Time, p scale.PartitionLag) (age time.Duration, atLeast bool) {
	if p.Lag <= 0 || len(t.ends) == 0 {
		return 0, false
	}
	now, next := at.UnixNano(), max(p.Committed, p.Start, 0)
	if t.ends[0].end > next {
		watched := time.Duration(now - t.ends[0].at)
		return watched, watched > 0
	}
	for i := len(t.ends) - 2; i >= 0; i-- {
		if before, after := t.ends[i], t.ends[i+1]; before.end <= next && after.end > next {
			share := float64(next-before.end) / float64(after.end-before.end)
			return time.Duration(now - before.at - int64(share*float64(after.at-before.at))), false
		}
	}
	return 0, false
}

// still is for how long the commit has not advanced, as far as it was observed.
func (t *endTrack) still(at time.Time) time.Duration {
	if !t.stood || t.commit < 0 {
		return 0
	}
	return time.Duration(at.UnixNano() - t.moved)
}

// commitEvery is the median time between advances of the commit; zero while most of them are
// shorter than the sampling interval, which cannot be measured.
func (t *endTrack) commitEvery() time.Duration {
	if t.seen < gapsMost {
		return 0
	}
	sorted := t.gaps
	slices.Sort(sorted[:])
	return time.Duration(sorted[gapsMost/2]) * time.Second
}

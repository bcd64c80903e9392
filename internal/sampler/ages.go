package sampler

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// agesBack is how far back an age is told; what is older is "at least" that.
	agesBack = 6 * time.Hour
	// mostEnds bounds the remembered ends of one partition. Their distance grows with
	// their age, so that a few of them reach back for hours.
	mostEnds = 28
	// gapsMost is of how many commits the usual gap is taken, and longestGap what counts
	// as one: a consumer that stood still says nothing about how often it commits.
	gapsMost   = 5
	longestGap = time.Minute
)

// partitionAges remembers when the end of each partition was where, to tell how old the
// message at the commit is (decision B.3), and how often commits move.
type partitionAges struct {
	tracks []endTrack
}

// endTrack is the memory of one partition, small because there may be many thousands.
type endTrack struct {
	key  partitionKey
	ends []endAt
	// commit was last seen to move at moved, in nanoseconds, and stood still at a reading
	// since then when stood is set. gaps are the newest times between moves in seconds,
	// zero where no reading fell between them; seen is how many there have been.
	commit, moved int64
	gaps          [gapsMost]uint8
	seen          uint8
	stood         bool
}

// endAt is where the end of a partition was at one moment, in nanoseconds.
type endAt struct{ at, end int64 }

// fill sets the age of the oldest unread message of every partition, how often its commits
// move, and for how long they have not.
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

// arrange puts one track beside each partition. They come in the same order nearly
// always, and then nothing has to be moved.
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

// see adds one reading. An end that went back is another topic of the same name: nothing
// that was seen of the old one says anything any more.
func (t *endTrack) see(at time.Time, end, commit int64) {
	n, now := len(t.ends), at.UnixNano()
	switch {
	case n > 0 && now <= t.ends[n-1].at:
		return
	case n > 0 && end < t.ends[n-1].end:
		*t = endTrack{key: t.key, commit: -1}
	case n > 1 && t.ends[n-1].end == end && t.ends[n-2].end == end:
		// Of a stretch without arrivals its first and last moment are enough.
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

// thin makes room for one more: it forgets ends that stand closer together than half
// their age, those older than anybody asks for, and where that is not enough the one
// whose neighbours are the closest for their age.
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

// turns reports whether a stretch without arrivals begins or ends at the point, which
// interpolation must not smooth away. two readings in a row are no such stretch, nor is one
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

// follow notes when the commit moved.
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

// still is how long the commit has stood where it is, as far as it was watched.
func (t *endTrack) still(at time.Time) time.Duration {
	if !t.stood || t.commit < 0 {
		return 0
	}
	return time.Duration(at.UnixNano() - t.moved)
}

// commitEvery is the median time between moves of the commit; zero while most came
// between two readings, which is all that sampling can see.
func (t *endTrack) commitEvery() time.Duration {
	if t.seen < gapsMost {
		return 0
	}
	sorted := t.gaps
	slices.Sort(sorted[:])
	return time.Duration(sorted[gapsMost/2]) * time.Second
}

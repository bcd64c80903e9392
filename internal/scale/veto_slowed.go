package scale

import (
	"fmt"
	"time"
)

// The comparison that finds workers that became slower, from the first minute on: what the
// group gets through with a backlog, beside the most it got through with as many workers.
const (
	slowedTo      = 0.85
	slowedBatch   = 5 * time.Minute
	slowedStretch = shiftOver
	// The same from the first half minute on, when lag may have passed its limit already: less
	// certain, so that it takes more, and at least so many commits of a partition.
	suddenTo      = 0.7
	suddenStretch = 30 * time.Second
	suddenCommits = 4
	// leapShare is the share of such a batch that no single step between two samples carries
	// when it is work.
	leapShare = 0.25
)

// slowing is what a worker manages now and what it managed before, in messages per second.
// The zero slowing is that the workers did not become slower.
type slowing struct{ before, now float64 }

func (s slowing) is() bool { return s.before > 0 }

// slowedVeto: the workers get through less than as many of them did before, although enough
// is waiting, and their processors are not the reason. Until it is known why, more workers
// would wait for the same thing (R-130, T-10). Latency and transfer times say so too, but
// only once enough slow messages have ended.
func (v view) slowedVeto() string {
	s := v.slowing
	if !s.is() {
		return ""
	}
	return fmt.Sprintf("the workers became slower, %s each now and %s before%s; more of them would not help until it is known why",
		PerSecond(s.now), PerSecond(s.before), v.cpuFell())
}

// slowerWorkers is the better of two ways to see that the workers became slower: by how long
// a message takes, or sooner by how many they get through.
func (v view) slowerWorkers() string {
	return firstOf(v.slowerVeto(), v.slowedVeto())
}

// slowed compares the newest minute with the past of the same count. It says nothing while
// pods or partitions move, where single partitions hold the lag, or where the processor is
// the limit: those have reasons of their own.
func (v view) slowed() slowing {
	ready, known := v.ready()
	cpu, _ := v.s.Usage.Value.CPU()
	switch {
	case !known || ready != v.replicas || v.replicas <= 0 || v.s.Usage.Known() && cpu > v.p.Up.CPU.Value:
		return slowing{}
	case len(v.stalled) > 0 || v.hotVeto() != "" || !v.lagKnown:
		return slowing{}
	}
	past := v.sameCount()
	now, could := v.slowedSteadily(past)
	if could <= 0 {
		now, could = v.slowedSuddenly(past)
	}
	if could <= 0 {
		return slowing{}
	}
	workers := float64(v.replicas)
	return slowing{before: could / workers, now: now / workers}
}

// slowedSteadily compares the newest minute, all of which had a backlog, with the best before
// it. What they could do is zero where they do not get through less.
func (v view) slowedSteadily(past []Point) (now, could float64) {
	late := recent(past, slowedStretch)
	now, over := v.workedOff(late)
	if over < leastTrend || !v.busyThrough(late, now) {
		return 0, 0
	}
	if could = v.bestBatch(until(past, late[0].At)); now >= slowedTo*could {
		return 0, 0
	}
	return now, could
}

// slowedSuddenly does so with a stretch that began without a backlog: workers as fast as before
// would have got through what arrived, or as much as they ever did. Commits that move seldom
// make it longer.
func (v view) slowedSuddenly(past []Point) (now, could float64) {
	late := recent(past, max(suddenStretch, suddenCommits*v.commitEvery()))
	now, over := v.workedOff(late)
	if over < LeastRateSpan || v.waiting() <= busySeconds*now {
		return 0, 0
	}
	arriving, _ := slope(late, arrivals, v.p.Times.Gap)
	could = min(arriving, v.bestBatch(until(past, late[0].At)))
	if now >= suddenTo*could {
		return 0, 0
	}
	return now, could
}

// workedOff is what the group got through in a stretch without a rebalance, and over how long
// that was measured; zero when there was one.
func (v view) workedOff(stretch []Point) (rate float64, over time.Duration) {
	if len(settled(stretch)) < len(stretch) {
		return 0, 0
	}
	return slope(stretch, consumptions, v.p.Times.Gap)
}

// commitEvery is the usual time between two commits of the partition that is committed least
// often.
func (v view) commitEvery() time.Duration {
	longest := usualCommit
	for _, p := range v.lag.Partitions {
		longest = max(longest, p.CommitEvery)
	}
	return longest
}

// sameCount is the newest part of the past that ran as many workers as are wanted now.
func (v view) sameCount() []Point {
	past := until(v.past, v.s.At.Add(time.Second))
	i := len(past)
	for i > 0 {
		n, known := past[i-1].Wanted()
		if known && n != v.replicas {
			break
		}
		i--
	}
	return past[i:]
}

// busyThrough reports whether more was waiting all the time than the workers get through in
// a few seconds: then what they got through is what they can do.
func (v view) busyThrough(points []Point, rate float64) bool {
	for _, p := range points {
		if IsMissing(p.Lag) || p.Lag < busySeconds*rate || p.Lag <= 0 {
			return false
		}
	}
	return true
}

// bestBatch is the most that was got through in one stretch of slowedBatch; zero when there
// was no such stretch. A backlog is not needed: what was done once can be done.
func (v view) bestBatch(past []Point) float64 {
	best := 0.0
	for len(past) > 0 {
		end := past[len(past)-1].At
		stretch := since(past, end.Add(-slowedBatch))
		rate, over := slope(stretch, consumptions, v.p.Times.Gap)
		if over >= slowedBatch/2 && !leaps(stretch, rate*over.Seconds()) {
			best = max(best, rate)
		}
		past = until(past, end.Add(-slowedBatch))
	}
	return best
}

// leaps reports whether one step carries so much of what the commits moved that somebody set
// them: offsets that were reset past a backlog are no work that anybody did.
func leaps(past []Point, moved float64) bool {
	for i := 1; i < len(past); i++ {
		if n, ok := consumptions(past[i-1], past[i]); ok && n > leapShare*moved {
			return true
		}
	}
	return false
}

// cpuFell tells of processors that have less to do than in the hour before: workers that
// wait use none.
func (v view) cpuFell() string {
	usage, known := v.s.Usage.Get()
	now, _ := usage.CPU()
	then, had := medianOf(since(until(v.past, v.s.At.Add(-2*slowedStretch)), v.s.At.Add(-comparedFrom)), func(p Point) float32 { return p.CPU })
	if !known || !had || now < 0 || now >= slowedTo*then {
		return ""
	}
	return fmt.Sprintf(" (CPU went from %s to %s: they wait for something)", Percent(then), Percent(now))
}

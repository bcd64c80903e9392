package measure

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
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
	// What was found stays for slowedMemory while the newest minute does not show the
	// opposite: one reading between two limits is no recovery.
	slowedMemory = 2 * time.Minute
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
func (v Case) slowedVeto() string {
	s := v.slowing
	if !s.is() {
		return ""
	}
	return fmt.Sprintf("the workers became slower, %s each now and %s before%s; more of them would not help until it is known why",
		scale.PerSecond(s.now), scale.PerSecond(s.before), v.cpuFell())
}

// SlowerWorkers is the best of three ways to see that the workers became slower: by how long
// a message takes, sooner by how many they get through, or at once by what times out.
func (v Case) SlowerWorkers() string {
	return scale.FirstOf(v.slowerVeto(), v.slowedVeto(), v.timingOutVeto())
}

// slowed compares the newest minute with the past of the same count. It says nothing while
// pods or partitions move, where single partitions hold the lag, or where the processor is
// the limit: those have reasons of their own.
func (v Case) slowed() slowing {
	ready, known := v.Ready()
	cpu, _ := v.Now.Usage.Value.CPU()
	switch {
	case !known || ready != v.Replicas || v.Replicas <= 0 || v.Now.Usage.Known() && cpu > v.Policy.Up.CPU.Value:
		return slowing{}
	case len(v.Stalled) > 0 || v.HotVeto() != "" || !v.LagKnown:
		return slowing{}
	}
	past := v.sameCount()
	now, could := v.slowedBy(past, v.Waiting())
	if could <= 0 {
		now, could = v.slowedLately(past)
	}
	if could <= 0 {
		return slowing{}
	}
	workers := float64(v.Replicas)
	return slowing{before: could / workers, now: now / workers}
}

// slowedBy asks both ways at the end of a past, when so much was waiting.
func (v Case) slowedBy(past []scale.Point, waiting float64) (now, could float64) {
	if now, could = v.slowedSteadily(past); could > 0 {
		return now, could
	}
	return v.slowedSuddenly(past, waiting)
}

// slowedLately asks again at the moments of the last two minutes. What was found then still
// holds when the newest minute was measured, is no better than slowedTo, and enough still
// waits.
func (v Case) slowedLately(past []scale.Point) (now, could float64) {
	now, over := v.workedOff(Recent(past, slowedStretch))
	if over < leastTrend || !v.busyThrough(Recent(past, suddenStretch), now) {
		return 0, 0
	}
	since := v.Now.At.Add(-slowedMemory)
	for i := len(past) - 1; i > 0 && past[i-1].At.After(since); i-- {
		earlier := past[:i]
		if _, could = v.slowedBy(earlier, earlier[i-1].Lag-v.CommitFloor()); could > 0 && now < slowedTo*could {
			return now, could
		}
	}
	return 0, 0
}

// slowedSteadily compares the newest minute, all of which had a backlog, with the best before
// it. What they could do is zero where they do not get through less.
func (v Case) slowedSteadily(past []scale.Point) (now, could float64) {
	late := Recent(past, slowedStretch)
	now, over := v.workedOff(late)
	if over < leastTrend || !v.busyThrough(late, now) {
		return 0, 0
	}
	if could = v.bestBatch(Until(past, late[0].At)); now >= slowedTo*could {
		return 0, 0
	}
	return now, could
}

// slowedSuddenly does so with a stretch that began without a backlog: workers as fast as before
// would have got through what arrived, or as much as they ever did. Commits that move seldom
// make it longer.
func (v Case) slowedSuddenly(past []scale.Point, waiting float64) (now, could float64) {
	late := Recent(past, max(suddenStretch, suddenCommits*v.commitEvery()))
	now, over := v.workedOff(late)
	if over < LeastRateSpan || scale.IsMissing(waiting) || waiting <= BusySeconds*now {
		return 0, 0
	}
	arriving, _ := Slope(late, Arrivals, v.Policy.Times.Gap)
	could = min(arriving, v.bestBatch(Until(past, late[0].At)))
	if now >= suddenTo*could {
		return 0, 0
	}
	return now, could
}

// workedOff is what the group got through in a stretch without a rebalance, and over how long
// that was measured; zero when there was one.
func (v Case) workedOff(stretch []scale.Point) (rate float64, over time.Duration) {
	if len(settled(stretch)) < len(stretch) {
		return 0, 0
	}
	return Slope(stretch, Consumptions, v.Policy.Times.Gap)
}

// commitEvery is the usual time between two commits of the partition that is committed least
// often.
func (v Case) commitEvery() time.Duration {
	longest := UsualCommit
	for _, p := range v.Lag.Partitions {
		longest = max(longest, p.CommitEvery)
	}
	return longest
}

// sameCount is the newest part of the past that ran as many workers as are wanted now.
func (v Case) sameCount() []scale.Point {
	past := Until(v.Past, v.Now.At.Add(time.Second))
	i := len(past)
	for i > 0 {
		n, known := past[i-1].Wanted()
		if known && n != v.Replicas {
			break
		}
		i--
	}
	return past[i:]
}

// busyThrough reports whether more was waiting all the time than the workers get through in
// a few seconds: then what they got through is what they can do.
func (v Case) busyThrough(points []scale.Point, rate float64) bool {
	for _, p := range points {
		if scale.IsMissing(p.Lag) || p.Lag < BusySeconds*rate || p.Lag <= 0 {
			return false
		}
	}
	return true
}

// bestBatch is the most that was got through in one stretch of slowedBatch; zero when there
// was no such stretch. A backlog is not needed: what was done once can be done.
func (v Case) bestBatch(past []scale.Point) float64 {
	best := 0.0
	for len(past) > 0 {
		end := past[len(past)-1].At
		stretch := Since(past, end.Add(-slowedBatch))
		rate, over := Slope(stretch, Consumptions, v.Policy.Times.Gap)
		if over >= slowedBatch/2 && !leaps(stretch, rate*over.Seconds()) {
			best = max(best, rate)
		}
		past = Until(past, end.Add(-slowedBatch))
	}
	return best
}

// leaps reports whether one step carries so much of what the commits moved that somebody set
// them: offsets that were reset past a backlog are no work that anybody did.
func leaps(past []scale.Point, moved float64) bool {
	for i := 1; i < len(past); i++ {
		if n, ok := Consumptions(past[i-1], past[i]); ok && n > leapShare*moved {
			return true
		}
	}
	return false
}

// cpuFell tells of processors that have less to do than in the hour before: workers that
// wait use none.
func (v Case) cpuFell() string {
	usage, known := v.Now.Usage.Get()
	now, _ := usage.CPU()
	then, had := medianOf(Since(Until(v.Past, v.Now.At.Add(-2*slowedStretch)), v.Now.At.Add(-comparedFrom)), func(p scale.Point) float32 { return p.CPU })
	if !known || !had || now < 0 || now >= slowedTo*then {
		return ""
	}
	return fmt.Sprintf(" (CPU went from %s to %s: they wait for something)", scale.Percent(then), scale.Percent(now))
}

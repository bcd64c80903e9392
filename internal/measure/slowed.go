package measure

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// The comparison that finds, from the first minute on, workers that became slower: the group's
// rate with a backlog against the highest rate with as many workers before.
const (
	slowedTo      = 0.85
	slowedBatch   = 5 * time.Minute
	slowedStretch = shiftOver
	// The same comparison from the first half minute on, when lag may already have passed its
	// limit. It is less certain, so it needs a larger drop and at least this many commits of a
	// partition.
	suddenTo      = 0.7
	suddenStretch = 30 * time.Second
	suddenCommits = 4
	// slowedMemory is for how long a finding stays while the newest minute does not show the
	// opposite. One reading between the two limits is no recovery.
	slowedMemory = 2 * time.Minute
	// leapShare is the largest share of such a batch that workers can process between two
	// samples. A larger step means that somebody set the offsets.
	leapShare = 0.25
)

// slowing is what a worker manages now and what it managed before, in messages per second. The
// zero slowing means that the workers did not become slower.
type slowing struct{ before, now float64 }

func (s slowing) is() bool { return s.before > 0 }

// slowedVeto: with enough waiting, the workers process less than as many of them did before, and
// CPU is not the reason. Until the cause is known, more workers would wait for the same thing
// (R-130, T-10). Latency and transfer times show it too, but only once enough slow messages have
// ended.
func (v Case) slowedVeto() string {
	s := v.slowing
	if !s.is() {
		return ""
	}
	return fmt.Sprintf("the workers became slower, %s each now and %s before%s; more of them would not help until it is known why",
		scale.PerSecond(s.now), scale.PerSecond(s.before), v.cpuFell())
}

// SlowerWorkers combines three signs that the workers became slower: the time per message, the
// rate of messages, which shows it sooner, and time-outs, which show it at once.
func (v Case) SlowerWorkers() string {
	return scale.FirstOf(v.slowerVeto(), v.slowedVeto(), v.timingOutVeto())
}

// slowed compares the newest minute with the past at the same count. It finds nothing while pods
// or partitions move, where single partitions hold the lag, or where CPU is the limit: each of
// those is a reason of its own.
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

// slowedBy makes both comparisons at the end of the given past, if enough was waiting then.
func (v Case) slowedBy(past []scale.Point, waiting float64) (now, could float64) {
	if now, could = v.slowedSteadily(past); could > 0 {
		return now, could
	}
	return v.slowedSuddenly(past, waiting)
}

// slowedLately repeats the comparison for the moments of the last two minutes. An earlier finding
// still holds if the newest minute was measured and is no better than slowedTo, and enough still
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

// slowedSteadily compares the newest minute, if there was a backlog all through it, with the best
// one before. It returns zero where the workers do not process less.
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

// slowedSuddenly compares a stretch that began without a backlog: workers as fast as before would
// have processed all arrivals, or as much as they ever did. The stretch is longer where commits
// are rare.
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

// workedOff is what the group processed in a stretch without a rebalance, and over how long that
// was measured; zero when there was a rebalance.
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

// busyThrough reports whether the backlog was always more than the workers process in a few
// seconds. Their rate is then their capacity.
func (v Case) busyThrough(points []scale.Point, rate float64) bool {
	for _, p := range points {
		if scale.IsMissing(p.Lag) || p.Lag < BusySeconds*rate || p.Lag <= 0 {
			return false
		}
	}
	return true
}

// bestBatch is the most that was processed in one stretch of slowedBatch; zero when there was no
// such stretch. It needs no backlog: what the workers did once they are able to do.
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

// leaps reports whether one step makes up so much of the advance of the commits that somebody
// must have set them: an offset reset past a backlog is not work.
func leaps(past []scale.Point, moved float64) bool {
	for i := 1; i < len(past); i++ {
		if n, ok := Consumptions(past[i-1], past[i]); ok && n > leapShare*moved {
			return true
		}
	}
	return false
}

// cpuFell reports whether CPU use is lower than in the hour before: workers that wait use none.
func (v Case) cpuFell() string {
	usage, known := v.Now.Usage.Get()
	now, _ := usage.CPU()
	then, had := medianOf(Since(Until(v.Past, v.Now.At.Add(-2*slowedStretch)), v.Now.At.Add(-comparedFrom)), func(p scale.Point) float32 { return p.CPU })
	if !known || !had || now < 0 || now >= slowedTo*then {
		return ""
	}
	return fmt.Sprintf(" (CPU went from %s to %s: they wait for something)", scale.Percent(then), scale.Percent(now))
}

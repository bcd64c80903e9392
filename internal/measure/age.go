package measure

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// AgeSentence is the age on the partitions that move, as a clause; empty when unknown or
// when nothing waits. Those that stand still are told apart.
func (v Case) AgeSentence() string {
	if !v.LagKnown {
		return ""
	}
	age, known := v.Lag.OldestBut(v.isStalled)
	if !known {
		return ""
	}
	text := age.Sentence()
	if text != "" && len(v.Stalled) > 0 {
		text = "besides what stands still, " + text
	}
	return text
}

// UsualCommit is how often a consumer commits unless it was seen to take longer: Kafka's
// own default. A sampling of 15 s cannot see anything shorter than itself.
const UsualCommit = 5 * time.Second

// CommitFloor is the lag that a group which keeps up shows all the time, because what it
// has read since its last commit counts as unread: on average half a commit interval of
// arrivals on each partition (decision B.1). It is zero while arrivals are unknown.
func (v Case) CommitFloor() float64 {
	return min(v.perCommit()/2, float64(max(0, v.Lag.Total)))
}

// perCommit is what arrives on the partitions that move in a commit interval of each: what a
// group that keeps up shows as lag right before it commits. It is zero while arrivals are
// unknown.
func (v Case) perCommit() float64 {
	if !v.LagKnown || !v.RatesKnown {
		return 0
	}
	sum := 0.0
	for _, p := range v.Lag.Partitions {
		if p.Arrival > 0 && !v.isStalled(p) {
			sum += p.Arrival * max(UsualCommit, p.CommitEvery).Seconds()
		}
	}
	return sum
}

// Waiting is the lag without the commit floor.
func (v Case) Waiting() float64 { return float64(v.Lag.Total) - v.CommitFloor() }

// LagRead is the lag on the partitions that could be read: "862", "at least 862".
func (v Case) LagRead() string {
	if v.Lag.Unknown > 0 {
		return "at least " + scale.Count(v.Lag.Total)
	}
	return scale.Count(v.Lag.Total)
}

// LagAndAge is the lag with the age of what has waited longest, where that is known:
// "2,100 (oldest 12 s)".
func (v Case) LagAndAge() string {
	text := v.LagRead()
	// All of the lag has the age of all of it, also of what stands still.
	if age, known := v.Lag.Oldest(); known && age.Topic != "" {
		text += " (" + age.Short() + ")"
	}
	return text
}

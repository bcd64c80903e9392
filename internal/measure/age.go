package measure

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// AgeSentence is the age of the oldest message on the partitions that advance, as a clause; empty
// when unknown or when nothing waits. Stalled partitions are reported separately.
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

// UsualCommit is the commit interval that is assumed for a consumer unless a longer one was seen:
// Kafka's own default. A sampling interval of 15 s cannot show a shorter one.
const UsualCommit = 5 * time.Second

// CommitFloor is the lag that a group shows even when it keeps up, because what it has read since
// its last commit counts as unread: on average half a commit interval of arrivals on each
// partition (decision B.1). It is zero while arrivals are unknown.
func (v Case) CommitFloor() float64 {
	return min(v.perCommit()/2, float64(max(0, v.Lag.Total)))
}

// perCommit is the arrivals of one commit interval on the partitions that advance: the lag that a
// group which keeps up shows right before it commits. It is zero while arrivals are unknown.
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

// LagAndAge is the lag with the age of the oldest unread message, where that is known: "2,100
// (oldest 12 s)".
func (v Case) LagAndAge() string {
	text := v.LagRead()
	// The age here includes stalled partitions, because the lag beside it does.
	if age, known := v.Lag.Oldest(); known && age.Topic != "" {
		text += " (" + age.Short() + ")"
	}
	return text
}

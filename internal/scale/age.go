package scale

import (
	"fmt"
	"time"
)

// Age is how long ago the oldest message arrived that a group has not read: lag in time
// (decision B.3). It is read off the moments at which the end of a partition was seen to
// pass the commit, and never extrapolated to before anybody looked.
type Age struct {
	Time time.Duration `json:"time"`
	// AtLeast says that the message is older than the ends have been watched, or that
	// some partition's is not known.
	AtLeast bool `json:"atLeast,omitempty"`
	// Topic and Partition are where it waits; Topic is empty when nothing waits.
	Topic     string `json:"topic,omitempty"`
	Partition int32  `json:"partition,omitempty"`
}

// ageKnown reports whether the partition's oldest unread message has a known age. A
// message that waits has waited for some time, so that zero beside lag is no age.
func (p PartitionLag) ageKnown() bool { return p.Lag <= 0 || p.Oldest > 0 }

// Oldest is the age of the oldest unread message over all partitions; false when no age
// is known, and never for want of lag: what has been read completely is zero old.
func (l Lag) Oldest() (Age, bool) { return l.oldestBut(nil) }

// oldestBut leaves out partitions, such as those that stand still and have their own
// sentence.
func (l Lag) oldestBut(not func(PartitionLag) bool) (Age, bool) {
	var oldest Age
	known := l.Complete()
	for _, p := range l.Partitions {
		switch {
		case not != nil && not(p):
		case p.Flag == LagUnknown || !p.ageKnown():
			oldest.AtLeast = true
		case p.Lag <= 0:
		case p.Oldest >= oldest.Time:
			known = true
			oldest.Time, oldest.Topic, oldest.Partition = p.Oldest, p.Topic, p.Partition
			oldest.AtLeast = oldest.AtLeast || p.OldestAtLeast
		}
	}
	if oldest.Topic == "" && oldest.AtLeast {
		return Age{}, false
	}
	return oldest, known
}

// Sentence prints the age as a clause: "oldest unread 80 s old (partition 7)";
// empty when nothing waits.
func (a Age) Sentence() string {
	if a.Topic == "" {
		return ""
	}
	bound := ""
	if a.AtLeast {
		bound = "at least "
	}
	return fmt.Sprintf("oldest unread %s%s old (partition %d)", bound, Span(a.Time), a.Partition)
}

// ageSentence is the age on the partitions that move, as a clause; empty when unknown or
// when nothing waits. Those that stand still are told apart.
func (v view) ageSentence() string {
	if !v.lagKnown {
		return ""
	}
	age, known := v.lag.oldestBut(v.isStalled)
	if !known {
		return ""
	}
	text := age.Sentence()
	if text != "" && len(v.stalled) > 0 {
		text = "besides what stands still, " + text
	}
	return text
}

// usualCommit is how often a consumer commits unless it was seen to take longer: Kafka's
// own default. A sampling of 15 s cannot see anything shorter than itself.
const usualCommit = 5 * time.Second

// commitFloor is the lag that a group which keeps up shows all the time, because what it
// has read since its last commit counts as unread: on average half a commit interval of
// arrivals on each partition (decision B.1). It is zero while arrivals are unknown.
func (v view) commitFloor() float64 {
	return min(v.perCommit()/2, float64(max(0, v.lag.Total)))
}

// perCommit is what arrives on the partitions that move in a commit interval of each: what a
// group that keeps up shows as lag right before it commits. It is zero while arrivals are
// unknown.
func (v view) perCommit() float64 {
	if !v.lagKnown || !v.ratesKnown {
		return 0
	}
	sum := 0.0
	for _, p := range v.lag.Partitions {
		if p.Arrival > 0 && !v.isStalled(p) {
			sum += p.Arrival * max(usualCommit, p.CommitEvery).Seconds()
		}
	}
	return sum
}

// waiting is the lag without the commit floor.
func (v view) waiting() float64 { return float64(v.lag.Total) - v.commitFloor() }

// lagRead is the lag on the partitions that could be read: "862", "at least 862".
func (v view) lagRead() string {
	if v.lag.Unknown > 0 {
		return "at least " + Count(v.lag.Total)
	}
	return Count(v.lag.Total)
}

// lagAndAge is the lag with the age of what has waited longest, where that is known:
// "2,100 (oldest 12 s)".
func (v view) lagAndAge() string {
	text := v.lagRead()
	// All of the lag has the age of all of it, also of what stands still.
	if age, known := v.lag.Oldest(); known && age.Topic != "" {
		text += " (" + age.short() + ")"
	}
	return text
}

func (a Age) short() string {
	if a.AtLeast {
		return "oldest at least " + Span(a.Time)
	}
	return "oldest " + Span(a.Time)
}

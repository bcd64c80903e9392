package scale

import (
	"time"
)

// LagFlag says what is special about one partition's lag. The empty flag is the
// ordinary case.
type LagFlag string

// The cases of reference table "lag, with the cases that bite".
const (
	// LagOK: end minus commit.
	LagOK LagFlag = ""
	// LagUncommitted: nobody has committed yet; the lag follows the reset policy (T-32).
	LagUncommitted LagFlag = "uncommitted"
	// LagUncounted: nobody has committed and the reset policy is latest or unknown,
	// so nothing is counted.
	LagUncounted LagFlag = "uncounted"
	// LagLost: retention deleted records before they were read; Lost counts them.
	LagLost LagFlag = "lost"
	// LagAhead: the commit lies beyond the end (topic recreated, offsets set by
	// hand); the lag is shown as 0 and is not a sign of being caught up.
	LagAhead LagFlag = "ahead"
	// LagUnknown: the partition could not be read; Err says why.
	LagUnknown LagFlag = "unknown"
)

// PartitionLag is the position of a group on one partition. Offsets are -1 when
// there is none.
type PartitionLag struct {
	Topic     string  `json:"topic"`
	Partition int32   `json:"partition"`
	Start     int64   `json:"start"`
	Committed int64   `json:"committed"`
	End       int64   `json:"end"`
	Lag       int64   `json:"lag"`
	Lost      int64   `json:"lost,omitempty"`
	Flag      LagFlag `json:"flag,omitempty"`
	Err       string  `json:"err,omitempty"`
	// Arrival and Consumption are messages per second on this partition, or
	// negative when not known.
	Arrival     float64 `json:"arrival"`
	Consumption float64 `json:"consumption"`
	// Oldest is how long ago the first unread message arrived; zero when nothing waits or the age
	// is not known. OldestAtLeast says that the message may be older: the end was already past
	// the commit at the first sample.
	Oldest        time.Duration `json:"oldest,omitempty"`
	OldestAtLeast bool          `json:"oldestAtLeast,omitempty"`
	// CommitEvery is the usual time between two commits that advanced; zero unless it was seen to
	// be longer than the sampling interval.
	CommitEvery time.Duration `json:"commitEvery,omitempty"`
	// Still is for how long the commit has not advanced; zero when it advanced since the previous
	// sample, or when there are not two samples yet.
	Still time.Duration `json:"still,omitempty"`
}

// Lag is the lag of one consumer group on the topics of its component.
type Lag struct {
	// Partitions are sorted by topic and number.
	Partitions []PartitionLag `json:"partitions,omitempty"`
	// Total is the sum over the partitions that could be read; a lower bound when
	// Unknown is not zero.
	Total int64 `json:"total"`
	// Unknown counts partitions that could not be read, Uncommitted those without a
	// commit, Ahead those with a commit beyond the end.
	Unknown     int `json:"unknown,omitempty"`
	Uncommitted int `json:"uncommitted,omitempty"`
	Ahead       int `json:"ahead,omitempty"`
	// Lost is the number of records that retention deleted unread.
	Lost int64 `json:"lost,omitempty"`
	// Topics are the full names the patterns resolved to (T-30, R-028).
	Topics []string `json:"topics,omitempty"`
	// Unseen says, in words, why topics of a pattern may be missing in the total; empty when
	// nothing suggests that any are. A broker silently omits topics that the bot may not
	// describe.
	Unseen string `json:"unseen,omitempty"`
	// Type is "share" when the lag is that of a share group, and empty for groups that
	// commit offsets.
	Type GroupType `json:"type,omitempty"`
	// Remade are the topics that were deleted and created again under the same name while the bot
	// was sampling, and when it noticed.
	Remade map[string]time.Time `json:"remade,omitempty"`
}

// Complete reports whether every partition could be read and no topic is known to be
// missing. Nothing is scaled down, and no alert is closed, on an incomplete reading.
func (l Lag) Complete() bool { return l.Unknown == 0 && len(l.Partitions) > 0 && l.Unseen == "" }

// SumLag makes a Lag of its partitions, counting each special case.
func SumLag(partitions []PartitionLag, topics []string) Lag {
	lag := Lag{Partitions: partitions, Topics: topics}
	for _, p := range partitions {
		switch p.Flag {
		case LagUnknown:
			lag.Unknown++
			continue
		case LagUncommitted, LagUncounted:
			lag.Uncommitted++
		case LagAhead:
			lag.Ahead++
		case LagOK, LagLost:
		}
		lag.Total += p.Lag
		lag.Lost += p.Lost
	}
	return lag
}

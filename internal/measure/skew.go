package measure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// materialShare is the share of the critical lag below which the lag of one partition is too
// small to mention.
const materialShare = 0.01

// Hot returns on how few partitions, those with the most lag first, the hot share of all lag is
// (T-33). It is zero without lag.
func (v Case) Hot() (int, []scale.PartitionLag) {
	if !v.LagKnown || v.Lag.Total <= 0 {
		return 0, nil
	}
	sorted := slices.Clone(v.Lag.Partitions)
	slices.SortStableFunc(sorted, func(a, b scale.PartitionLag) int { return cmp.Compare(b.Lag, a.Lag) })
	sum := int64(0)
	for i, p := range sorted {
		sum += p.Lag
		if float64(sum) >= v.Policy.Sizing.HotShare*float64(v.Lag.Total) {
			return i + 1, sorted[:i+1]
		}
	}
	return len(sorted), sorted
}

// stalledPartitions are those whose commits do not advance while others do. One record that
// cannot be processed blocks everything behind it, and no worker count changes that. A share
// group is not blocked by such a record.
func (v Case) stalledPartitions() []scale.PartitionLag {
	group, owned := v.Now.Group.Get()
	if v.Open || !v.LagKnown || (owned && group.State.Rebalancing()) || !v.WatchedLong() {
		return nil
	}
	moving := false
	var standing []scale.PartitionLag
	for _, p := range v.Lag.Partitions {
		switch {
		case p.Flag == scale.LagUncommitted && v.material(p) && owned && group.Owner(p) != "":
			// There is no commit at all: its owner has not got past the first message.
			standing = append(standing, p)
		case p.Flag == scale.LagUnknown || p.Consumption < 0:
		case p.Consumption > 0:
			moving = true
		case v.material(p) && p.Committed >= 0 && !v.awaitsItsTurn(p, group):
			standing = append(standing, p)
		}
	}
	if !moving || 2*len(standing) >= len(v.Lag.Partitions) {
		return nil
	}
	return standing
}

// material reports whether the lag of a partition is large enough to mention, compared with the
// critical limit.
func (v Case) material(p scale.PartitionLag) bool {
	return float64(p.Lag) > materialShare*v.Policy.Up.Lag.Value
}

// The time that a partition may wait while its consumer works on other partitions.
const (
	// fetchedAtOnce is how many messages of one partition a consumer may buffer: about a
	// megabyte, the clients' default (max.partition.fetch.bytes).
	fetchedAtOnce = 10_000
	// longestTurn is the time after which a partition counts as stalled in any case.
	longestTurn = time.Hour
	// usualTurns is the same limit where the owner's rate is not known.
	usualTurns = 10 * time.Minute
)

// awaitsItsTurn reports whether a partition may only be waiting until its owner has processed
// what it fetched of other partitions. A consumer hands out the records of one partition after
// those of another. So with a backlog on several, each pauses for a while, and longer the slower
// the consumer is.
func (v Case) awaitsItsTurn(p scale.PartitionLag, group scale.Group) bool {
	owner := group.Owner(p)
	if owner == "" || p.Still <= 0 {
		return false
	}
	behind, rate := 0, 0.0
	for _, q := range v.Lag.Partitions {
		if group.Owner(q) != owner {
			continue
		}
		rate += max(0, q.Consumption)
		if v.material(q) && v.holdsUp(q) {
			behind++
		}
	}
	wait := min(StillFor*time.Duration(behind), usualTurns)
	if rate > 0 && behind > 1 {
		turns := float64(behind-1) * fetchedAtOnce / rate
		wait = max(wait, time.Duration(min(turns, longestTurn.Seconds())*float64(time.Second)))
	}
	return p.Still < wait-v.Policy.Times.Sample
}

// holdsUp reports whether so much waits on a partition that it keeps its owner busy: more than
// the lag between two commits of a partition that is kept up with.
func (v Case) holdsUp(p scale.PartitionLag) bool {
	seconds := BusySeconds + max(UsualCommit, p.CommitEvery).Seconds()
	return float64(p.Lag) > seconds*max(0, p.Arrival)
}

// StillFor is how long commits have to be observed, without a rebalance, before one that does not
// advance counts (decision B.2).
const StillFor = 2 * time.Minute

// WatchedLong reports whether commits have been observed for long enough without a rebalance. The
// first sample may be one interval short of the time. A sample without commits, such as one for
// which Kafka answered too late, is skipped.
func (v Case) WatchedLong() bool {
	begin := v.Now.At.Add(-StillFor)
	for i := len(v.Past) - 1; i >= 0; i-- {
		p := v.Past[i]
		switch {
		case !p.At.After(begin.Add(v.Policy.Times.Sample)) && !scale.IsMissing(p.Commits):
			return !p.At.Before(begin.Add(-StillFor))
		case p.Moving || p.At.Before(begin.Add(-StillFor)):
			return false
		}
	}
	return false
}

func (v Case) isStalled(p scale.PartitionLag) bool {
	return slices.ContainsFunc(v.Stalled, func(q scale.PartitionLag) bool {
		return q.Topic == p.Topic && q.Partition == p.Partition
	})
}

// StalledSentence names the partitions whose commits do not advance.
func (v Case) StalledSentence() string {
	lag := int64(0)
	for _, p := range v.Stalled {
		lag += p.Lag
	}
	verb := "stand"
	if len(v.Stalled) == 1 {
		verb = "stands"
	}
	waiting := scale.Count(lag) + " of " + scale.Count(v.Lag.Total)
	if lag == v.Lag.Total {
		waiting = "all " + scale.Count(lag)
	}
	return fmt.Sprintf("%s %s still at %s while the others move: %s messages wait there%s",
		Names(v.Stalled), verb, offsets(v.Stalled), waiting, v.stalledAge())
}

// stalledAge is how long the messages on stalled partitions have waited, as the end of a clause;
// empty when not known.
func (v Case) stalledAge() string {
	age, known := scale.SumLag(v.Stalled, nil).Oldest()
	switch {
	case !known || age.Topic == "":
		return ""
	case age.AtLeast:
		return ", the oldest for at least " + scale.Span(age.Time)
	}
	return ", the oldest for " + scale.Span(age.Time)
}

func offsets(partitions []scale.PartitionLag) string {
	switch {
	case len(partitions) == 1 && partitions[0].Committed < 0:
		return "the first message"
	case len(partitions) == 1:
		return "offset " + scale.Count(partitions[0].Committed)
	}
	return "their offsets"
}

// Names prints partitions for people: "partition 7 of xact.downloads.pending",
// "partitions 3, 7 and 9 of" one topic, or with the topic each.
func Names(partitions []scale.PartitionLag) string {
	if len(partitions) == 0 {
		return ""
	}
	topic := partitions[0].Topic
	mixed := slices.ContainsFunc(partitions, func(p scale.PartitionLag) bool { return p.Topic != topic })
	var words []string
	for _, p := range partitions {
		if mixed {
			words = append(words, fmt.Sprintf("%s/%d", p.Topic, p.Partition))
		} else {
			words = append(words, fmt.Sprint(p.Partition))
		}
	}
	text := "partition " + words[0]
	if len(words) > 1 {
		text = "partitions " + scale.List(words, 5)
	}
	if !mixed && topic != "" {
		text += " of " + topic
	}
	return text
}

// PartitionNumbers prints partitions without their topic.
func PartitionNumbers(partitions []scale.PartitionLag) string {
	text, _, _ := strings.Cut(Names(partitions), " of ")
	return text
}

// HotVeto says that the lag is on fewer partitions than there are workers (T-33), unless those
// share an owner that more workers would relieve. Lag on more than half of the partitions is not
// hot, however many workers there are. Nor is the rest of a backlog that is nearly gone: some
// partitions are always the last.
func (v Case) HotVeto() string {
	if v.Open || v.SoonDrained() {
		return ""
	}
	few, partitions := v.Hot()
	if float64(v.Lag.Total) <= materialShare*v.Policy.Up.Lag.Value*float64(max(1, v.Replicas)) {
		return ""
	}
	if few == 0 || few >= v.Consumers(v.Replicas) || 2*few > len(v.Lag.Partitions) || len(v.Stalled) > 0 || v.ownerBound(partitions) {
		return ""
	}
	return fmt.Sprintf("%s %s %s of the lag, fewer than the %s; each partition has one %s already",
		Names(partitions), holds(few), scale.Percent(v.Policy.Sizing.HotShare), scale.Several(v.Consumers(v.Replicas), v.OwnerWord()), v.OwnerWord())
}

func holds(n int) string { return scale.Verb(n, "holds over", "hold") }

// ownerBound reports whether the hot partitions each get less than one worker manages and share
// an owner with other lagging ones. The owner is then overloaded, and more workers would separate
// its partitions.
func (v Case) ownerBound(partitions []scale.PartitionLag) bool {
	group, known := v.Now.Group.Get()
	if !known {
		return false
	}
	sharing := map[string]int{}
	for _, p := range partitions {
		sharing[group.Owner(p)]++
	}
	for _, p := range partitions {
		owner := group.Owner(p)
		if p.Arrival <= 0 || p.Arrival > unfixableShare*v.EachManages() || owner == "" || sharing[owner] < 2 {
			return false
		}
	}
	return true
}

// unfixableShare is the share of a worker's capacity arriving on one partition from which no
// count of workers can keep up (decision B.5).
const unfixableShare = 0.95

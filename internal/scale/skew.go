package scale

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// materialShare is the share of the critical lag under which the lag of one partition
// says nothing about it.
const materialShare = 0.01

// hot returns how many partitions, those with the most lag first, hold the hot share
// of all lag (T-33). It is zero without lag.
func (v view) hot() (int, []PartitionLag) {
	if !v.lagKnown || v.lag.Total <= 0 {
		return 0, nil
	}
	sorted := slices.Clone(v.lag.Partitions)
	slices.SortStableFunc(sorted, func(a, b PartitionLag) int { return cmp.Compare(b.Lag, a.Lag) })
	sum := int64(0)
	for i, p := range sorted {
		sum += p.Lag
		if float64(sum) >= v.p.Sizing.HotShare*float64(v.lag.Total) {
			return i + 1, sorted[:i+1]
		}
	}
	return len(sorted), sorted
}

// stalledPartitions are those whose commits stand still while others move: one record
// that cannot be processed holds up everything behind it, and no worker count changes
// that. A share group goes on behind such a record.
func (v view) stalledPartitions() []PartitionLag {
	group, owned := v.s.Group.Get()
	if v.open || !v.lagKnown || (owned && group.State.Rebalancing()) || !v.watchedLong() {
		return nil
	}
	moving := false
	var standing []PartitionLag
	for _, p := range v.lag.Partitions {
		switch {
		case p.Flag == LagUncommitted && v.material(p) && owned && group.owner(p) != "":
			// Its owner has not got past the first message.
			standing = append(standing, p)
		case p.Flag == LagUnknown || p.Consumption < 0:
		case p.Consumption > 0:
			moving = true
		case v.material(p) && p.Committed >= 0 && !v.awaitsItsTurn(p, group):
			standing = append(standing, p)
		}
	}
	if !moving || 2*len(standing) >= len(v.lag.Partitions) {
		return nil
	}
	return standing
}

// material reports whether the lag of a partition is worth a word beside the critical limit.
func (v view) material(p PartitionLag) bool {
	return float64(p.Lag) > materialShare*v.p.Up.Lag.Value
}

// The turns of the partitions that share a consumer.
const (
	// fetchedAtOnce is how many messages of one partition a consumer may hold before it asks
	// for more: about a megabyte, the clients' default (max.partition.fetch.bytes).
	fetchedAtOnce = 10_000
	// longestTurn is after which time no partition waits for its turn any more.
	longestTurn = time.Hour
	// usualTurns bounds the same where what the owner gets through is not known.
	usualTurns = 10 * time.Minute
)

// awaitsItsTurn reports whether a partition may only be waiting until its owner has worked off
// what it fetched of others: a consumer hands out one partition's records after the other's,
// and with a backlog on several of them each stands still for a while, the longer the slower
// the consumer is.
func (v view) awaitsItsTurn(p PartitionLag, group Group) bool {
	owner := group.owner(p)
	if owner == "" || p.Still <= 0 {
		return false
	}
	behind, rate := 0, 0.0
	for _, q := range v.lag.Partitions {
		if group.owner(q) != owner {
			continue
		}
		rate += max(0, q.Consumption)
		if v.material(q) && v.holdsUp(q) {
			behind++
		}
	}
	wait := min(stillFor*time.Duration(behind), usualTurns)
	if rate > 0 && behind > 1 {
		turns := float64(behind-1) * fetchedAtOnce / rate
		wait = max(wait, time.Duration(min(turns, longestTurn.Seconds())*float64(time.Second)))
	}
	return p.Still < wait-v.p.Times.Sample
}

// holdsUp reports whether so much waits on a partition that its owner is held up by it: more
// than what one that is kept up with shows before it commits.
func (v view) holdsUp(p PartitionLag) bool {
	seconds := busySeconds + max(usualCommit, p.CommitEvery).Seconds()
	return float64(p.Lag) > seconds*max(0, p.Arrival)
}

// stillFor is how long commits have to be watched, without a rebalance, before one that
// does not move means anything (decision B.2).
const stillFor = 2 * time.Minute

// watchedLong reports whether commits have been watched long enough and nobody moved
// partitions meanwhile. The first sample may be one interval short of the time, and a sample
// without commits, such as one that Kafka was too late for, is looked past.
func (v view) watchedLong() bool {
	begin := v.s.At.Add(-stillFor)
	for i := len(v.past) - 1; i >= 0; i-- {
		p := v.past[i]
		switch {
		case !p.At.After(begin.Add(v.p.Times.Sample)) && !IsMissing(p.Commits):
			return !p.At.Before(begin.Add(-stillFor))
		case p.Moving || p.At.Before(begin.Add(-stillFor)):
			return false
		}
	}
	return false
}

func (v view) isStalled(p PartitionLag) bool {
	return slices.ContainsFunc(v.stalled, func(q PartitionLag) bool {
		return q.Topic == p.Topic && q.Partition == p.Partition
	})
}

// stalledSentence names the partitions whose commits stand still.
func (v view) stalledSentence() string {
	lag := int64(0)
	for _, p := range v.stalled {
		lag += p.Lag
	}
	verb := "stand"
	if len(v.stalled) == 1 {
		verb = "stands"
	}
	waiting := Count(lag) + " of " + Count(v.lag.Total)
	if lag == v.lag.Total {
		waiting = "all " + Count(lag)
	}
	return fmt.Sprintf("%s %s still at %s while the others move: %s messages wait there%s",
		names(v.stalled), verb, offsets(v.stalled), waiting, v.stalledAge())
}

// stalledAge is how long what stands still has waited, as the end of a clause; empty when
// that is not known.
func (v view) stalledAge() string {
	age, known := SumLag(v.stalled, nil).Oldest()
	switch {
	case !known || age.Topic == "":
		return ""
	case age.AtLeast:
		return ", the oldest for at least " + Span(age.Time)
	}
	return ", the oldest for " + Span(age.Time)
}

func offsets(partitions []PartitionLag) string {
	switch {
	case len(partitions) == 1 && partitions[0].Committed < 0:
		return "the first message"
	case len(partitions) == 1:
		return "offset " + Count(partitions[0].Committed)
	}
	return "their offsets"
}

// names prints partitions for people: "partition 7 of xact.downloads.pending",
// "partitions 3, 7 and 9 of" one topic, or with the topic each.
func names(partitions []PartitionLag) string {
	if len(partitions) == 0 {
		return ""
	}
	topic := partitions[0].Topic
	mixed := slices.ContainsFunc(partitions, func(p PartitionLag) bool { return p.Topic != topic })
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
		text = "partitions " + list(words, 5)
	}
	if !mixed && topic != "" {
		text += " of " + topic
	}
	return text
}

// partitionNumbers prints partitions without their topic.
func partitionNumbers(partitions []PartitionLag) string {
	text, _, _ := strings.Cut(names(partitions), " of ")
	return text
}

package kafka

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// reading makes the component's reading from the results of the sweep.
func (s *sweep) reading(c scale.Component) scale.Reading[scale.Lag] {
	r := s.reader
	names, err := s.layout.resolve(c)
	if err != nil {
		return s.unknown(r.explainTopic(err))
	}
	if err := s.standings[c.Group].err; err != nil {
		return s.unknown(r.fault(fmt.Sprintf("group %q", c.Group), err).Error())
	}
	lag := scale.SumLag(s.partitions(c, names), names)
	lag.Type = s.standings[c.Group].value.kind
	lag.Unseen = r.unseen(c, names)
	lag.Remade = r.remade(names)
	if why := undecidable(c, lag); why != "" {
		return s.unknown(why)
	}
	out := scale.Known(lag, s.at, source)
	out.Note = note(c, lag)
	return out
}

func (s *sweep) unknown(why string) scale.Reading[scale.Lag] {
	return scale.Unknown[scale.Lag](why, s.at, source)
}

// partitions lists the group's lag on every partition, by topic and number.
func (s *sweep) partitions(c scale.Component, names []string) []scale.PartitionLag {
	count := 0
	for _, name := range names {
		count += len(s.layout.topics[name].leaders)
	}
	out := make([]scale.PartitionLag, 0, count)
	ends, group := s.endsFor(c), s.standings[c.Group].value
	for _, name := range names {
		committed := s.committed[key{c.Group, name}]
		for p := range s.layout.topics[name].leaders {
			var lag scale.PartitionLag
			if end, start := ends.answer(name, p), s.layout.start(name, p); group.kind.SharesPartitions() {
				lag = s.share(group.shares.at(name, int32(p)), end, start)
			} else {
				lag = s.partition(c, end, at(committed, p), start)
			}
			lag.Topic, lag.Partition = name, int32(p)
			out = append(out, lag)
		}
	}
	return out
}

func (s *sweep) partition(c scale.Component, end, commit offset, start int64) scale.PartitionLag {
	for _, err := range []error{commit.err, end.err} {
		if err != nil {
			_, why := s.reader.explain(err)
			return unreadable(why)
		}
	}
	return Position{Committed: commit.value, Start: start, End: end.value}.Lag(c.Reset)
}

// share is a share group's position on a partition. Arrivals are known there even while the lag
// is not.
func (s *sweep) share(got shareOffset, end offset, start int64) scale.PartitionLag {
	for _, err := range []error{got.err, end.err} {
		if err != nil {
			_, why := s.reader.explain(err)
			return unreadable(why)
		}
	}
	return got.Lag(start, end.value)
}

func at(of []offset, partition int) offset {
	if partition < len(of) {
		return of[partition]
	}
	return offset{value: None, err: errNoAnswer}
}

// undecidable says why a total would be wrong although the group could be read.
func undecidable(c scale.Component, lag scale.Lag) string {
	n := len(lag.Partitions)
	switch {
	case n == 0:
		return fmt.Sprintf("the topics of %s have no partitions", c.Name)
	case lag.Unknown == n:
		return fmt.Sprintf("none of %d partitions could be read: %s", n, firstReason(lag))
	case c.Reset == scale.ResetUnknown && lag.Uncommitted == n-lag.Unknown:
		return fmt.Sprintf("group %q has not committed anything yet, and the runbook file does not say where its consumers start (reset)", c.Group)
	}
	return ""
}

func firstReason(lag scale.Lag) string {
	for _, p := range lag.Partitions {
		if p.Flag == scale.LagUnknown {
			return p.Err
		}
	}
	return ""
}

// note qualifies a total in words.
func note(c scale.Component, lag scale.Lag) string {
	var notes []string
	n := len(lag.Partitions)
	if lag.Unknown > 0 {
		notes = append(notes, fmt.Sprintf("at least; %d of %d partitions unknown: %s", lag.Unknown, n, firstReason(lag)))
	}
	if lag.Uncommitted > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d partitions without a commit, %s", lag.Uncommitted, n, countedAs(c.Reset)))
	}
	if lag.Ahead > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d partitions have a commit beyond their end (topic recreated, or offsets set by hand)", lag.Ahead, n))
	}
	if lag.Unseen != "" {
		notes = append(notes, lag.Unseen)
	}
	if lag.Lost > 0 {
		notes = append(notes, fmt.Sprintf("retention removed %s messages unread", scale.Count(lag.Lost)))
	}
	return strings.Join(notes, "; ")
}

func countedAs(reset scale.Reset) string {
	switch reset {
	case scale.ResetEarliest:
		return "counted from their first message"
	case scale.ResetLatest:
		return "not counted: consumers start at the end"
	case scale.ResetUnknown:
	}
	return "not counted: the runbook file does not say where consumers start"
}

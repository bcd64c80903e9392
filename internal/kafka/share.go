package kafka

import (
	"context"
	"errors"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// withLag is the version of DescribeShareGroupOffsets from which the answer has the lag
// (Kafka 4.2, KIP-1226).
const withLag = 1

// Why the lag of a share group on a partition is not known.
var (
	errNotAcknowledged = errors.New("the share group has not acknowledged anything there yet, and until then Kafka tells no lag")
	errNoShareLag      = errors.New("the broker does not tell the lag of share groups (Kafka does from 4.2 on)")
)

func (r *Reader) describeShare(ctx context.Context, node int32, groups []string) (map[string]found[description], error) {
	req := kmsg.NewPtrShareGroupDescribeRequest()
	req.GroupIDs = groups
	resp, err := r.asked(ctx, node, req)
	if err != nil {
		return nil, err
	}
	out := make(map[string]found[description], len(groups))
	for _, g := range resp.(*kmsg.ShareGroupDescribeResponse).Groups {
		d, err := fromShare(g)
		out[g.GroupID] = found[description]{d, err}
	}
	return out, nil
}

// fromShare reads a share group (KIP-932). Its members read the same partitions, so that a
// partition is assigned to several of them.
func fromShare(g kmsg.ShareGroupDescribeResponseGroup) (description, error) {
	if err := groupError(g.GroupID, g.ErrorCode, g.ErrorMessage); err != nil {
		return of(scale.GroupShare), err
	}
	if g.GroupState == "Dead" {
		return description{}, errNoGroup
	}
	d := description{group: scale.Group{
		Name: g.GroupID, State: scale.GroupState(g.GroupState), Type: scale.GroupShare,
		Protocol: g.Assignor, Generation: g.GroupEpoch,
	}}
	for _, m := range g.Members {
		owned := make(map[string][]int32, len(m.Assignment.TopicPartitions))
		for _, t := range m.Assignment.TopicPartitions {
			own(owned, t.Topic, t.TopicID, t.Partitions)
		}
		member := newMember(m.MemberID, m.ClientID, m.ClientHost, owned)
		member.Rack, member.Epoch, member.Subscribed = orEmpty(m.RackID), m.MemberEpoch, sorted(m.SubscribedTopicNames)
		d.group.Members = append(d.group.Members, member)
	}
	d.sort()
	return d, nil
}

// shareOffset is the progress of a share group on one partition.
type shareOffset struct {
	// start is the first offset that is not acknowledged; later offsets may be.
	start int64
	// lag is how many records are not acknowledged yet, including those that members are
	// processing; None where the broker does not say.
	lag int64
	err error
}

// shares is the progress of one share group, by topic and partition.
type shares map[string]map[int32]shareOffset

// fetchShares asks a coordinator for the progress of its share groups, on every partition they
// have begun to read.
func (r *Reader) fetchShares(ctx context.Context, node int32, groups []string) (map[string]found[standing], error) {
	req := kmsg.NewPtrDescribeShareGroupOffsetsRequest()
	for _, group := range groups {
		g := kmsg.NewDescribeShareGroupOffsetsRequestGroup()
		g.GroupID = group
		req.Groups = append(req.Groups, g)
	}
	resp, err := r.asked(ctx, node, req)
	if err != nil {
		return nil, err
	}
	answer := resp.(*kmsg.DescribeShareGroupOffsetsResponse)
	out := make(map[string]found[standing], len(groups))
	for _, g := range answer.Groups {
		out[g.GroupID] = found[standing]{standing{kind: scale.GroupShare, shares: sharesOf(g, answer.Version)},
			groupError(g.GroupID, g.ErrorCode, g.ErrorMessage)}
	}
	return out, nil
}

func sharesOf(g kmsg.DescribeShareGroupOffsetsResponseGroup, version int16) shares {
	out := make(shares, len(g.Topics))
	for _, t := range g.Topics {
		of := make(map[int32]shareOffset, len(t.Partitions))
		for _, p := range t.Partitions {
			s := shareOffset{start: p.StartOffset, lag: p.Lag, err: kerr.ErrorForCode(p.ErrorCode)}
			if version < withLag {
				s.lag = None
			}
			of[p.Partition] = s
		}
		out[t.Topic] = of
	}
	return out
}

// none reports that nothing is known of any partition, as for a group of another type.
func (s shares) none() bool {
	for _, of := range s {
		for _, p := range of {
			if p.start >= 0 || p.err != nil {
				return false
			}
		}
	}
	return true
}

// at is the group's progress on a partition. The group has not begun a partition that is not in
// the answer.
func (s shares) at(topic string, partition int32) shareOffset {
	if p, ok := s[topic][partition]; ok {
		return p
	}
	return shareOffset{start: None, lag: None}
}

// Lag is the lag of a share group on the partition between start and end of its log.
//
// A share group acknowledges records in any order, so its start offset may be far behind its
// progress: end minus start is not the lag. Committed is set to end minus lag, the offset at
// which a group that reads in order would have as much left to do. The lag is zero on an empty
// partition, or where the group's start has reached the end, whatever the broker says.
func (s shareOffset) Lag(start, end int64) scale.PartitionLag {
	out := scale.PartitionLag{Start: start, Committed: None, End: end, Arrival: -1, Consumption: -1}
	unknown := func(why error) scale.PartitionLag {
		out.Flag, out.Err = scale.LagUnknown, why.Error()
		return out
	}
	switch {
	case start >= 0 && start >= end, s.start >= end:
		out.Committed = end
	case s.lag >= 0:
		out.Lag = min(s.lag, max(0, end-max(start, 0)))
		out.Committed = end - out.Lag
	case s.start >= 0:
		return unknown(errNoShareLag)
	default:
		return unknown(errNotAcknowledged)
	}
	return out
}

package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
	"golang.org/x/sync/errgroup"
)

const (
	// batched is the version from which one OffsetFetch asks for many groups (Kafka 3.0).
	batched = 8
	// oneByOne is how many single-group requests an older broker gets at a time.
	oneByOne = 8
)

// commits are the committed offsets of one group, by topic.
type commits []kmsg.OffsetFetchResponseGroupTopic

// fetchCommits asks a coordinator for all commits of its groups. It does not wait for commits of
// open transactions: a producer must not block a sweep.
func (r *Reader) fetchCommits(ctx context.Context, node int32, groups []string) (map[string]found[standing], error) {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Group = groups[0] // all that a broker before 3.0 reads
	for _, group := range groups {
		g := kmsg.NewOffsetFetchRequestGroup()
		g.Group = group
		req.Groups = append(req.Groups, g)
	}
	resp, err := r.request(ctx, node, req)
	if err != nil {
		return nil, err
	}
	answer := resp.(*kmsg.OffsetFetchResponse)
	if answer.Version < batched {
		return r.fetchSingly(ctx, node, groups, answer)
	}
	out := make(map[string]found[standing], len(groups))
	for _, g := range answer.Groups {
		out[g.Group] = found[standing]{standing{commits: commits(g.Topics)}, kerr.ErrorForCode(g.ErrorCode)}
	}
	return out, nil
}

// fetchSingly asks an old broker group by group. The answer for the first group is there already.
func (r *Reader) fetchSingly(ctx context.Context, node int32, groups []string, first *kmsg.OffsetFetchResponse) (map[string]found[standing], error) {
	answers := make([]found[standing], len(groups))
	answers[0] = single(first)
	var all errgroup.Group
	all.SetLimit(oneByOne)
	for i := 1; i < len(groups); i++ {
		all.Go(func() error {
			req := kmsg.NewPtrOffsetFetchRequest()
			req.Group = groups[i]
			if resp, err := r.request(ctx, node, req); err != nil {
				answers[i] = found[standing]{err: err}
			} else {
				answers[i] = single(resp.(*kmsg.OffsetFetchResponse))
			}
			return nil // each group's error is its own
		})
	}
	_ = all.Wait()
	out := make(map[string]found[standing], len(groups))
	for i, group := range groups {
		out[group] = answers[i]
	}
	return out, nil
}

// single reads an answer in the older form for one group.
func single(resp *kmsg.OffsetFetchResponse) found[standing] {
	out := make(commits, 0, len(resp.Topics))
	for _, t := range resp.Topics {
		topic := kmsg.NewOffsetFetchResponseGroupTopic()
		topic.Topic = t.Topic
		for _, p := range t.Partitions {
			topic.Partitions = append(topic.Partitions, kmsg.OffsetFetchResponseGroupTopicPartition{
				Partition: p.Partition, Offset: p.Offset, ErrorCode: p.ErrorCode,
			})
		}
		out = append(out, topic)
	}
	return found[standing]{standing{commits: out}, kerr.ErrorForCode(resp.ErrorCode)}
}

// on lists the commits on a topic by partition, and reports whether there are commits on
// partitions beyond those.
func (c commits) on(topic string, partitions int) (of []offset, grown bool) {
	of = make([]offset, partitions)
	for i := range of {
		of[i].value = None
	}
	for _, t := range c {
		if t.Topic != topic {
			continue
		}
		for _, p := range t.Partitions {
			switch {
			case int(p.Partition) >= partitions:
				grown = true
			case p.Partition >= 0:
				of[p.Partition] = offset{value: p.Offset, err: kerr.ErrorForCode(p.ErrorCode)}
			}
		}
	}
	return of, grown
}

// none reports that there is no commit at all.
func (c commits) none() bool {
	for _, t := range c {
		for _, p := range t.Partitions {
			if p.Offset >= 0 || p.ErrorCode != 0 {
				return false
			}
		}
	}
	return true
}

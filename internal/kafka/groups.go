package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Groups reads state, members and assignment of every component's group, with an
// entry for every component. A group that does not exist is unknown, not empty. It waits for twice
// the configured timeout at most.
func (r *Reader) Groups(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Group] {
	groups := make(map[string]bool)
	for _, c := range components {
		if c.Group != "" {
			groups[c.Group] = true
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*r.config.Timeout)
	defer cancel()
	now := r.config.Clock.Now()
	known := r.describe(ctx, slices.Sorted(maps.Keys(groups)))
	out := make(map[string]scale.Reading[scale.Group], len(components))
	for _, c := range components {
		out[c.Name] = r.groupReading(c, known[c.Group], now)
	}
	return out
}

// description is what is known of one group.
type description struct {
	group scale.Group
	// opaque counts the members whose assignment could not be understood.
	opaque int
}

// describe asks every coordinator both ways at once, as classic groups and as
// KIP-848 groups, because each kind answers to its own request only. It returns an
// entry for every group; one that does not exist has errNoGroup.
func (r *Reader) describe(ctx context.Context, groups []string) map[string]found[description] {
	if len(groups) == 0 {
		return nil
	}
	out := perCoordinator(ctx, r, groups, func(ctx context.Context, node int32, groups []string) (map[string]found[description], error) {
		var both sync.WaitGroup
		var classic, consumer map[string]found[description]
		var classicErr, consumerErr error
		both.Go(func() { classic, classicErr = r.describeClassic(ctx, node, groups) })
		both.Go(func() { consumer, consumerErr = r.describeConsumer(ctx, node, groups) })
		both.Wait()
		out := make(map[string]found[description], len(groups))
		for _, group := range groups {
			out[group] = either(answerFor(classic, group, classicErr), answerFor(consumer, group, consumerErr))
		}
		return out, nil
	})
	r.nameTopics(ctx, out)
	return out
}

// either chooses the answer that tells more. A KIP-848 group looks dead, unknown or
// empty to the classic request, depending on the broker's version.
func either(classic, consumer found[description]) found[description] {
	switch {
	case consumer.err == nil:
		return consumer
	case classic.err == nil:
		return classic
	case errors.Is(classic.err, errNoGroup) && errors.Is(consumer.err, errNoGroup):
		return classic
	case errors.Is(classic.err, errNoGroup):
		return consumer
	}
	return classic
}

func (r *Reader) groupReading(c scale.Component, d found[description], now time.Time) scale.Reading[scale.Group] {
	if c.Group == "" {
		return scale.Unknown[scale.Group](fmt.Sprintf("the runbook file names no consumer group for %s", c.Name), now, source)
	}
	if d.err != nil {
		return scale.Unknown[scale.Group](r.fault(fmt.Sprintf("group %q", c.Group), d.err).Error(), now, source)
	}
	out := scale.Known(d.value.group, now, source)
	if d.value.opaque > 0 {
		out.Note = fmt.Sprintf("the assignment of %d of %d members could not be read", d.value.opaque, len(d.value.group.Members))
	}
	return out
}

func (r *Reader) describeClassic(ctx context.Context, node int32, groups []string) (map[string]found[description], error) {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups = groups
	resp, err := r.request(ctx, node, req)
	if err != nil {
		return nil, err
	}
	out := make(map[string]found[description], len(groups))
	for _, g := range resp.(*kmsg.DescribeGroupsResponse).Groups {
		d, err := fromClassic(g)
		out[g.Group] = found[description]{d, err}
	}
	return out, nil
}

func (r *Reader) describeConsumer(ctx context.Context, node int32, groups []string) (map[string]found[description], error) {
	req := kmsg.NewPtrConsumerGroupDescribeRequest()
	req.Groups = groups
	resp, err := r.request(ctx, node, req)
	if err != nil && isUnsupported(err) {
		return nil, errNoGroup // a broker too old for KIP-848 has no such groups
	}
	if err != nil {
		return nil, err
	}
	out := make(map[string]found[description], len(groups))
	for _, g := range resp.(*kmsg.ConsumerGroupDescribeResponse).Groups {
		d, err := fromConsumer(g)
		out[g.Group] = found[description]{d, err}
	}
	return out, nil
}

func fromClassic(g kmsg.DescribeGroupsResponseGroup) (description, error) {
	if err := kerr.ErrorForCode(g.ErrorCode); err != nil {
		return description{}, orNoGroup(err)
	}
	// Before Kafka 4, "Dead" was the whole answer for a group that is not there.
	if g.State == "Dead" {
		return description{}, errNoGroup
	}
	d := description{group: scale.Group{
		Name: g.Group, State: scale.GroupState(g.State), Type: scale.GroupClassic,
		Protocol: g.Protocol, Generation: -1,
	}}
	for _, m := range g.Members {
		owned, err := classicAssignment(g.ProtocolType, m.MemberAssignment)
		if err != nil {
			d.opaque++
		}
		member := newMember(m.MemberID, m.ClientID, m.ClientHost, owned)
		member.Instance = orEmpty(m.InstanceID)
		member.Subscribed = classicSubscription(g.ProtocolType, m.ProtocolMetadata)
		d.group.Members = append(d.group.Members, member)
	}
	d.sort()
	return d, nil
}

func fromConsumer(g kmsg.ConsumerGroupDescribeResponseGroup) (description, error) {
	if err := kerr.ErrorForCode(g.ErrorCode); err != nil {
		return description{}, orNoGroup(err)
	}
	if g.State == "Dead" {
		return description{}, errNoGroup
	}
	d := description{group: scale.Group{
		Name: g.Group, State: scale.GroupState(g.State), Type: scale.GroupConsumer,
		Protocol: g.AssignorName, Generation: g.Epoch,
	}}
	for _, m := range g.Members {
		member := newMember(m.MemberID, m.ClientID, m.ClientHost, consumerAssignment(m.Assignment))
		member.Instance, member.Rack, member.Epoch = orEmpty(m.InstanceID), orEmpty(m.RackID), m.MemberEpoch
		member.Subscribed, member.Pattern = sorted(m.SubscribedTopics), orEmpty(m.SubscribedTopicRegex)
		d.group.Members = append(d.group.Members, member)
	}
	d.sort()
	return d, nil
}

func orNoGroup(err error) error {
	if errors.Is(err, kerr.GroupIDNotFound) || errors.Is(err, kerr.UnsupportedVersion) {
		return errNoGroup
	}
	return err
}

func newMember(id, client, host string, owned map[string][]int32) scale.Member {
	for _, partitions := range owned {
		slices.Sort(partitions)
	}
	return scale.Member{ID: id, Client: client, Host: strings.TrimPrefix(host, "/"), Partitions: owned}
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// sorted is an ordered copy; nil stays nil.
func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// sort orders the members, so that two readings of the same group are alike.
func (d *description) sort() {
	slices.SortFunc(d.group.Members, func(a, b scale.Member) int { return strings.Compare(a.ID, b.ID) })
}

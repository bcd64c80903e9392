package kafka

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// description is the result of describing one group. Beside an error only the type is set: the
// type of the request that failed.
type description struct {
	group scale.Group
	// opaque counts the members whose assignment could not be understood.
	opaque int
}

// of is the description of a group of which only the type is known.
func of(t scale.GroupType) description { return description{group: scale.Group{Type: t}} }

// describe reads the type, state and members of the groups, with an entry for every group; one
// that does not exist has errNoGroup. Each protocol has its own request, and a broker answers it
// only for groups of that protocol. So every coordinator is asked for classic and for KIP-848
// groups at once, and for share and streams groups where it says that a group has another type.
func (r *Reader) describe(ctx context.Context, groups []string) map[string]found[description] {
	if len(groups) == 0 {
		return nil
	}
	out := perCoordinator(ctx, r, groups, bothWays(r.describeClassic, r.describeConsumer))
	var others []string
	for group, d := range out {
		if isOtherType(d.err) {
			others = append(others, group)
		}
	}
	if len(others) > 0 && ctx.Err() == nil {
		for group, d := range perCoordinator(ctx, r, others, bothWays(r.describeShare, r.describeStreams)) {
			// The group exists. If the broker knows it as neither of these types, its first
			// answer counts.
			if !meansAbsent(d.err) || errors.Is(d.err, errOtherTypeNotOffered) {
				out[group] = d
			}
		}
	}
	r.nameTopics(ctx, out)
	r.learnGroups(out)
	return out
}

// bothWays sends a coordinator two kinds of request at once.
func bothWays(first, other askFunc[description]) askFunc[description] {
	return func(ctx context.Context, node int32, groups []string) (map[string]found[description], error) {
		var both sync.WaitGroup
		var a, b map[string]found[description]
		var errA, errB error
		both.Go(func() { a, errA = first(ctx, node, groups) })
		both.Go(func() { b, errB = other(ctx, node, groups) })
		both.Wait()
		out := make(map[string]found[description], len(groups))
		for _, group := range groups {
			out[group] = either(answerFor(a, group, errA), answerFor(b, group, errB))
		}
		return out, nil
	}
}

// either chooses the more informative answer, in this order: a description, an error in reading
// one, that the group has another type, that the broker does not offer the other protocol, that
// there is no such group.
func either(a, b found[description]) found[description] {
	switch {
	case b.err == nil:
		return b
	case a.err == nil:
		return a
	case !meansAbsent(a.err):
		return a
	case !meansAbsent(b.err):
		return b
	case isOtherType(a.err), isOtherType(b.err):
		if errors.Is(a.err, errNotOffered) || errors.Is(b.err, errNotOffered) {
			return found[description]{err: errOtherTypeNotOffered}
		}
		return found[description]{err: errOtherType}
	}
	return found[description]{err: errNoGroup}
}

// isOtherType reports whether an error says that the group exists and has another type.
func isOtherType(err error) bool {
	return errors.Is(err, errOtherType) || errors.Is(err, errOtherTypeNotOffered)
}

// meansAbsent reports whether an error only says that there is no group of the asked type.
func meansAbsent(err error) bool {
	return errors.Is(err, errNoGroup) || isOtherType(err) || errors.Is(err, errNotOffered)
}

// groupError is the meaning of a description's error code. Kafka has one code for a group that
// does not exist and for one of another type. Only the message distinguishes them, and brokers
// before 4.0 send none.
func groupError(group string, code int16, message *string) error {
	err := kerr.ErrorForCode(code)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kerr.GroupIDNotFound) && strings.Contains(strings.Replace(orEmpty(message), group, "", 1), "is not a "):
		return errOtherType
	case errors.Is(err, kerr.GroupIDNotFound):
		return errNoGroup
	case errors.Is(err, kerr.UnsupportedVersion):
		return errNotOffered
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return errHiddenTopic
	}
	return err
}

// asked sends a description request, and turns "the broker does not know this request"
// into errNotOffered for every group.
func (r *Reader) asked(ctx context.Context, node int32, req kmsg.Request) (kmsg.Response, error) {
	resp, err := r.request(ctx, node, req)
	if err != nil && isUnsupported(err) {
		return nil, errNotOffered
	}
	return resp, err
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
	resp, err := r.asked(ctx, node, req)
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
	if err := groupError(g.Group, g.ErrorCode, g.ErrorMessage); err != nil {
		return of(scale.GroupClassic), err
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
		member.Instance, member.Opaque = orEmpty(m.InstanceID), err != nil
		member.Subscribed = classicSubscription(g.ProtocolType, m.ProtocolMetadata)
		d.group.Members = append(d.group.Members, member)
	}
	d.sort()
	return d, nil
}

func fromConsumer(g kmsg.ConsumerGroupDescribeResponseGroup) (description, error) {
	if err := groupError(g.Group, g.ErrorCode, g.ErrorMessage); err != nil {
		return of(scale.GroupConsumer), err
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

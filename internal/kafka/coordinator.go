package kafka

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// maxCoordinators bounds how many groups' coordinators are remembered. Beyond it they are looked
// up again.
const maxCoordinators = 10_000

// askFunc asks one broker about groups it coordinates. Groups the answer leaves out
// may be missing from the map; the error is for all of them.
type askFunc[T any] func(ctx context.Context, node int32, groups []string) (map[string]found[T], error)

// perCoordinator asks every group's coordinator, all at once, and returns an entry for every
// group. Groups that have moved to another coordinator are asked for once more. The failure of
// one broker or one group does not affect the others.
func perCoordinator[T any](ctx context.Context, r *Reader, groups []string, ask askFunc[T]) map[string]found[T] {
	out := askCoordinators(ctx, r, groups, ask)
	var again []string
	for group, f := range out {
		if f.err != nil && r.forget(group, f.err) {
			again = append(again, group)
		}
	}
	if len(again) > 0 && ctx.Err() == nil {
		maps.Copy(out, askCoordinators(ctx, r, again, ask))
	}
	return out
}

func askCoordinators[T any](ctx context.Context, r *Reader, groups []string, ask askFunc[T]) map[string]found[T] {
	byNode, lost := r.coordinatorsOf(ctx, groups)
	out := make(map[string]found[T], len(groups))
	for group, err := range lost {
		out[group] = found[T]{err: err}
	}
	var mu sync.Mutex // guards out
	var all sync.WaitGroup
	for node, part := range byNode {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, r.config.Timeout)
			defer cancel()
			answers, err := ask(ctx, node, part)
			mu.Lock()
			defer mu.Unlock()
			for _, group := range part {
				out[group] = answerFor(answers, group, err)
			}
		})
	}
	all.Wait()
	return out
}

func answerFor[T any](answers map[string]found[T], group string, err error) found[T] {
	if err != nil {
		return found[T]{err: err}
	}
	if f, ok := answers[group]; ok {
		return f
	}
	return found[T]{err: errNoAnswer}
}

// request sends one request to one broker. The error names the broker.
func (r *Reader) request(ctx context.Context, node int32, req kmsg.Request) (kmsg.Response, error) {
	resp, err := r.client.Broker(int(node)).Request(ctx, req)
	if err != nil {
		return nil, &brokerError{broker: r.brokerName(node), cause: err}
	}
	return resp, nil
}

// coordinatorsOf sorts the groups by their coordinators, looking up those that are not
// known. It returns the reason for every group whose coordinator cannot be found.
func (r *Reader) coordinatorsOf(ctx context.Context, groups []string) (byNode map[int32][]string, lost map[string]error) {
	byNode, lost = make(map[int32][]string), make(map[string]error)
	var unknown []string
	r.mu.Lock()
	for _, group := range groups {
		if node, ok := r.coordinators[group]; ok {
			byNode[node] = append(byNode[node], group)
		} else {
			unknown = append(unknown, group)
		}
	}
	r.mu.Unlock()
	if len(unknown) == 0 {
		return byNode, lost
	}
	nodes, err := hedge(ctx, r, func(ctx context.Context) (map[string]found[int32], error) {
		return r.findCoordinators(ctx, unknown)
	})
	for _, group := range unknown {
		f := answerFor(nodes, group, err)
		if f.err != nil {
			lost[group] = f.err
			continue
		}
		byNode[f.value] = append(byNode[f.value], group)
		r.remember(group, f.value)
	}
	return byNode, lost
}

// findCoordinators asks a broker for the groups' coordinators. It returns an error only when no
// group was answered.
func (r *Reader) findCoordinators(ctx context.Context, groups []string) (map[string]found[int32], error) {
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorKeys = groups
	out := make(map[string]found[int32], len(groups))
	var failed error
	// The client library splits this into one request per group for brokers before 3.0.
	for _, shard := range r.client.RequestSharded(ctx, req) {
		if err := shardError(shard); err != nil {
			failed = err
			continue
		}
		for _, c := range shard.Resp.(*kmsg.FindCoordinatorResponse).Coordinators {
			out[c.Key] = found[int32]{c.NodeID, kerr.ErrorForCode(c.ErrorCode)}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, failed
}

// shardError is a shard's error with the broker it is about, or nil.
func shardError(shard kgo.ResponseShard) error {
	if shard.Err == nil || shard.Meta.NodeID < 0 {
		return shard.Err
	}
	return &brokerError{broker: brokerName(shard.Meta.NodeID, hostPort(shard.Meta.Host, shard.Meta.Port)), cause: shard.Err}
}

func (r *Reader) remember(group string, node int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.coordinators) >= maxCoordinators {
		clear(r.coordinators)
	}
	r.coordinators[group] = node
}

// forget drops a group's coordinator when the error means that the group may have moved, and
// reports whether to ask again at once. A broker that does not answer may still be the
// coordinator: its group is looked up again in the next sweep.
func (r *Reader) forget(group string, err error) (again bool) {
	switch answered, ok := errors.AsType[*kerr.Error](err); {
	case isTimeout(err), errors.Is(err, context.Canceled), isUnsupported(err):
	case !ok, answered == kerr.NotCoordinator:
		again = true
	case answered == kerr.CoordinatorNotAvailable:
	default:
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, known := r.coordinators[group]
	delete(r.coordinators, group)
	return again && known
}

// brokerName names a broker for people, with its address where that is known.
func (r *Reader) brokerName(node int32) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.layout == nil {
		return brokerName(node, "")
	}
	return r.layout.broker(node)
}

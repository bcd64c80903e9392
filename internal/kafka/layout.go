package kafka

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// layoutAge is how long the map of leaders and partitions is used before it is read again.
	// New partitions (T-31) and new topics of a pattern are found within that time.
	layoutAge = time.Minute
	// wantAge is how long a topic stays in the layout after it was last requested.
	wantAge = 10 * time.Minute
)

// layout describes the requested topics: which exist, their partitions and leaders. It is not
// changed once it is in use, except for the offsets that sweeps fill in.
type layout struct {
	at      time.Time
	wants   map[string]time.Time // topic names and patterns, and when last asked for
	topics  map[string]*topic
	brokers map[int32]string // id to "host:port"
}

// topic is one topic of a layout.
type topic struct {
	id      [16]byte
	err     error   // why it cannot be read
	leaders []int32 // by partition; None where there is no leader
	// starts are the first offsets by partition, None until read. They are as old as the layout
	// at most, which is a minute.
	starts []atomic.Int64
	// tops are the highest ends seen, by isolation level and partition, None until read.
	tops [2][]atomic.Int64
}

// isPattern reports whether a topic name of a component matches many.
func isPattern(name string) bool { return strings.HasSuffix(name, "*") }

// matches reports whether the pattern covers the topic. It never covers Kafka's internal topics.
func matches(pattern, name string) bool {
	return !strings.HasPrefix(name, "__") && strings.HasPrefix(name, strings.TrimSuffix(pattern, "*"))
}

// resolve lists the full names of the component's topics, sorted (T-30). If a topic named in full
// cannot be read, the component is unreadable: not even its partitions can be counted.
func (l *layout) resolve(c scale.Component) ([]string, error) {
	names := make([]string, 0, len(c.Topics))
	for _, want := range c.Topics {
		found, err := l.find(want)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (l *layout) find(want string) ([]string, error) {
	if !isPattern(want) {
		t := l.topics[want]
		if t == nil {
			return nil, &topicError{name: want, cause: kerr.UnknownTopicOrPartition}
		}
		if t.err != nil {
			return nil, &topicError{name: want, cause: t.err}
		}
		return []string{want}, nil
	}
	var found []string
	for name, t := range l.topics {
		if t.err == nil && matches(want, name) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return nil, &topicError{name: want, cause: kerr.UnknownTopicOrPartition}
	}
	return found, nil
}

// learn stores the starts that were read, and returns the topics with one that went back: such a
// topic was deleted and created again.
func (l *layout) learn(starts *question) (fallen []string) {
	for name, of := range starts.answers {
		t, lower := l.topics[name], false
		if t == nil {
			continue
		}
		for p, a := range of {
			if a.err == nil && p < len(t.starts) {
				lower = t.starts[p].Swap(a.value) > a.value || lower
			}
		}
		if lower {
			fallen = append(fallen, name)
		}
	}
	return fallen
}

// outgrow stores the ends that were read, and returns the topics with one that went back or lies
// below the start.
func (l *layout) outgrow(ends *question) (fallen []string) {
	for name, of := range ends.answers {
		t, lower := l.topics[name], false
		if t == nil {
			continue
		}
		tops := t.tops[ends.isolation]
		for p, a := range of {
			if a.err == nil && p < len(tops) {
				lower = tops[p].Swap(a.value) > a.value || t.starts[p].Load() > a.value || lower
			}
		}
		if lower {
			fallen = append(fallen, name)
		}
	}
	return fallen
}

// adopt copies the offsets of an earlier layout, for topics that still have the same id.
func (l *layout) adopt(former *layout) {
	l.at = former.at
	for name, t := range l.topics {
		was := former.topics[name]
		if was == nil || was.id != t.id {
			continue
		}
		copyOffsets(t.starts, was.starts)
		for i := range t.tops {
			copyOffsets(t.tops[i], was.tops[i])
		}
	}
}

// reshaped lists the topics whose id or number of partitions has changed.
func (l *layout) reshaped(before *layout) (names []string) {
	for name, t := range l.topics {
		if was := before.topics[name]; was != nil && t.err == nil && (was.id != t.id || len(was.leaders) != len(t.leaders)) {
			names = append(names, name)
		}
	}
	return names
}

func copyOffsets(to, from []atomic.Int64) {
	for i := range min(len(to), len(from)) {
		to[i].Store(from[i].Load())
	}
}

// startsMissing reports whether the first offset of some partition is not known.
func (t *topic) startsMissing() bool {
	for i := range t.starts {
		if t.starts[i].Load() == None {
			return true
		}
	}
	return false
}

// start is the partition's first offset, or None where it is not known.
func (l *layout) start(name string, partition int) int64 {
	if t := l.topics[name]; t != nil && partition < len(t.starts) {
		return t.starts[partition].Load()
	}
	return None
}

// leader is the partition's leader, or None.
func (l *layout) leader(name string, partition int) int32 {
	t := l.topics[name]
	if t == nil || partition >= len(t.leaders) {
		return -1
	}
	return t.leaders[partition]
}

// broker names a broker for people.
func (l *layout) broker(id int32) string { return brokerName(id, l.brokers[id]) }

func hostPort(host string, port int32) string {
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

func brokerName(id int32, address string) string {
	if address == "" {
		return fmt.Sprintf("broker %d", id)
	}
	return fmt.Sprintf("broker %d (%s)", id, address)
}

// covers reports whether the layout was read for all of the given topics and patterns.
func (l *layout) covers(wants []string) bool {
	for _, w := range wants {
		if _, ok := l.wants[w]; !ok {
			return false
		}
	}
	return true
}

// layoutFor returns a layout that covers the given topics and is at most a minute old. When a new
// one cannot be read, an old one that covers them is used: leaders seldom move, and a request to
// a wrong one is answered with an error.
func (r *Reader) layoutFor(ctx context.Context, wants []string) (*layout, error) {
	now := r.config.Clock.Now()
	r.mu.Lock()
	have, stale := r.layout, r.stale
	r.mu.Unlock()
	covered := have != nil && have.covers(wants)
	if covered && !stale && now.Sub(have.at) < layoutAge {
		return have, nil
	}
	newest, err := r.refresh(ctx, wants, nil)
	if err != nil && covered {
		return have, nil
	}
	return newest, err
}

// refresh reads the layout of the given topics and of those requested lately. When it is read
// because leaders have moved, the known starts are kept, and so is their age.
func (r *Reader) refresh(ctx context.Context, wants []string, former *layout) (*layout, error) {
	now := r.config.Clock.Now()
	all := make(map[string]time.Time)
	r.mu.Lock()
	if r.layout != nil {
		for want, asked := range r.layout.wants {
			if now.Sub(asked) < wantAge {
				all[want] = asked
			}
		}
	}
	r.mu.Unlock()
	for _, want := range wants {
		all[want] = now
	}
	newest, err := r.readLayout(ctx, all)
	if err != nil {
		return nil, err
	}
	if former != nil {
		newest.adopt(former)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recognise(newest)
	r.layout, r.stale = newest, false
	return newest, nil
}

// distrust makes the next sweep read the layout again.
func (r *Reader) distrust() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stale = true
}

func (r *Reader) readLayout(ctx context.Context, wants map[string]time.Time) (*layout, error) {
	l := &layout{
		at:      r.config.Clock.Now(),
		wants:   wants,
		topics:  make(map[string]*topic),
		brokers: make(map[int32]string),
	}
	var names, patterns []string
	for want := range wants {
		if isPattern(want) {
			patterns = append(patterns, want)
		} else {
			names = append(names, want)
		}
	}
	// Topics named in full are requested by name even beside a pattern, because only then does
	// the answer distinguish a missing topic from a forbidden one.
	if err := r.readTopics(ctx, l, askFor(names), func(string) bool { return true }); err != nil {
		return nil, err
	}
	if len(patterns) == 0 {
		return l, nil
	}
	matched := func(name string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
	}
	return l, r.readTopics(ctx, l, nil, matched)
}

func askFor(names []string) []kmsg.MetadataRequestTopic {
	topics := make([]kmsg.MetadataRequestTopic, 0, len(names))
	for _, name := range names {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = &name
		topics = append(topics, t)
	}
	return topics
}

// metadata asks for topics, or for all of them when topics is nil.
func (r *Reader) metadata(ctx context.Context, topics []kmsg.MetadataRequestTopic) (*kmsg.MetadataResponse, error) {
	return hedge(ctx, r, func(ctx context.Context) (*kmsg.MetadataResponse, error) {
		req := kmsg.NewPtrMetadataRequest()
		req.Topics = topics
		return req.RequestWith(ctx, r.client)
	})
}

// readTopics adds the named topics or, when names is nil, every topic for which keep returns
// true.
func (r *Reader) readTopics(ctx context.Context, l *layout, names []kmsg.MetadataRequestTopic, wanted func(string) bool) error {
	resp, err := r.metadata(ctx, names)
	if err != nil {
		return err
	}
	for _, b := range resp.Brokers {
		l.brokers[b.NodeID] = hostPort(b.Host, b.Port)
	}
	for i := range resp.Topics {
		t := &resp.Topics[i]
		if t.Topic == nil || !wanted(*t.Topic) || l.topics[*t.Topic] != nil {
			continue
		}
		l.topics[*t.Topic] = newTopic(t)
	}
	return nil
}

func newTopic(answer *kmsg.MetadataResponseTopic) *topic {
	t := &topic{id: answer.TopicID, err: kerr.ErrorForCode(answer.ErrorCode)}
	count := 0
	for _, p := range answer.Partitions {
		count = max(count, int(p.Partition)+1)
	}
	t.leaders = slices.Repeat([]int32{-1}, count)
	for _, offsets := range []*[]atomic.Int64{&t.starts, &t.tops[readAll], &t.tops[readCommitted]} {
		*offsets = make([]atomic.Int64, count)
		for i := range *offsets {
			(*offsets)[i].Store(None)
		}
	}
	for _, p := range answer.Partitions {
		if p.Partition >= 0 {
			t.leaders[p.Partition] = p.Leader
		}
	}
	return t
}

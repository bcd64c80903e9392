package kafka

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The special times of ListOffsets.
const (
	atEnd   int64 = -1
	atStart int64 = -2
)

// The isolation levels: everything, or only what no open transaction holds back.
const (
	readAll       int8 = 0
	readCommitted int8 = 1
)

// offset is the answer for one partition.
type offset struct {
	value int64
	err   error
}

// question asks for one kind of offset of many partitions.
type question struct {
	when      int64
	isolation int8
	// asked are the partition numbers by topic.
	asked map[string][]int32
	// answers are by topic and partition number; errNoAnswer where there is none.
	answers map[string][]offset
}

func newQuestion(when int64, isolation int8) *question {
	return &question{when: when, isolation: isolation, asked: make(map[string][]int32)}
}

// addTopic asks for every partition of a topic, once.
func (q *question) addTopic(name string, partitions int) {
	if _, ok := q.asked[name]; ok {
		return
	}
	all := make([]int32, partitions)
	for i := range all {
		all[i] = int32(i)
	}
	q.asked[name] = all
}

// add asks for one partition. Adding it twice has no further effect.
func (q *question) add(name string, partition int32) {
	q.asked[name] = append(q.asked[name], partition)
}

// amend adds the answers of a later question.
func (q *question) amend(later *question) {
	for name, partitions := range later.asked {
		for _, p := range partitions {
			if a := later.answer(name, int(p)); a.err == nil {
				q.answers[name][p] = a
			}
		}
	}
}

// answer is what was answered for a partition.
func (q *question) answer(name string, partition int) offset {
	if of := q.answers[name]; partition < len(of) {
		return of[partition]
	}
	return offset{value: None, err: errNoAnswer}
}

// ask sends all questions to all leaders at once. Partitions that have moved to another leader
// are asked for once more, after the layout was read again. The newest layout is returned.
func (r *Reader) ask(ctx context.Context, l *layout, wants []string, questions ...*question) *layout {
	for _, q := range questions {
		q.answers = make(map[string][]offset, len(q.asked))
		for name := range q.asked {
			q.prepare(name)
		}
	}
	r.askLeaders(ctx, l, questions)
	again := astray(questions)
	if len(again) == 0 {
		return l
	}
	fresh, err := r.refresh(ctx, wants, l)
	if err != nil {
		r.distrust()
		return l
	}
	r.askLeaders(ctx, fresh, moved(again, l, fresh))
	return fresh
}

// prepare makes room for the answers about one topic, and removes duplicate partitions: Kafka
// rejects a whole request that has one.
func (q *question) prepare(name string) {
	slices.Sort(q.asked[name])
	partitions := slices.Compact(q.asked[name])
	q.asked[name] = partitions
	size := 0
	if len(partitions) > 0 {
		size = int(partitions[len(partitions)-1]) + 1
	}
	of := make([]offset, size)
	for i := range of {
		of[i] = offset{value: None, err: errNoAnswer}
	}
	q.answers[name] = of
}

// leaderRequest is one request to one broker.
type leaderRequest struct {
	question *question
	broker   int32
	req      *kmsg.ListOffsetsRequest
}

func (r *Reader) askLeaders(ctx context.Context, l *layout, questions []*question) {
	var all sync.WaitGroup
	for _, q := range questions {
		for _, lr := range q.split(l) {
			all.Go(func() { r.askLeader(ctx, l, lr) })
		}
	}
	all.Wait()
}

// split makes one request per leader. Partitions without a leader are answered at once, with an
// error.
func (q *question) split(l *layout) []leaderRequest {
	requests := make(map[int32]*kmsg.ListOffsetsRequest)
	for name, partitions := range q.asked {
		for _, p := range partitions {
			leader := l.leader(name, int(p))
			if leader < 0 {
				q.answers[name][p].err = errNoLeader
				continue
			}
			req := requests[leader]
			if req == nil {
				req = kmsg.NewPtrListOffsetsRequest()
				req.IsolationLevel = q.isolation
				requests[leader] = req
			}
			addPartition(req, name, p, q.when, len(partitions)/max(1, len(l.brokers))+1)
		}
	}
	out := make([]leaderRequest, 0, len(requests))
	for broker, req := range requests {
		out = append(out, leaderRequest{question: q, broker: broker, req: req})
	}
	return out
}

// addPartition adds a partition to the request's last topic, or to a new one with room
// for a fair share of the topic's partitions; the caller goes topic by topic.
func addPartition(req *kmsg.ListOffsetsRequest, name string, partition int32, when int64, share int) {
	last := len(req.Topics) - 1
	if last < 0 || req.Topics[last].Topic != name {
		t := kmsg.NewListOffsetsRequestTopic()
		t.Topic = name
		t.Partitions = make([]kmsg.ListOffsetsRequestTopicPartition, 0, share)
		req.Topics = append(req.Topics, t)
		last++
	}
	p := kmsg.NewListOffsetsRequestTopicPartition()
	p.Partition, p.Timestamp = partition, when
	req.Topics[last].Partitions = append(req.Topics[last].Partitions, p)
}

// askLeader sends one request to one broker and stores the answers. Each partition belongs to one
// request, so that concurrent requests write to different places.
func (r *Reader) askLeader(ctx context.Context, l *layout, lr leaderRequest) {
	ctx, cancel := context.WithTimeout(ctx, r.config.Timeout)
	defer cancel()
	resp, err := r.client.Broker(int(lr.broker)).Request(ctx, lr.req)
	if err != nil {
		lr.fail(&brokerError{broker: l.broker(lr.broker), cause: err})
		return
	}
	for _, t := range resp.(*kmsg.ListOffsetsResponse).Topics {
		of := lr.question.answers[t.Topic]
		for _, p := range t.Partitions {
			if p.Partition >= 0 && int(p.Partition) < len(of) {
				of[p.Partition] = asOffset(p)
			}
		}
	}
}

func asOffset(p kmsg.ListOffsetsResponseTopicPartition) offset {
	if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
		return offset{value: None, err: err}
	}
	// Kafka before 0.10.1 answers in another field, which this code does not read.
	if p.Offset < 0 {
		return offset{value: None, err: errNoAnswer}
	}
	return offset{value: p.Offset}
}

func (lr leaderRequest) fail(err error) {
	for _, t := range lr.req.Topics {
		of := lr.question.answers[t.Topic]
		for _, p := range t.Partitions {
			of[p.Partition] = offset{value: None, err: err}
		}
	}
}

// astray reduces the questions to the partitions for which another broker may have the answer.
func astray(questions []*question) []*question {
	var out []*question
	for _, q := range questions {
		again := &question{when: q.when, isolation: q.isolation, asked: make(map[string][]int32), answers: q.answers}
		for name, partitions := range q.asked {
			for _, p := range partitions {
				if elsewhere(q.answers[name][p].err) {
					again.asked[name] = append(again.asked[name], p)
				}
			}
		}
		if len(again.asked) > 0 {
			out = append(out, again)
		}
	}
	return out
}

// elsewhere reports whether an error may mean that the partition has moved or is gone.
func elsewhere(err error) bool {
	if err == nil {
		return false
	}
	answered, ok := errors.AsType[*kerr.Error](err)
	if !ok {
		return true
	}
	switch answered {
	case kerr.NotLeaderForPartition, kerr.UnknownTopicOrPartition, kerr.LeaderNotAvailable,
		kerr.ReplicaNotAvailable, kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch:
		return true
	}
	return false
}

// moved reduces them further: a broker that did not answer within its deadline is not asked a
// second time, unless the partition has a new leader.
func moved(questions []*question, before, now *layout) []*question {
	for _, q := range questions {
		for name, partitions := range q.asked {
			var open []int32
			for _, p := range partitions {
				err := q.answers[name][p].err
				if isTimeout(err) && before.leader(name, int(p)) == now.leader(name, int(p)) {
					continue
				}
				open = append(open, p)
			}
			q.asked[name] = open
		}
	}
	return questions
}

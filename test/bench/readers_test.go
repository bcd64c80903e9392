package bench

import (
	"context"
	"fmt"
	"sync"

	"github.com/IBM/sarama"
	"github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"
)

// pair is a group and the topic it reads.
type pair struct {
	group, topic string
	partitions   int32
}

// reader sweeps over all pairs and returns the total lag.
type reader interface {
	sweep(ctx context.Context) (int64, error)
	close()
}

type open func(brokers []string, net far, pairs []pair) (reader, error)

// ours is scalebot's own.
type ours struct {
	reader     *kafka.Reader
	components []scale.Component
}

func openOurs(brokers []string, net far, pairs []pair) (reader, error) {
	r, err := kafka.New(kafka.Config{Brokers: brokers, Dialer: net.DialContext})
	if err != nil {
		return nil, err
	}
	o := &ours{reader: r}
	for _, p := range pairs {
		o.components = append(o.components, scale.Component{Name: p.group, Group: p.group, Topics: []string{p.topic}, Reset: scale.ResetEarliest})
	}
	return o, nil
}

func (o *ours) sweep(ctx context.Context) (int64, error) {
	var total int64
	for name, r := range o.reader.Lags(ctx, o.components) {
		lag, ok := r.Get()
		if !ok || !lag.Complete() {
			return 0, fmt.Errorf("%s: %s %s", name, r.Why(), r.Note)
		}
		total += lag.Total
	}
	return total, nil
}

func (o *ours) close() { o.reader.Close() }

// theirs is kadm.Lag for all groups in one call.
type theirs struct {
	client *kgo.Client
	admin  *kadm.Client
	groups []string
}

func openKadm(brokers []string, net far, pairs []pair) (reader, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.Dialer(net.DialContext))
	if err != nil {
		return nil, err
	}
	t := &theirs{client: client, admin: kadm.NewClient(client)}
	for _, p := range pairs {
		t.groups = append(t.groups, p.group)
	}
	return t, nil
}

func (t *theirs) sweep(ctx context.Context) (int64, error) {
	lags, err := t.admin.Lag(ctx, t.groups...)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, l := range lags {
		if err := l.Error(); err != nil {
			return 0, err
		}
		total += l.Lag.Total()
	}
	return total, nil
}

func (t *theirs) close() { t.client.Close() }

// perGroup reads with sarama the way KEDA's scaler does: for every group the commits by
// the admin client, then the ends by one request per leader. Sixteen groups are read at
// a time, which is kinder than one scaler after the other.
type perGroup struct {
	client sarama.Client
	admin  sarama.ClusterAdmin
	pairs  []pair
	ends   func(topic string, ids []int32) (map[int32]int64, error)
}

func openSarama(brokers []string, net far, pairs []pair) (reader, error) {
	s, err := newPerGroup(brokers, net, pairs)
	if err != nil {
		return nil, err
	}
	s.ends = s.endsPerLeader
	return s, nil
}

// openExporter reads the ends as kafka_exporter does, with the call sarama offers for it:
// one request per partition. Sixteen are under way at a time, where the exporter reads
// the partitions of a topic one after the other.
func openExporter(brokers []string, net far, pairs []pair) (reader, error) {
	s, err := newPerGroup(brokers, net, pairs)
	if err != nil {
		return nil, err
	}
	s.ends = s.endsPerPartition
	return s, nil
}

func newPerGroup(brokers []string, net far, pairs []pair) (*perGroup, error) {
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	config.Net.Proxy.Enable = true
	config.Net.Proxy.Dialer = net
	client, err := sarama.NewClient(brokers, config)
	if err != nil {
		return nil, err
	}
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		return nil, err
	}
	return &perGroup{client: client, admin: admin, pairs: pairs}, nil
}

func (s *perGroup) sweep(ctx context.Context) (int64, error) {
	totals := make([]int64, len(s.pairs))
	all, _ := errgroup.WithContext(ctx)
	all.SetLimit(16)
	for i, p := range s.pairs {
		all.Go(func() (err error) {
			totals[i], err = s.lag(p)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return 0, err
	}
	var total int64
	for _, t := range totals {
		total += t
	}
	return total, nil
}

func (s *perGroup) lag(p pair) (int64, error) {
	ids := make([]int32, p.partitions)
	for i := range ids {
		ids[i] = int32(i)
	}
	committed, err := s.admin.ListConsumerGroupOffsets(p.group, map[string][]int32{p.topic: ids})
	if err != nil {
		return 0, err
	}
	ends, err := s.ends(p.topic, ids)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, id := range ids {
		block := committed.GetBlock(p.topic, id)
		if block == nil || block.Offset < 0 {
			return 0, fmt.Errorf("%s has no commit on partition %d", p.group, id)
		}
		total += ends[id] - block.Offset
	}
	return total, nil
}

func (s *perGroup) endsPerLeader(topic string, ids []int32) (map[int32]int64, error) {
	requests := make(map[*sarama.Broker]*sarama.OffsetRequest)
	for _, id := range ids {
		broker, err := s.client.Leader(topic, id)
		if err != nil {
			return nil, err
		}
		if requests[broker] == nil {
			requests[broker] = sarama.NewOffsetRequest(s.client.Config().Version)
		}
		requests[broker].AddBlock(topic, id, sarama.OffsetNewest, 1)
	}
	var mu sync.Mutex // guards out
	out := make(map[int32]int64, len(ids))
	var all errgroup.Group
	for broker, req := range requests {
		all.Go(func() error {
			resp, err := broker.GetAvailableOffsets(req)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for id, block := range resp.Blocks[topic] {
				if block.Err != sarama.ErrNoError {
					return block.Err
				}
				out[id] = block.Offset
			}
			return nil
		})
	}
	return out, all.Wait()
}

func (s *perGroup) close() { _ = s.admin.Close() }

func (s *perGroup) endsPerPartition(topic string, ids []int32) (map[int32]int64, error) {
	found := make([]int64, len(ids))
	var all errgroup.Group
	all.SetLimit(16)
	for i, id := range ids {
		all.Go(func() (err error) {
			found[i], err = s.client.GetOffset(topic, id, sarama.OffsetNewest)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	out := make(map[int32]int64, len(ids))
	for i, id := range ids {
		out[id] = found[i]
	}
	return out, nil
}

package demo

import (
	"context"
	"maps"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// commitWithin bounds one commit in wall time.
const commitWithin = 5 * time.Second

// commitByHand are the options of a client whose worker commits its offsets itself. The client's
// automatic commits wait for a rebalance on a mutex, and while anything waits on a mutex the fake
// clock of a synctest bubble stands still. The client still commits when it gives up partitions,
// which does not wait.
func commitByHand() []kgo.Opt {
	// From version 10 on, a commit names topics by ID; by name it needs no metadata request.
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(int16(kmsg.OffsetCommit), 9)
	return []kgo.Opt{kgo.AutoCommitMarks(), kgo.AutoCommitInterval(24 * time.Hour), kgo.MaxVersions(versions)}
}

// commitLoop commits what the worker has handled until the context ends.
func (w *worker) commitLoop(ctx context.Context) {
	ticker := w.clock.NewTicker(commitEvery, commitFloor)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.commit(ctx)
		}
	}
}

// commit sends one commit. It reads the generation before the offsets: if partitions move in
// between, the broker refuses the commit, which would otherwise overwrite the new owner's
// offsets. The next commit repeats a refused one.
func (w *worker) commit(ctx context.Context) {
	member, generation := w.client.GroupMetadata()
	marked := w.client.MarkedOffsets()
	if member == "" || same(marked, w.committed) {
		return
	}
	request := kmsg.NewPtrOffsetCommitRequest()
	request.Group, request.MemberID, request.Generation = w.component.group, member, generation
	for topic, partitions := range marked {
		t := kmsg.NewOffsetCommitRequestTopic()
		t.Topic = topic
		for partition, at := range partitions {
			p := kmsg.NewOffsetCommitRequestTopicPartition()
			p.Partition, p.Offset, p.LeaderEpoch = partition, at.Offset, at.Epoch
			t.Partitions = append(t.Partitions, p)
		}
		request.Topics = append(request.Topics, t)
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	response, err := request.RequestWith(ctx, w.client)
	if err == nil {
		err = refusal(response)
	}
	if err != nil {
		w.log.DebugContext(ctx, "a worker could not commit", "worker", w.name, "error", err)
		return
	}
	w.committed = marked
}

// refusal is the first error of a commit's answer.
func refusal(response *kmsg.OffsetCommitResponse) error {
	for _, t := range response.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return err
			}
		}
	}
	return nil
}

// offsets are what a worker has handled of each partition.
type offsets = map[string]map[int32]kgo.EpochOffset

// same reports that nothing was handled since the last commit.
func same(a, b offsets) bool {
	return maps.EqualFunc(a, b, maps.Equal[map[int32]kgo.EpochOffset])
}

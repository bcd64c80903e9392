package kafka

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// idPrefix marks a topic that was named by its id only.
const idPrefix = "topic id "

// classicAssignment decodes what the group's leader assigned to a member. Members of groups that
// are not consumers, such as Kafka Connect's, own no partitions; a member that has just joined
// has no assignment yet.
func classicAssignment(protocolType string, raw []byte) (map[string][]int32, error) {
	if protocolType != "consumer" || len(raw) == 0 {
		return nil, nil
	}
	var a kmsg.ConsumerMemberAssignment
	if err := a.ReadFrom(raw); err != nil {
		return nil, fmt.Errorf("decoding an assignment: %w", err)
	}
	owned := make(map[string][]int32, len(a.Topics))
	for _, t := range a.Topics {
		owned[t.Topic] = append(owned[t.Topic], t.Partitions...)
	}
	return owned, nil
}

// classicSubscription lists the topics a member of a classic group subscribed to when it joined.
// It is nil where the member did not use the consumers' own format.
func classicSubscription(protocolType string, raw []byte) []string {
	var asked kmsg.ConsumerMemberMetadata
	if protocolType != "consumer" || len(raw) == 0 || asked.ReadFrom(raw) != nil {
		return nil
	}
	return sorted(asked.Topics)
}

// consumerAssignment is what a member of a KIP-848 group owns now. It leaves out partitions that
// other members still have to give up.
func consumerAssignment(a kmsg.Assignment) map[string][]int32 {
	owned := make(map[string][]int32, len(a.TopicPartitions))
	for _, t := range a.TopicPartitions {
		own(owned, t.Topic, t.TopicID, t.Partitions)
	}
	return owned
}

// own adds partitions of a topic, which the broker identified by name or id.
func own(owned map[string][]int32, name string, id [16]byte, partitions []int32) {
	if name == "" {
		name = idPrefix + hex.EncodeToString(id[:])
	}
	owned[name] = append(owned[name], partitions...)
}

// nameTopics fills in the names of topics that a broker identified only by id. An unknown id is
// shown in place of the name.
func (r *Reader) nameTopics(ctx context.Context, groups map[string]found[description]) {
	names := make(map[string]string)
	for _, d := range groups {
		for _, m := range d.value.group.Members {
			for name := range m.Partitions {
				if len(name) == len(idPrefix)+32 && name[:len(idPrefix)] == idPrefix {
					names[name] = ""
				}
			}
		}
	}
	if len(names) == 0 {
		return
	}
	r.lookUp(ctx, names)
	for _, d := range groups {
		for _, m := range d.value.group.Members {
			rename(m.Partitions, names)
		}
	}
}

func rename(owned map[string][]int32, names map[string]string) {
	for id, name := range names {
		if partitions, ok := owned[id]; ok && name != "" {
			owned[name] = append(owned[name], partitions...)
			delete(owned, id)
		}
	}
}

// lookUp finds the names of topic ids in the layout, and asks the brokers for the rest.
func (r *Reader) lookUp(ctx context.Context, names map[string]string) {
	r.mu.Lock()
	known := r.layout
	r.mu.Unlock()
	if known != nil {
		for name, t := range known.topics {
			if id := idPrefix + hex.EncodeToString(t.id[:]); t.err == nil {
				if _, ok := names[id]; ok {
					names[id] = name
				}
			}
		}
	}
	var topics []kmsg.MetadataRequestTopic
	for id, name := range names {
		if name != "" {
			continue
		}
		t := kmsg.NewMetadataRequestTopic()
		if _, err := hex.Decode(t.TopicID[:], []byte(id[len(idPrefix):])); err == nil {
			topics = append(topics, t)
		}
	}
	if len(topics) == 0 {
		return
	}
	resp, err := r.metadata(ctx, topics)
	if err != nil {
		return // the ids are shown instead
	}
	for _, t := range resp.Topics {
		if t.Topic != nil && *t.Topic != "" && t.ErrorCode == 0 {
			names[idPrefix+hex.EncodeToString(t.TopicID[:])] = *t.Topic
		}
	}
}

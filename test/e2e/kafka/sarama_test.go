package kafka_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/IBM/sarama"
)

// independent reads lags with a client library of another author, in the plain way: end minus commit, and nothing where there is no commit.
type independent struct {
	client sarama.Client
	admin  sarama.ClusterAdmin
}

func newIndependent(t *testing.T, addresses []string) independent {
	t.Helper()
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	client, err := sarama.NewClient(addresses, config)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() }) // Closes the client as well.
	return independent{client, admin}
}

func (i independent) picture(group, topic string) (string, error) {
	partitions, err := i.client.Partitions(topic)
	if err != nil {
		return "", fmt.Errorf("listing partitions: %w", err)
	}
	commits, err := i.admin.ListConsumerGroupOffsets(group, map[string][]int32{topic: partitions})
	if err != nil {
		return "", fmt.Errorf("fetching commits: %w", err)
	}
	lags := make(map[int]string)
	for _, p := range partitions {
		end, err := i.client.GetOffset(topic, p, sarama.OffsetNewest)
		if err != nil {
			return "", fmt.Errorf("fetching the end: %w", err)
		}
		lags[int(p)] = "-"
		if block := commits.GetBlock(topic, p); block != nil && block.Offset >= 0 {
			lags[int(p)] = strconv.FormatInt(end-block.Offset, 10)
		}
	}
	return drawn(lags), nil
}

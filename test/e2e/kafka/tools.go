package kafka

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// toolTime is how long one of Kafka's tools may take, most of it for starting Java.
const toolTime = time.Minute

// ToolRow is one line of what `kafka-consumer-groups --describe` prints. A dash stands for what does not exist.
type ToolRow struct {
	Group, Topic, Partition, Committed, End, Lag string
}

// ConsumerGroups asks Kafka's own tool about all groups. Named groups would not do: one that does not exist makes the tool say nothing about
// the others.
func (c *Cluster) ConsumerGroups(ctx context.Context) ([]ToolRow, error) {
	out, err := c.Tool(ctx, "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
		"--bootstrap-server", strings.Join(c.Addresses(), ","), "--describe", "--all-groups")
	if err != nil {
		return nil, err
	}
	var rows []ToolRow
	for line := range strings.Lines(out) {
		if row, ok := toolRow(strings.Fields(line)); ok {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// toolRow reads the columns GROUP, TOPIC, PARTITION, CURRENT-OFFSET, LOG-END-OFFSET, LAG, CONSUMER-ID, HOST and CLIENT-ID.
func toolRow(f []string) (ToolRow, bool) {
	if len(f) < 8 || f[0] == "GROUP" {
		return ToolRow{}, false
	}
	return ToolRow{Group: f[0], Topic: f[1], Partition: f[2], Committed: f[3], End: f[4], Lag: f[5]}, true
}

// Tool runs one of Kafka's command line programs to its end and returns what it printed.
func (c *Cluster) Tool(ctx context.Context, class string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, toolTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.install.java, c.install.arguments("256m", class, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("running %s: %w\n%s", class, err, out)
	}
	return string(out), nil
}

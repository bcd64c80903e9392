package kafka

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/process"
)

// WordCountTopic is what the example application reads, and WordCountOutput what it writes; it does not make them.
const (
	WordCountTopic  = "streams-plaintext-input"
	WordCountOutput = "streams-wordcount-output"
)

// WordCount starts one instance of Kafka's example application with the group protocol of Kafka Streams (KIP-1071). dir keeps
// its state and its log.
func (c *Cluster) WordCount(dir, application, client string) (*process.Process, error) {
	config := filepath.Join(dir, "streams.properties")
	lines := []string{
		"bootstrap.servers=" + strings.Join(c.Addresses(), ","),
		"application.id=" + application,
		"client.id=" + client,
		"group.protocol=streams",
		"state.dir=" + filepath.Join(dir, "state"),
		"commit.interval.ms=500",
	}
	if err := os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("configuring a streams application: %w", err)
	}
	return process.Start(process.Spec{
		Name: "streams application " + client, Path: c.install.java,
		Args: c.install.arguments("256m", "org.apache.kafka.streams.examples.wordcount.WordCountDemo", config),
		Log:  filepath.Join(dir, "streams.log"),
	})
}

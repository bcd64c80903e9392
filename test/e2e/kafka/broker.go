package kafka

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/cache"
	"github.com/scalebot/scalebot/test/e2e/process"
)

// clusterID is any 16 bytes in base64.
const clusterID = "scalebot-e2e-clusterAA"

// PlainUser and PlainPassword are the one user of SASL PLAIN; users of SCRAM are added while the cluster runs.
const (
	PlainUser     = "plain-user"
	PlainPassword = "plain-password"
)

// broker is one Kafka server, controller and broker in one.
type broker struct {
	id                        int
	dir                       string
	open, guarded, controller int // ports
	running                   *process.Process
}

func (b *broker) address() string { return fmt.Sprintf("%s:%d", process.Loopback, b.open) }

func (b *broker) guardedAddress() string { return fmt.Sprintf("%s:%d", process.Loopback, b.guarded) }

func (b *broker) config() string { return filepath.Join(b.dir, "server.properties") }

// format prepares the empty data directory, without which a broker refuses to start.
func (b *broker) format(install Install) error {
	args := install.arguments("128m", "kafka.tools.StorageTool", "format", "--cluster-id", clusterID, "--config", b.config())
	return cache.Run(b.dir, install.java, nil, args...)
}

// properties is the broker's configuration. Rebalances and failovers are quick, because people wait for the tests.
func (b *broker) properties(voters string, brokers int) string {
	replicas, insync := 1, 1
	if brokers >= 3 {
		replicas, insync = 3, 2
	}
	lines := []string{
		"process.roles=broker,controller",
		fmt.Sprintf("node.id=%d", b.id),
		"controller.quorum.voters=" + voters,
		fmt.Sprintf("listeners=OPEN://%[1]s:%[2]d,GUARDED://%[1]s:%[3]d,CONTROLLER://%[1]s:%[4]d", process.Loopback, b.open, b.guarded, b.controller),
		fmt.Sprintf("advertised.listeners=OPEN://%[1]s:%[2]d,GUARDED://%[1]s:%[3]d", process.Loopback, b.open, b.guarded),
		"controller.listener.names=CONTROLLER",
		"inter.broker.listener.name=OPEN",
		"listener.security.protocol.map=CONTROLLER:PLAINTEXT,OPEN:PLAINTEXT,GUARDED:SASL_PLAINTEXT",
		"sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512",
		"listener.name.guarded.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
		fmt.Sprintf("listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=%q;", PlainUser, PlainPassword),
		"authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		"super.users=User:ANONYMOUS",
		"log.dirs=" + filepath.Join(b.dir, "data"),
		fmt.Sprintf("offsets.topic.replication.factor=%d", replicas),
		fmt.Sprintf("transaction.state.log.replication.factor=%d", replicas),
		fmt.Sprintf("transaction.state.log.min.isr=%d", insync),
		fmt.Sprintf("share.coordinator.state.topic.replication.factor=%d", replicas),
		fmt.Sprintf("share.coordinator.state.topic.min.isr=%d", insync),
		"share.coordinator.state.topic.num.partitions=3",
		"offsets.topic.num.partitions=3",
		"transaction.state.log.num.partitions=3",
		"auto.create.topics.enable=false",
		"group.initial.rebalance.delay.ms=0",
		"group.consumer.min.heartbeat.interval.ms=500",
		"group.consumer.heartbeat.interval.ms=500",
		"group.share.min.heartbeat.interval.ms=500",
		"group.share.heartbeat.interval.ms=500",
		"group.streams.min.heartbeat.interval.ms=500",
		"group.streams.heartbeat.interval.ms=500",
		"broker.heartbeat.interval.ms=500",
		"broker.session.timeout.ms=3000",
	}
	return strings.Join(lines, "\n") + "\n"
}

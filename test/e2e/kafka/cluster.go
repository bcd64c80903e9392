package kafka

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/test/e2e/process"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// startTime is how long brokers may take until they form a cluster; on two busy cores a minute has been seen.
const startTime = 3 * time.Minute

// Cluster is a running Kafka.
type Cluster struct {
	install Install
	brokers []*broker
}

// Start starts a cluster of one or three brokers that keeps its data and logs in dir, and waits until every broker is a member.
func Start(ctx context.Context, dir string, brokers int) (*Cluster, error) {
	install, err := Fetch(Version())
	if err != nil {
		return nil, err
	}
	c := &Cluster{install: install}
	if c.brokers, err = lay(dir, brokers); err != nil {
		return nil, err
	}
	if err := c.formatAll(); err != nil {
		return nil, err
	}
	for i := range c.brokers {
		if err := c.run(i); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	if err := c.Whole(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

func (c *Cluster) formatAll() error {
	errs := make([]error, len(c.brokers))
	var all sync.WaitGroup
	for i, b := range c.brokers {
		all.Go(func() { errs[i] = b.format(c.install) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// Addresses are the brokers' listeners that trust whoever connects.
func (c *Cluster) Addresses() []string {
	var out []string
	for _, b := range c.brokers {
		out = append(out, b.address())
	}
	return out
}

// GuardedAddresses are the brokers' listeners that ask for a user.
func (c *Cluster) GuardedAddresses() []string {
	var out []string
	for _, b := range c.brokers {
		out = append(out, b.guardedAddress())
	}
	return out
}

// Broker returns the id of the i-th broker, as metadata names it.
func (c *Cluster) Broker(i int) int32 { return int32(c.brokers[i].id) }

// Pid is the process of the i-th broker.
func (c *Cluster) Pid(i int) int { return c.brokers[i].running.Pid() }

// Kill ends the i-th broker as a crash does.
func (c *Cluster) Kill(i int) { c.brokers[i].running.Kill() }

// Restart starts the i-th broker, which must have been killed, on the same data and ports.
func (c *Cluster) Restart(ctx context.Context, i int) error {
	if err := c.run(i); err != nil {
		return err
	}
	return c.Whole(ctx)
}

// Whole waits until every broker is a member of the cluster; it gives up when one of them has ended.
func (c *Cluster) Whole(ctx context.Context) error {
	client, err := c.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	return process.Until(ctx, startTime, func(ctx context.Context) error {
		if err := c.ended(); err != nil {
			giveUp()
			return err
		}
		return c.members(ctx, client)
	})
}

// ended tells which broker has ended, if any has.
func (c *Cluster) ended() error {
	for _, b := range c.brokers {
		select {
		case <-b.running.Gone():
			return fmt.Errorf("broker %d of Kafka ended; it said:\n%s", b.id, b.running.Tail(20))
		default:
		}
	}
	return nil
}

// members checks that all brokers are members. It asks afresh: the client library answers from what it has seen in the last minutes.
func (c *Cluster) members(ctx context.Context, client *kgo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{}
	metadata, err := req.RequestWith(ctx, client)
	if err != nil {
		return fmt.Errorf("asking for the brokers: %w", err)
	}
	if got := len(metadata.Brokers); got != len(c.brokers) {
		return fmt.Errorf("%d of %d brokers are members", got, len(c.brokers))
	}
	return nil
}

// Client connects as the administrator.
func (c *Cluster) Client(options ...kgo.Opt) (*kgo.Client, error) {
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(c.Addresses()...), kgo.MetadataMinAge(50 * time.Millisecond), kgo.DisableClientMetrics(),
	}, options...)...)
	if err != nil {
		return nil, fmt.Errorf("connecting to Kafka: %w", err)
	}
	return client, nil
}

// Configure adds lines to the configuration of every broker; they hold from its next start on.
func (c *Cluster) Configure(lines ...string) error {
	for _, b := range c.brokers {
		now, err := os.ReadFile(b.config())
		if err == nil {
			err = os.WriteFile(b.config(), append(now, []byte(strings.Join(lines, "\n")+"\n")...), 0o600)
		}
		if err != nil {
			return fmt.Errorf("configuring a broker: %w", err)
		}
	}
	return nil
}

// Stop ends all brokers. Their data is thrown away, so they are not asked to end well.
func (c *Cluster) Stop() error {
	for _, b := range c.brokers {
		if b.running != nil {
			b.running.Kill()
		}
	}
	return nil
}

func (c *Cluster) run(i int) (err error) {
	b := c.brokers[i]
	b.running, err = process.Start(process.Spec{
		Name: fmt.Sprintf("Kafka broker %d", b.id), Path: c.install.java,
		Args: c.install.arguments("384m", "kafka.Kafka", b.config()),
		Log:  filepath.Join(b.dir, "broker.log"),
	})
	return err
}

// lay prepares the directories and the configuration of all brokers.
func lay(dir string, n int) ([]*broker, error) {
	ports, err := process.FreePorts(3 * n)
	if err != nil {
		return nil, err
	}
	brokers := make([]*broker, n)
	var voters []string
	for i := range brokers {
		b := &broker{id: i + 1, dir: filepath.Join(dir, fmt.Sprintf("broker-%d", i+1)), open: ports[3*i], guarded: ports[3*i+1], controller: ports[3*i+2]}
		voters = append(voters, fmt.Sprintf("%d@%s:%d", b.id, process.Loopback, b.controller))
		brokers[i] = b
	}
	for _, b := range brokers {
		if err := os.MkdirAll(b.dir, 0o755); err != nil {
			return nil, fmt.Errorf("laying out a broker: %w", err)
		}
		if err := os.WriteFile(b.config(), []byte(b.properties(strings.Join(voters, ","), n)), 0o600); err != nil {
			return nil, fmt.Errorf("laying out a broker: %w", err)
		}
	}
	return brokers, nil
}

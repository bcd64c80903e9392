package kafka

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/scalebot/scalebot/internal/scale"
)

// source is what readings name as their origin.
const source = scale.Broker

// Reader reads one Kafka cluster. It is safe for use by many goroutines.
type Reader struct {
	config Config
	client *kgo.Client
	dialer *dialer

	mu     sync.Mutex
	layout *layout // what is known of topics and leaders; replaced, never changed
	stale  bool    // the layout is known to be wrong and has to be read again
	// coordinators are the brokers that last answered for the groups.
	coordinators map[string]int32
	groups       map[string]memory // by group, what its last description said
	births       map[string]birth  // by topic

	calls sync.WaitGroup // requests in flight, including those nobody waits for any more
}

// New returns a reader. It does not connect: the first reading does. The error
// names every mistake in the configuration.
func New(c Config) (*Reader, error) {
	c, err := c.normal()
	if err != nil {
		return nil, err
	}
	d := newDialer(c)
	client, err := kgo.NewClient(c.options(d)...)
	if err != nil {
		return nil, fmt.Errorf("setting up the kafka client: %w", err)
	}
	return &Reader{config: c, client: client, dialer: d, coordinators: make(map[string]int32), groups: make(map[string]memory), births: make(map[string]birth)}, nil
}

// Close closes all connections and waits for the requests in flight.
func (r *Reader) Close() {
	r.client.Close()
	r.calls.Wait()
}

// Ping checks that one broker can be reached and accepts the credentials. The error is a
// *scale.Fault: unreachable when the network does not answer, rejected when TLS or the SASL
// mechanism does not match, forbidden for a wrong user name or password.
func (r *Reader) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*r.config.Timeout)
	defer cancel()
	answer := make(chan error, 1)
	r.calls.Go(func() { answer <- r.client.Ping(ctx) })
	select {
	case err := <-answer:
		if err != nil {
			return r.fault("connecting to Kafka", err)
		}
		return nil
	case <-ctx.Done():
		return r.fault("connecting to Kafka", ctx.Err())
	}
}

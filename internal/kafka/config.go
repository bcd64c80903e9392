package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// The SASL mechanisms a Config may name.
const (
	Plain       = "PLAIN"
	ScramSHA256 = "SCRAM-SHA-256"
	ScramSHA512 = "SCRAM-SHA-512"
)

const (
	defaultPort    = "9092"
	defaultTimeout = 3 * time.Second
)

// Config says how to reach a Kafka cluster.
type Config struct {
	// Brokers are the addresses to start from, "host:port" or "host" for port 9092.
	// One that answers is enough.
	Brokers []string
	// TLS makes the connections use TLS with the system's certificate authorities.
	TLS bool
	// SASLMechanism is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; empty means no
	// authentication.
	SASLMechanism string
	SASLUsername  string
	SASLPassword  string
	// Dialer opens the connections under TLS; nil means TCP.
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)
	// Clock gives the time for the age of readings and of the map of leaders.
	Clock pace.Clock
	// Log receives the messages of the client library; nil discards them.
	Log *slog.Logger
	// Timeout is how long one broker may take for one answer, in wall time; zero
	// means 3 s. A sweep asks all brokers at once.
	Timeout time.Duration
}

// normal checks the configuration, reports every mistake at once, and fills in defaults.
func (c Config) normal() (Config, error) {
	var wrong []error
	brokers, err := addresses(c.Brokers)
	wrong = append(wrong, err, c.checkSASL())
	if c.Timeout < 0 {
		wrong = append(wrong, fmt.Errorf("kafka timeout is %v, it must not be negative", c.Timeout))
	}
	c.Brokers = brokers
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Dialer == nil {
		c.Dialer = new(net.Dialer).DialContext
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, errors.Join(wrong...)
}

func addresses(brokers []string) ([]string, error) {
	var out []string
	for _, b := range brokers {
		b = strings.TrimSpace(b)
		if b == "" {
			continue
		}
		address, err := address(b)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no kafka broker is configured, at least one host:port is needed")
	}
	return out, nil
}

// address completes one broker address.
func address(b string) (string, error) {
	if strings.Contains(b, "://") {
		return "", fmt.Errorf("kafka broker %q is a URL, it must be host:port", b)
	}
	if !strings.Contains(b, ":") {
		b = net.JoinHostPort(b, defaultPort)
	}
	host, port, err := net.SplitHostPort(b)
	if err != nil {
		return "", fmt.Errorf("kafka broker %q is not host:port", b)
	}
	if n, err := strconv.Atoi(port); host == "" || err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("kafka broker %q is not host:port", b)
	}
	return b, nil
}

func (c Config) checkSASL() error {
	switch c.SASLMechanism {
	case "":
		if c.SASLUsername != "" || c.SASLPassword != "" {
			return errors.New("a kafka SASL user name or password is set, but no SASL mechanism")
		}
		return nil
	case Plain, ScramSHA256, ScramSHA512:
		if c.SASLUsername == "" || c.SASLPassword == "" {
			return fmt.Errorf("kafka SASL mechanism %s needs a user name and a password", c.SASLMechanism)
		}
		return nil
	default:
		return fmt.Errorf("kafka SASL mechanism %q is not supported, use %s, %s or %s",
			c.SASLMechanism, Plain, ScramSHA256, ScramSHA512)
	}
}

func (c Config) mechanism() sasl.Mechanism {
	switch c.SASLMechanism {
	case Plain:
		return plain.Auth{User: c.SASLUsername, Pass: c.SASLPassword}.AsMechanism()
	case ScramSHA256:
		return scram.Auth{User: c.SASLUsername, Pass: c.SASLPassword}.AsSha256Mechanism()
	case ScramSHA512:
		return scram.Auth{User: c.SASLUsername, Pass: c.SASLPassword}.AsSha512Mechanism()
	}
	return nil
}

// options are the client library's.
func (c Config) options(d *dialer) []kgo.Opt {
	opts := []kgo.Opt{
		kgo.SeedBrokers(c.Brokers...),
		kgo.ClientID("scalebot"),
		kgo.Dialer(d.dial),
		kgo.MaxVersions(versions()),
		kgo.RequestTimeoutOverhead(c.Timeout),
		kgo.RetryTimeout(c.Timeout),
		// Asking the next broker is a retry to the library, so every seed gets its turn.
		kgo.RequestRetries(max(2, len(c.Brokers))),
		kgo.RetryBackoffFn(func(int) time.Duration { return c.Timeout / 20 }),
		kgo.DisableClientMetrics(),
		kgo.WithLogger(logger{c.Log}),
	}
	if m := c.mechanism(); m != nil {
		opts = append(opts, kgo.SASL(m))
	}
	return opts
}

// versions limits OffsetFetch to version 9: from 10 on the answer names topics by
// id only, and looking the names up would cost a round trip in every sweep.
func versions() *kversion.Versions {
	v := kversion.Stable()
	v.SetMaxKeyVersion(kmsg.OffsetFetch.Int16(), 9)
	return v
}

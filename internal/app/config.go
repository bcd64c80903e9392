package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/sethvargo/go-envconfig"

	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/secret"
)

// Config is everything that comes from the environment. A secret may also come from a file, whose
// path is in the variable of the same name with _FILE appended.
type Config struct {
	SlackBotToken secret.Text `env:"SLACK_BOT_TOKEN"`
	SlackAppToken secret.Text `env:"SLACK_APP_TOKEN"`
	// SlackAPIURL is the Web API's base, ending in a slash.
	SlackAPIURL string `env:"SLACK_API_URL, default=https://slack.com/api/"`
	// SlackChannel is the id of the channel where alerts go.
	SlackChannel string `env:"SLACK_CHANNEL"`

	KafkaBrokers       []string    `env:"KAFKA_BROKERS"`
	KafkaTLS           bool        `env:"KAFKA_TLS"`
	KafkaSASLMechanism string      `env:"KAFKA_SASL_MECHANISM"`
	KafkaSASLUsername  string      `env:"KAFKA_SASL_USERNAME"`
	KafkaSASLPassword  secret.Text `env:"KAFKA_SASL_PASSWORD"`

	// Kubeconfig is a file; without one the pod's own service account is used.
	Kubeconfig string `env:"KUBECONFIG"`
	// Namespace is where workloads are unless the runbook file says otherwise, and
	// where operations are stored.
	Namespace string `env:"NAMESPACE, default=kafka-pipeline"`
	// PrometheusURL is empty when the workers are scraped instead.
	PrometheusURL string `env:"PROMETHEUS_URL"`
	// OnCallSources are asked who is on call, in this order: slack, pagerduty, list.
	OnCallSources     []string    `env:"ONCALL_SOURCES"`
	PagerDutyToken    secret.Text `env:"PAGERDUTY_TOKEN"`
	PagerDutySchedule string      `env:"PAGERDUTY_SCHEDULE"`
	PagerDutyURL      string      `env:"PAGERDUTY_URL"`

	// RunbookFile replaces numbers of the embedded runbook; empty means none.
	RunbookFile string `env:"RUNBOOK_FILE"`
	// Store is "kubernetes" or "memory".
	Store     string `env:"STORE, default=kubernetes"`
	HTTPAddr  string `env:"HTTP_ADDR, default=:8080"`
	LogLevel  string `env:"LOG_LEVEL, default=info"`
	LogFormat string `env:"LOG_FORMAT, default=json"`
}

// The places where operations may be stored.
const (
	StoreKubernetes = "kubernetes"
	StoreMemory     = "memory"
)

// secretFiles are the variables that may come from a file.
var secretFiles = []string{"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "KAFKA_SASL_PASSWORD", "PAGERDUTY_TOKEN"}

// Load reads the configuration and reports every mistake in it at once. lookup is
// os.LookupEnv outside of tests.
func Load(ctx context.Context, lookup func(string) (string, bool)) (Config, error) {
	values, err := withSecretFiles(lookup)
	if err != nil {
		return Config{}, err
	}
	var c Config
	if err := envconfig.ProcessWith(ctx, &envconfig.Config{Target: &c, Lookuper: values}); err != nil {
		return Config{}, fmt.Errorf("reading the environment: %w", err)
	}
	return c, c.check()
}

// lookuper adapts a function to envconfig. A variable with an empty value counts as not set: a
// Deployment may set one.
type lookuper func(string) (string, bool)

func (l lookuper) Lookup(key string) (string, bool) {
	value, ok := l(key)
	return value, ok && value != ""
}

func withSecretFiles(lookup func(string) (string, bool)) (lookuper, error) {
	fromFile := map[string]string{}
	var mistakes []error
	for _, key := range secretFiles {
		path, ok := lookup(key + "_FILE")
		if !ok || path == "" {
			continue
		}
		if direct, ok := lookup(key); ok && direct != "" {
			mistakes = append(mistakes, fmt.Errorf("%s and %s_FILE are both set; keep one", key, key))
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("reading %s_FILE: %w", key, err))
			continue
		}
		fromFile[key] = strings.TrimSpace(string(content))
	}
	return func(key string) (string, bool) {
		if value, ok := fromFile[key]; ok {
			return value, true
		}
		return lookup(key)
	}, errors.Join(mistakes...)
}

// check finds what is missing or cannot work.
func (c Config) check() error {
	var mistakes []error
	wrong := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	checkToken(wrong, "SLACK_BOT_TOKEN", c.SlackBotToken, "xoxb-", "the bot token from OAuth & Permissions")
	checkToken(wrong, "SLACK_APP_TOKEN", c.SlackAppToken, "xapp-", "an app-level token with the scope connections:write")
	if !strings.HasSuffix(c.SlackAPIURL, "/") || !isHTTP(c.SlackAPIURL) {
		wrong("SLACK_API_URL is %q; it must be an http(s) address ending in a slash", c.SlackAPIURL)
	}
	c.checkAddresses(wrong)
	switch c.KafkaSASLMechanism {
	case "", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512":
	default:
		wrong("KAFKA_SASL_MECHANISM is %q; it may be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", c.KafkaSASLMechanism)
	}
	if c.KafkaSASLMechanism != "" && (c.KafkaSASLUsername == "" || c.KafkaSASLPassword.IsZero()) {
		wrong("KAFKA_SASL_MECHANISM is set, but KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD is not")
	}
	if c.PrometheusURL != "" && !isHTTP(c.PrometheusURL) {
		wrong("PROMETHEUS_URL is %q; it must be an http(s) address", c.PrometheusURL)
	}
	c.checkDuty(wrong)
	if c.Store != StoreKubernetes && c.Store != StoreMemory {
		wrong("STORE is %q; it may be %s or %s", c.Store, StoreKubernetes, StoreMemory)
	}
	if c.LogFormat != "json" && c.LogFormat != "text" {
		wrong("LOG_FORMAT is %q; it may be json or text", c.LogFormat)
	}
	if _, err := c.level(); err != nil {
		wrong("LOG_LEVEL is %q; it may be debug, info, warn or error", c.LogLevel)
	}
	if c.RunbookFile != "" {
		// Mistakes in the runbook file belong in the same list, so that people see all mistakes
		// at once.
		if _, err := runbook.Load(c.RunbookFile); err != nil {
			wrong("RUNBOOK_FILE cannot be used:\n%w", err)
		}
	}
	return errors.Join(mistakes...)
}

// channelForm matches Slack's channel ids.
var channelForm = regexp.MustCompile(`^[CG][A-Z0-9]{2,}$`)

// checkAddresses finds addresses and ids that cannot be right.
func (c Config) checkAddresses(wrong func(string, ...any)) {
	switch {
	case c.SlackChannel == "":
		wrong("SLACK_CHANNEL is not set; it is the id of the channel where alerts go, such as C0123456789")
	case !channelForm.MatchString(c.SlackChannel):
		wrong("SLACK_CHANNEL is %q; it must be the channel's id, such as C0123456789, and not its name", c.SlackChannel)
	}
	if len(c.KafkaBrokers) == 0 {
		wrong("KAFKA_BROKERS is not set; it is a comma separated list of host:port")
	}
	for _, broker := range c.KafkaBrokers {
		if host := strings.TrimSpace(broker); host == "" || strings.Contains(host, "/") {
			wrong("KAFKA_BROKERS has %q; each entry must be host:port, without a scheme", broker)
		}
	}
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		wrong("HTTP_ADDR is %q; it must be host:port or :port, such as :8080", c.HTTPAddr)
	}
}

func checkToken(wrong func(string, ...any), name string, token secret.Text, prefix, what string) {
	switch {
	case token.IsZero():
		wrong("%s is not set; it is %s", name, what)
	case !strings.HasPrefix(token.Reveal(), prefix):
		wrong("%s does not start with %s; it must be %s", name, prefix, what)
	}
}

func isHTTP(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func (c Config) level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(c.LogLevel))
	return level, err
}

// Logger makes the structured logger the configuration asks for.
func (c Config) Logger(w interface{ Write([]byte) (int, error) }) *slog.Logger {
	level, _ := c.level()
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

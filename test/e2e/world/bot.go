package world

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/scalebot/scalebot/test/e2e/process"
)

// Channel is where the bot's alerts go.
const Channel = "C0INCIDENT"

// Bot is one replica of the bot.
type Bot struct {
	*process.Process
	// URL is where its probes and metrics are.
	URL string
}

// Environment is what `scalebot run` needs to live in this world.
func (w *World) Environment() ([]string, error) {
	env := []string{
		"SLACK_BOT_TOKEN=xoxb-lab", "SLACK_APP_TOKEN=xapp-lab", "SLACK_API_URL=" + w.Slack + "/api/", "SLACK_CHANNEL=" + Channel,
		"KAFKA_BROKERS=" + strings.Join(w.Kafka.GuardedAddresses(), ","),
		"KAFKA_SASL_MECHANISM=SCRAM-SHA-512", "KAFKA_SASL_USERNAME=" + kafkaUser, "KAFKA_SASL_PASSWORD=" + kafkaPassword,
		"KUBECONFIG=" + w.kubeconfig, "PROMETHEUS_URL=" + w.PrometheusURL(),
	}
	if w.options.Runbook == "" {
		return env, nil
	}
	path := filepath.Join(w.dir, "runbook.yaml")
	if err := os.WriteFile(path, []byte(w.options.Runbook), 0o644); err != nil {
		return nil, fmt.Errorf("writing the runbook file: %w", err)
	}
	return append(env, "RUNBOOK_FILE="+path), nil
}

// StartBot starts a replica of the bot under a name and waits until it is ready.
func (w *World) StartBot(ctx context.Context, name string) (*Bot, error) {
	env, err := w.Environment()
	if err != nil {
		return nil, err
	}
	ports, err := process.FreePorts(1)
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("%s:%d", process.Loopback, ports[0])
	p, err := w.run(process.Spec{Name: name, Path: w.programs.scalebot, Args: []string{"run"}, Env: append(env, "HTTP_ADDR="+address, "LOG_LEVEL=debug")})
	if err != nil {
		return nil, err
	}
	bot := &Bot{Process: p, URL: "http://" + address}
	w.writeTargets(name, []targets{{[]string{address}, map[string]string{"bot": name}}})
	return bot, p.Until(ctx, 2*time.Minute, func(ctx context.Context) error { return answers(ctx, bot.URL+"/readyz") })
}

// Metric reads one series of the bot's own metrics, written as it stands there; it is negative when there is none.
func (b *Bot) Metric(ctx context.Context, series string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.URL+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("reading the bot's metrics: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, fmt.Errorf("reading the bot's metrics: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			var value float64
			_, err := fmt.Sscan(rest, &value)
			return value, err
		}
	}
	return -1, nil
}

// Doctor runs `scalebot doctor` in the bot's environment and returns what it printed.
func (w *World) Doctor(ctx context.Context) (string, error) {
	env, err := w.Environment()
	if err != nil {
		return "", err
	}
	return output(ctx, env, w.programs.scalebot, "doctor")
}

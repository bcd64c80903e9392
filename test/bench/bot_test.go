package bench

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// bot is a running `scalebot run`.
type bot struct {
	*child
	url   string
	ready time.Duration // from the exec to the first 200 of /readyz.
}

// surroundings is what the bot is connected to, all on loopback.
type surroundings struct {
	program, slack, kubernetes, kubeconfig, runbook string
	brokers                                         []string
}

// around starts Slack and an API server beside the brokers, for a fleet with the given
// deployments.
func around(tb testing.TB, brokers, deployments []string) surroundings {
	tb.Helper()
	s := surroundings{program: program(tb), brokers: brokers, kubeconfig: filepath.Join(tb.TempDir(), "kubeconfig")}
	s.slack = startSlack(tb, s.program)
	api, out := spawn(tb, os.Args[0], nil, []string{serve + "=kubernetes", "BENCH_DEPLOYMENTS=" + strings.Join(deployments, ",")})
	line, err := out.ReadString('\n')
	if err != nil {
		tb.Fatalf("waiting for the API server: %v\n%s", err, api.said)
	}
	s.kubernetes = strings.TrimSpace(line)
	write(tb, s.kubeconfig, fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: bench
clusters: [{name: bench, cluster: {server: %q}}]
users: [{name: bench, user: {}}]
contexts: [{name: bench, context: {cluster: bench, user: bench}}]
`, s.kubernetes))
	return s
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// fleet writes a runbook file with 500 components and nothing else.
func fleet(tb testing.TB) string {
	tb.Helper()
	var b strings.Builder
	b.WriteString("components:\n")
	for _, name := range []string{"event-ingester", "download-worker", "result-processor", "dlq-handler", "retry-scheduler"} {
		fmt.Fprintf(&b, "  - {name: %s, remove: true}\n", name)
	}
	topics, groups := names("topic"), names("group")
	for i, name := range names("worker") {
		fmt.Fprintf(&b, "  - {name: %s, deployment: %s, selector: app=%s, group: %s, topics: [%s], reset: earliest, min: 1, low: 2, high: 12}\n",
			name, name, name, groups[i], topics[i])
	}
	path := filepath.Join(tb.TempDir(), "runbook.yaml")
	write(tb, path, b.String())
	return path
}

// environment is what the program is configured with.
func (s surroundings) environment() []string {
	return []string{
		"SLACK_BOT_TOKEN=xoxb-bench", "SLACK_APP_TOKEN=xapp-bench", "SLACK_API_URL=" + s.slack + "/api/", "SLACK_CHANNEL=C0INCIDENT",
		"KAFKA_BROKERS=" + strings.Join(s.brokers, ","), "KUBECONFIG=" + s.kubeconfig, "RUNBOOK_FILE=" + s.runbook,
		"STORE=memory", "LOG_LEVEL=warn",
	}
}

// start runs the bot and waits until it says that it is ready; more changes its environment.
func (s surroundings) start(tb testing.TB, more ...string) *bot {
	tb.Helper()
	address := freeAddress(tb)
	began := time.Now()
	process, _ := spawn(tb, s.program, []string{"run"}, slices.Concat(s.environment(), []string{"HTTP_ADDR=" + address}, more))
	b := &bot{child: process, url: "http://" + address}
	for {
		status, body := get(tb.Context(), b.url+"/readyz")
		switch {
		case status == 200:
			b.ready = time.Since(began)
			return b
		case time.Since(began) > 30*time.Second:
			tb.Fatalf("not ready after 30 s: %s\n%s", body, b.said)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// freeAddress is an address that was free a moment ago.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// memory reads a line of /proc/<pid>/status in MiB: VmRSS is what is resident now,
// VmHWM what was at most.
func (b *bot) memory(tb testing.TB, field string) float64 {
	tb.Helper()
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", b.cmd.Process.Pid))
	if err != nil {
		tb.Skipf("resident memory is read from /proc: %v", err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == field+":" {
			kib, err := strconv.ParseFloat(words[1], 64)
			if err != nil {
				tb.Fatal(err)
			}
			return kib / 1024
		}
	}
	tb.Fatalf("there is no %s in %s", field, file.Name())
	return 0
}

// lags is how many components' lag the bot knows, and whether all of them are right.
func (b *bot) lags(ctx context.Context) (known int, right bool) {
	_, body := get(ctx, b.url+"/metrics")
	want := strconv.Itoa(partitions * behind)
	right = true
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "scalebot_component_lag_messages{") {
			known++
			right = right && strings.HasSuffix(strings.TrimSpace(line), " "+want)
		}
	}
	return known, right
}

// deployments is of how many components the bot knows the replicas.
func (b *bot) deployments(ctx context.Context) int {
	_, body := get(ctx, b.url+"/metrics")
	return strings.Count(body, "scalebot_component_replicas{")
}

package world

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/scalebot/scalebot/test/e2e/cache"
	"github.com/scalebot/scalebot/test/e2e/cluster"
	"github.com/scalebot/scalebot/test/e2e/process"
)

// prometheusConfig scrapes whoever is in the directory of targets, often, so that short windows are filled.
const prometheusConfig = `
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: everything
    file_sd_configs:
      - files: [%q]
        refresh_interval: 1s
`

// targets is one file of Prometheus' service discovery.
type targets struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

func (w *World) startPrometheus(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(w.dir, "targets"), 0o755); err != nil {
		return fmt.Errorf("starting Prometheus: %w", err)
	}
	config := fmt.Sprintf(prometheusConfig, filepath.Join(w.dir, "targets", "*.json"))
	if err := os.WriteFile(w.prometheusFile(), []byte(config), 0o644); err != nil {
		return fmt.Errorf("starting Prometheus: %w", err)
	}
	ports, err := process.FreePorts(1)
	if err != nil {
		return err
	}
	w.prometheus = fmt.Sprintf("%s:%d", process.Loopback, ports[0])
	return w.StartPrometheus(ctx)
}

func (w *World) prometheusFile() string { return filepath.Join(w.dir, "prometheus.yml") }

// PrometheusURL is where Prometheus is, or would be.
func (w *World) PrometheusURL() string { return "http://" + w.prometheus }

// StartPrometheus starts Prometheus, which keeps its address and its data when it was stopped before.
func (w *World) StartPrometheus(ctx context.Context) error {
	path, err := cache.Need("prometheus", "Debian's package prometheus")
	if err != nil {
		return err
	}
	p, err := w.run(process.Spec{Name: "prometheus", Path: path, Args: []string{
		"--config.file=" + w.prometheusFile(), "--storage.tsdb.path=" + filepath.Join(w.dir, "prometheus"),
		"--web.listen-address=" + w.prometheus, "--log.level=warn",
	}})
	if err != nil {
		return err
	}
	w.prom = p
	return p.Until(ctx, time.Minute, func(ctx context.Context) error { return answers(ctx, w.PrometheusURL()+"/-/ready") })
}

// StopPrometheus ends Prometheus as a crash does.
func (w *World) StopPrometheus() { w.prom.Kill() }

// announceTargets tells Prometheus which workers a crew has; the crew is locked.
func (w *World) announceTargets(c *Crew) {
	if c.component.Streams {
		return
	}
	all := make([]targets, 0, len(c.members))
	for pod, m := range c.members {
		for i := range max(1, c.component.Targets) {
			// As monitors do that select the same pod, and such as name its port twice.
			job, endpoint := fmt.Sprint("monitor-", i/2), fmt.Sprint("port-", i%2)
			all = append(all, targets{[]string{m.metrics}, map[string]string{"namespace": cluster.Namespace, "pod": pod, "job": job, "endpoint": endpoint}})
		}
	}
	w.writeTargets(c.component.Name, all)
}

// writeTargets replaces a file at once: Prometheus must not read half of one.
func (w *World) writeTargets(name string, all []targets) {
	data, err := json.Marshal(all)
	if err != nil {
		panic(err) // Strings can always be encoded.
	}
	final := filepath.Join(w.dir, "targets", name+".json")
	if os.WriteFile(final+".new", data, 0o644) == nil {
		_ = os.Rename(final+".new", final) // Without it Prometheus scrapes whom it knew.
	}
}

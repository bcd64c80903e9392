package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/metrics"
	book "github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/cluster"
)

// severalTargets: Prometheus scrapes every pod of image-resizer three times, as two monitors that select the same pods make it do, one of which names
// the port twice. What the bot asks for counts each pod once, where a plain sum has everything three times (T-28).
func severalTargets(t *testing.T) {
	const window = 20 * time.Second
	source, err := metrics.NewPrometheus(real.PrometheusURL(), metrics.Options{Window: window})
	if err != nil {
		t.Fatal(err)
	}
	c, known := book.Default().Component("download-worker")
	if !known {
		t.Fatal("the embedded runbook has no download-worker")
	}
	c.Name, c.Namespace = "image-resizer", cluster.Namespace
	until(t, soon, "the pods to be counted once", func(ctx context.Context) error {
		var pods []scale.Pod
		for _, name := range strings.Fields(kubectl(t, "get", "pods", "-l", "app=image-resizer", "-o", "jsonpath={.items[*].metadata.name}")) {
			pods = append(pods, scale.Pod{Name: name, Ready: true})
		}
		plain, err := sum(ctx, fmt.Sprintf(`sum(rate(kafka_messages_consumed_total{pod=~"image-resizer-.*"}[%.0fs]))`, window.Seconds()))
		if err != nil {
			return err
		}
		signals := source.Signals(ctx, c, pods)
		once, known := signals.Throughput.Get()
		breaker, _ := signals.Breaker.Get()
		if !known || plain <= 0 || math.Abs(plain/once-3) > 0.5 || breaker.Of != len(pods) || signals.Throughput.Note+signals.Breaker.Note != "" {
			return fmt.Errorf("throughput %v, where a plain sum is %.3g, and breakers %v, want a third of the sum and those of %d pods", signals.Throughput, plain, signals.Breaker, len(pods))
		}
		return nil
	})
}

// sum asks Prometheus for one number.
func sum(ctx context.Context, query string) (float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, real.PrometheusURL()+"/api/v1/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return 0, err
	}
	if len(answer.Data.Result) != 1 {
		return 0, fmt.Errorf("Prometheus answers %v to %s", answer.Data.Result, query)
	}
	return strconv.ParseFloat(fmt.Sprint(answer.Data.Result[0].Value[1]), 64)
}

package metrics_test

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/scalebot/scalebot/internal/scale"
)

// library is the worker of the embedded runbook, by whose names the pages were made.
func library() scale.Component {
	c := worker()
	c.Metrics.Consumed.Name, c.Metrics.Errors.Name = "kafka_messages_consumed_total", "kafka_processing_errors_total"
	c.Metrics.Latency.Name, c.Metrics.Download.Name = "processing_duration_seconds", "download_duration_seconds"
	c.Metrics.Breaker.Name, c.Metrics.Writes.Name = "circuit_breaker_open", "delta_writes_total"
	return c
}

// fixture is a page of a library, as an answer with its Content-Type, and what Prometheus
// read from it.
func fixture(t *testing.T, library string, number int) (answer string, read map[string]float64) {
	t.Helper()
	file := filepath.Join("testdata", "pages", fmt.Sprintf("%s.%d", library, number))
	page, err := os.ReadFile(file + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	kind := "text/plain; version=0.0.4; charset=utf-8"
	if library == "rust" || strings.HasSuffix(library, "openmetrics") {
		kind = "application/openmetrics-text; version=1.0.0; charset=utf-8"
	}
	reading, err := os.Open(file + ".prometheus")
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	read = make(map[string]float64)
	for lines := bufio.NewScanner(reading); lines.Scan(); {
		at := strings.LastIndexByte(lines.Text(), ' ')
		if read[lines.Text()[:at]], err = strconv.ParseFloat(lines.Text()[at+1:], 64); err != nil {
			t.Fatal(err)
		}
	}
	return kind + "\n\n" + string(page), read
}

// grew is how much the series whose name begins so have grown in what Prometheus read.
func grew(before, after map[string]float64, name string) float64 {
	sum := 0.0
	for series, value := range after {
		if base, _, _ := strings.Cut(series, "{"); base == name {
			sum += value - before[series]
		}
	}
	return sum
}

// What the scraper makes of a page is what Prometheus makes of it.
func TestPagesOfLibraries(t *testing.T) { // T-19, T-28
	const native, summary, none = "unknown: download_duration_seconds has no classic buckets", "unknown: download_duration_seconds is not a histogram",
		"unknown: no pod exposes download_duration_seconds"
	for name, download := range map[string]string{
		"go": native, "go-openmetrics": native, "java": native, "java-openmetrics": native,
		"micrometer": summary, "micrometer-openmetrics": summary,
		"python": none, "python-openmetrics": none, "python-processes": none, "node": none, "rust": none, "jmx": none,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, before := fixture(t, name, 1)
				second, after := fixture(t, name, 2)
				got := looks(t, library(), first, second)
				rate := grew(before, after, "kafka_messages_consumed_total") / 10
				check(t, "throughput", got.Throughput, fmt.Sprintf("%.4g", rate))
				timeouts := grew(before, after, "kafka_processing_errors_total") / 10
				check(t, "errors", got.Errors, fmt.Sprintf("{Share:%v Timeouts:%v Kinds:map[timeout:%v]}", timeouts/rate, timeouts/rate, timeouts))
				spent := grew(before, after, "processing_duration_seconds_sum") / 10
				if v, ok := got.Busy.Get(); name != "jmx" && (!ok || math.Abs(v-spent) > 1e-9) {
					t.Errorf("busy is %s, want %v", draw(got.Busy), spent)
				}
				if name != "jmx" { // between 0.25 and 0.5 s, by the buckets
					check(t, "latency", got.Latency, "0.4875")
				}
				check(t, "download", got.Download, download)
				breakers := 0
				for series := range after {
					if strings.HasPrefix(series, "circuit_breaker_open") {
						breakers++
					}
				}
				check(t, "breaker", got.Breaker, fmt.Sprintf("{Open:0 Of:%d}", breakers))
				if len(got.Remarks) > 0 {
					t.Errorf("skipped of a page that Prometheus reads whole: %q", got.Remarks)
				}
			})
		})
	}
}

package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"github.com/scalebot/scalebot/internal/metrics"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// pagesOf is how many pods serve pages of just under the size that is read at most.
	pagesOf   = 14
	pageLimit = 4 << 20
	// readerOf names, in the environment of a child, the reader it is and where the pages are.
	readerOf = "BENCH_PAGES"
)

// BenchmarkPages compares the memory that it takes to read the metrics pages of 14 pods, each
// just under the limit: scalebot's reader, which streams them and keeps what is wanted, and
// one that reads each page whole into metric families, as scalebot's did once. Each runs in a
// process of its own, whose peak is taken from the kernel.
func BenchmarkPages(b *testing.B) {
	for name, line := range map[string]func(i int) string{
		"ordinary": func(i int) string {
			return fmt.Sprintf("http_requests_total{code=\"200\",handler=\"/api/%d\",method=\"get\"} %d\n", i, i)
		},
		"worst": func(i int) string { return fmt.Sprintf("%c%x 1\n", 'g'+i%16, i) },
	} {
		page := fullPage(line)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) }))
		defer server.Close()
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				none := peakOfReader(b, "none", server.URL)
				ours, whole := peakOfReader(b, "scalebot", server.URL), peakOfReader(b, "whole", server.URL)
				b.ReportMetric(ours, "MiB-scalebot")
				b.ReportMetric(whole, "MiB-whole-page")
				b.ReportMetric((whole-none)/(ours-none), "times-less")
				if ours > 100 {
					b.Errorf("the peak is %.0f MiB, want at most 100", ours)
				}
			}
		})
	}
}

func fullPage(line func(i int) string) []byte {
	var page bytes.Buffer
	for i := 0; page.Len() < pageLimit-100; i++ {
		page.WriteString(line(i))
	}
	return page.Bytes()
}

// peakOfReader runs this program again as a reader and returns its peak of resident memory,
// in MiB.
func peakOfReader(b *testing.B, reader, url string) float64 {
	b.Helper()
	child := exec.CommandContext(b.Context(), os.Args[0], "-test.run", "^TestReadPages$", "-test.v")
	child.Env = append(os.Environ(), readerOf+"="+reader+" "+url)
	out, err := child.CombinedOutput()
	if err != nil {
		b.Fatalf("reading with %s: %v\n%s", reader, err, out)
	}
	_, after, _ := strings.Cut(string(out), "peak=")
	kib, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		b.Fatalf("%s\n%s", err, out)
	}
	return kib / 1024
}

// TestReadPages is the reader that BenchmarkPages measures; by itself it does nothing.
func TestReadPages(t *testing.T) {
	reader, url, ok := strings.Cut(os.Getenv(readerOf), " ")
	if !ok {
		t.Skip("it is a part of BenchmarkPages")
	}
	switch reader {
	case "scalebot":
		readStreaming(t, url)
	case "whole":
		readWhole(t, url)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Printf("peak=%s\n", strings.Fields(after)[0])
}

func readStreaming(t *testing.T, url string) {
	s, err := metrics.NewScraper(metrics.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var pods []scale.Pod
	for i := range pagesOf {
		pods = append(pods, scale.Pod{Name: fmt.Sprintf("worker-%d", i), Ready: true, Address: strings.TrimPrefix(url, "http://")})
	}
	c := scale.Component{Name: "worker", Metrics: scale.Metrics{
		Consumed: scale.Metric{Name: "consumed_total"}, Errors: scale.Metric{Name: "errors_total"}, Latency: scale.Metric{Name: "latency_seconds"}}}
	why, read := "", 0
	for range 30 { // on a busy machine some pages are not read within their deadline.
		got := s.Signals(t.Context(), c, pods).Throughput
		if why = got.Why(); why != "no pod exposes consumed_total" {
			continue
		}
		some := 0
		if _, err := fmt.Sscanf(got.Source, "%d of", &some); err != nil {
			t.Fatal(err)
		}
		if read += some; read >= 2*pagesOf {
			return
		}
	}
	t.Fatalf("%d pages were read: %s", read, why)
}

// readWhole reads up to eight pages at a time into metric families.
func readWhole(t *testing.T, url string) {
	for range 2 {
		all, ctx := errgroup.WithContext(t.Context())
		all.SetLimit(8)
		for range pagesOf {
			all.Go(func() error { return readFamilies(ctx, url) })
		}
		if err := all.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}

func readFamilies(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, pageLimit+1))
	if err != nil {
		return err
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if len(families) == 0 {
		return errors.New("the page has no families")
	}
	return err
}

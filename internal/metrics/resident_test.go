package metrics_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"
)

const justUnder = 4<<20 - 100

// kindsOfLargePages are lines that fill a page; the number makes each of them another.
var kindsOfLargePages = map[string]func(i int) string{
	"metrics of short names": func(i int) string { return fmt.Sprintf("%c%x 1\n", 'g'+i%16, i) },
	"ordinary lines": func(i int) string {
		return fmt.Sprintf("http_requests_total{code=\"200\",handler=\"/api/%d\",method=\"get\"} %d\n", i, i)
	},
	"wanted kinds":   func(i int) string { return fmt.Sprintf("errors_total{kind=\"%d\"} 1\n", i) },
	"wanted buckets": func(i int) string { return fmt.Sprintf("latency_seconds_bucket{n=\"%d\",le=\"%d\"} 1\n", i/400, i%400) },
	"long lines":     func(i int) string { return fmt.Sprintf("other{n=\"%0400000d\"} 1\n", i) },
}

// pageOf is a page of such lines, of just under the limit.
func pageOf(line func(i int) string) []byte {
	page := make([]byte, 0, justUnder)
	for i := 0; ; i++ {
		next := line(i)
		if len(page)+len(next) > justUnder {
			return page
		}
		page = append(page, next...)
	}
}

// largePods is how many pods serve large pages. A few tell what one costs; .ci/run has the
// fleet of 14 for which the limit is made.
var largePods = flag.Int("large.pods", 4, "how many pods TestMemoryOfLargePages has; 14 is the whole fleet")

// The memory that reading takes depends on what is wanted, and not on what pods serve: 100
// MiB for 14 pods, and their share for fewer.
func TestMemoryOfLargePages(t *testing.T) {
	most := uint64(*largePods) * 100 << 20 / 14
	for name, line := range kindsOfLargePages {
		t.Run(name, func(t *testing.T) {
			// It is there before the measurement begins, and every pod serves the same one.
			page := pageOf(line)
			s := scraperOf(t, &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(page)), Request: r}, nil
			})})
			var names []string
			for i := range *largePods {
				names = append(names, fmt.Sprintf("pod-%d", i))
			}
			peak := peakOf(func() {
				s.Signals(t.Context(), worker(), pods(names...))
			})
			t.Logf("the heap grew by %.1f MiB", float64(peak)/(1<<20))
			if peak > most {
				t.Errorf("the heap grew to %d MiB, want at most %d", peak>>20, most>>20)
			}
		})
	}
}

// peakOf is the largest heap that is seen while f runs, beyond the one before.
func peakOf(f func()) uint64 {
	runtime.GC()
	heap := func() uint64 {
		read := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
		metrics.Read(read)
		return read[0].Value.Uint64() + read[1].Value.Uint64()
	}
	before, peak := heap(), uint64(0)
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				peak = max(peak, heap())
			}
		}
	})
	f()
	close(done)
	watching.Wait()
	return peak - min(peak, before)
}

package metrics_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"
)

// large is a page of just under the limit, made line by line as it is read.
type large struct {
	line func(i int) string
	i    int
	left int
	rest []byte
}

func (l *large) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		line := l.line(l.i)
		if l.left -= len(line); l.left < 0 {
			return 0, io.EOF
		}
		l.i++
		l.rest = []byte(line)
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func (*large) Close() error { return nil }

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

// The memory that reading takes depends on what is wanted, and not on what pods serve.
func TestMemoryOfLargePages(t *testing.T) {
	const pods14, most = 14, 100 << 20
	for name, line := range kindsOfLargePages {
		t.Run(name, func(t *testing.T) {
			s := scraperOf(t, &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: &large{line: line, left: justUnder}, Request: r}, nil
			})})
			var names []string
			for i := range pods14 {
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

package metrics_test

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/metrics"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/scale"
)

// transport serves requests in memory, by host.
type transport func(r *http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// fleet is a set of pods that serve metrics pages; a pod may have a handler instead.
type fleet struct {
	pages    map[string]string
	handlers map[string]http.HandlerFunc
	inFlight atomic.Int32
	most     atomic.Int32
}

func (f *fleet) client() *http.Client {
	return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		n := f.inFlight.Add(1)
		defer f.inFlight.Add(-1)
		for old := f.most.Load(); n > old && !f.most.CompareAndSwap(old, n); old = f.most.Load() {
		}
		name, _, _ := strings.Cut(r.URL.Host, ":")
		if h := f.handlers[name]; h != nil {
			w := httptest.NewRecorder()
			h(w, r)
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			return w.Result(), nil
		}
		page, ok := f.pages[name]
		if !ok {
			return nil, io.ErrUnexpectedEOF
		}
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(page)), Request: r}, nil
	})}
}

func pods(names ...string) []scale.Pod {
	var out []scale.Pod
	for _, name := range names {
		out = append(out, scale.Pod{Name: name, Ready: true, Current: true, Address: name + ":8000/metrics"})
	}
	return out
}

// worker is the component the pages below are about.
func worker() scale.Component {
	return scale.Component{Name: "worker", Metrics: scale.Metrics{
		Consumed:     scale.Metric{Name: "consumed_total", Kind: scale.Counter},
		Errors:       scale.Metric{Name: "errors_total", Kind: scale.Counter},
		ErrorKind:    "kind",
		TimeoutKinds: []string{"timeout"},
		Latency:      scale.Metric{Name: "latency_seconds", Kind: scale.Histogram},
		Breaker:      scale.Metric{Name: "breaker_open", Kind: scale.Gauge},
		BreakerOpen:  1,
		Writes:       scale.Metric{Name: "writes_total", Kind: scale.Counter},
	}}
}

func newScraper(t *testing.T, f *fleet) *metrics.Scraper {
	t.Helper()
	s, err := metrics.NewScraper(metrics.Options{Client: f.client()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// draw prints a reading: the number with its note and source, or why it is unknown.
func draw[T any](r scale.Reading[T]) string {
	v, ok := r.Get()
	if !ok {
		return "unknown: " + r.Why()
	}
	out := r.Words(fmt.Sprintf("%.4g", any(v)))
	if _, isNumber := any(v).(float64); !isNumber {
		out = fmt.Sprintf("%+v", v)
	}
	if r.Note != "" {
		out += " (" + r.Note + ")"
	}
	return out
}

func check[T any](t *testing.T, what string, r scale.Reading[T], want string) {
	t.Helper()
	if got := draw(r); got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// grown is a page after n messages of which 2 % timed out and 1 % were malformed, each
// taking 0.1 s or, one in ten, 0.4 s.
func grown(n int) string {
	return fmt.Sprintf(`# TYPE consumed_total counter
consumed_total{topic="a"} %d
consumed_total{topic="b"} %d
# TYPE errors_total counter
errors_total{kind="timeout"} %d
errors_total{kind="parse"} %d
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.2"} %d
latency_seconds_bucket{le="0.5"} %d
latency_seconds_bucket{le="+Inf"} %d
latency_seconds_sum %g
latency_seconds_count %d
# TYPE breaker_open gauge
breaker_open{service="x"} 0
breaker_open{service="y"} 1
writes_total %d
`, n/2, n/2, n*2/100, n/100, n*9/10, n, n, float64(n)*0.13, n, n/10)
}

func TestScrapedRates(t *testing.T) { // T-19
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{pages: map[string]string{"a": grown(1000), "b": grown(500_000)}}
		s := newScraper(t, f)
		first := s.Signals(t.Context(), worker(), pods("a", "b"))
		check(t, "first look", first.Throughput, "unknown: this was the first look at the pods, and a rate needs two")
		check(t, "first look, breaker", first.Breaker, "{Open:2 Of:4}")
		time.Sleep(10 * time.Second)
		f.pages = map[string]string{"a": grown(2000), "b": grown(502_000)}
		got := s.Signals(t.Context(), worker(), pods("a", "b"))
		check(t, "throughput", got.Throughput, "300")
		check(t, "errors", got.Errors, "{Share:0.03 Timeouts:0.02 Kinds:map[parse:3 timeout:6]}")
		check(t, "latency", got.Latency, "0.35")
		check(t, "busy", got.Busy, "39")
		check(t, "writes", got.Writes, "30")
		check(t, "breaker", got.Breaker, "{Open:2 Of:4}")
		check(t, "download", got.Download, "unknown: the runbook file names no metric for download time")
		if got := got.Throughput.Source; got != "2 of 2 pods scraped" {
			t.Errorf("source %q, want 2 of 2 pods scraped", got)
		}
	})
}

func TestRatesOverAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{pages: map[string]string{}}
		s := newScraper(t, f)
		n := 0
		var got scale.Signals
		step := func(each, times int) {
			for range times {
				f.pages["a"] = grown(n)
				got = s.Signals(t.Context(), worker(), pods("a"))
				n += each
				time.Sleep(15 * time.Second)
			}
		}
		step(15_000, 40) // 1,000/s for ten minutes
		check(t, "steady", got.Throughput, "1000")
		step(0, 20) // then nothing; the first of these still sees 15,000 come
		check(t, "four quiet minutes of five", got.Throughput, "50")
		step(0, 2)
		check(t, "five quiet minutes", got.Throughput, "0")
		check(t, "no messages, no share of errors", got.Errors, "unknown: no messages in the last 5 min")
		check(t, "no messages, no latency", got.Latency, "unknown: no messages in the last 5 min")
	})
}

func TestRestartIsNoLoss(t *testing.T) {
	for name, restarted := range map[string]string{
		"counter fell":                       grown(400),
		"counter overtook, process is young": "process_start_time_seconds 2e9\n" + grown(2000),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fleet{pages: map[string]string{"a": grown(1000)}}
				s := newScraper(t, f)
				s.Signals(t.Context(), worker(), pods("a"))
				time.Sleep(10 * time.Second)
				f.pages["a"] = restarted
				want := "40"
				if strings.HasPrefix(restarted, "process") {
					want = "200"
				}
				check(t, "throughput", s.Signals(t.Context(), worker(), pods("a")).Throughput, want)
			})
		})
	}
}

func TestSomePodsDoNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{
			pages: map[string]string{"a": grown(0), "b": grown(0)},
			handlers: map[string]http.HandlerFunc{
				"silent": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
				"broken": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
			},
		}
		s := newScraper(t, f)
		all := pods("a", "b", "broken", "silent")
		s.Signals(t.Context(), worker(), all)
		time.Sleep(8 * time.Second)
		f.pages = map[string]string{"a": grown(1000), "b": grown(1000)}
		start := time.Now()
		got := s.Signals(t.Context(), worker(), all)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("the reading took %v, want one deadline of 2 s", took)
		}
		check(t, "throughput", got.Throughput, "at least 200 (2 of 4 pods answered: broken answered with HTTP status 500)")
		if got := got.Throughput.Source; got != "2 of 4 pods scraped" {
			t.Errorf("source %q, want 2 of 4 pods scraped", got)
		}
	})
}

// Nothing that cannot be read is ever a zero.
func TestUnknownIsSaid(t *testing.T) { // T-28
	plain := func(body string) *fleet { return &fleet{pages: map[string]string{"a": body}} }
	answer := func(h http.HandlerFunc) *fleet { return &fleet{handlers: map[string]http.HandlerFunc{"a": h}} }
	for _, tt := range []struct {
		name  string
		fleet *fleet
		pods  []scale.Pod
		want  string
	}{
		{"no pods", plain(""), nil, "no pod is ready"},
		{"no pod is ready", plain(""), []scale.Pod{{Name: "a", Address: "a:1"}}, "no pod is ready"},
		{"pod is going away", plain(""), []scale.Pod{{Name: "a", Ready: true, Terminating: true, Address: "a:1"}}, "no pod is ready"},
		{"no address", plain(""), []scale.Pod{{Name: "a", Ready: true}}, "the ready pods have no metrics address"},
		{"address is none", plain(""), []scale.Pod{{Name: "a", Ready: true, Address: "%zz"}}, `no pod answered: a has a metrics address that is none: "%zz"`},
		{"nobody there", &fleet{}, pods("a"), "no pod answered: a cannot be reached"},
		{"two of two gone", &fleet{}, pods("a", "b"), "none of 2 pods answered: a cannot be reached"},
		{"silent", answer(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), pods("a"), "no pod answered: a did not answer within 2 s"},
		{"not found", answer(http.NotFound), pods("a"), "no pod answered: a answered with HTTP status 404"},
		{"redirected", answer(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere/", http.StatusFound)
		}), pods("a"), "no pod answered: a answered with HTTP status 302"},
		{"too large", plain(strings.Repeat("#\n", 3<<20)), pods("a"), "no pod answered: a answered with more than 4 MiB"},
		{"not metrics", plain("<html>hello</html>\n"), pods("a"), "no pod answered: a serves no readable metrics page: line 1: expected a valid start token, got \"<\" (\"INVALID\") while parsing: \"<\""},
		{"empty page", plain(""), pods("a"), "no pod exposes consumed_total"},
		{"another name", plain("consumed 5\n"), pods("a"), "no pod exposes consumed_total"},
		{"negative count", plain("consumed_total -5\n"), pods("a"), "consumed_total is not a counter"},
		{"not a number", plain("consumed_total NaN\n"), pods("a"), "consumed_total is not a counter"},
		{"more than a number can hold", plain("consumed_total{a=\"1\"} 1.7e308\nconsumed_total{a=\"2\"} 1.7e308\n"), pods("a"), "consumed_total is not a counter"},
		{"a histogram", plain("# TYPE consumed_total histogram\nconsumed_total_bucket{le=\"1\"} 1\nconsumed_total_count 1\nconsumed_total_sum 1\n"), pods("a"), "consumed_total is not a counter"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScraper(t, tt.fleet)
				s.Signals(t.Context(), worker(), tt.pods)
				time.Sleep(10 * time.Second)
				got := s.Signals(t.Context(), worker(), tt.pods)
				check(t, "throughput", got.Throughput, "unknown: "+tt.want)
				for what, known := range map[string]bool{
					"errors": got.Errors.Known(), "latency": got.Latency.Known(), "busy": got.Busy.Known(),
					"breaker": got.Breaker.Known(), "writes": got.Writes.Known(), "download": got.Download.Known(),
				} {
					if known {
						t.Errorf("%s is known, want unknown", what)
					}
				}
			})
		})
	}
}

func TestHistogramsThatCannotBeRead(t *testing.T) {
	for name, tt := range map[string]struct{ page, want string }{
		"a summary":     {"# TYPE latency_seconds summary\nlatency_seconds{quantile=\"0.95\"} 3\nlatency_seconds_sum 1\nlatency_seconds_count 1\n", "latency_seconds is not a histogram"},
		"counts fall":   {"# TYPE latency_seconds histogram\nlatency_seconds_bucket{le=\"1\"} 5\nlatency_seconds_bucket{le=\"2\"} 3\nlatency_seconds_count 5\nlatency_seconds_sum 1\n", "latency_seconds is not a valid histogram"},
		"no buckets":    {"# TYPE latency_seconds histogram\nlatency_seconds_count 5\nlatency_seconds_sum 1\n", "latency_seconds has no classic buckets"},
		"not announced": {"latency_seconds_bucket{le=\"1\"} 5\n", "no pod exposes latency_seconds"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScraper(t, &fleet{pages: map[string]string{"a": tt.page}})
				check(t, "latency", s.Signals(t.Context(), worker(), pods("a")).Latency, "unknown: "+tt.want)
			})
		})
	}
}

// Many clients show an error counter by kind only once there was an error. Declared and
// without samples, it has counted nothing so far.
func TestDeclaredCounterWithoutSamplesIsZero(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := func(n int, rest string) string {
			return fmt.Sprintf("consumed_total %d\n# HELP errors_total Errors.\n# TYPE errors_total counter\n%s", n, rest)
		}
		f := &fleet{pages: map[string]string{"a": page(0, "")}}
		s := newScraper(t, f)
		s.Signals(t.Context(), worker(), pods("a"))
		time.Sleep(10 * time.Second)
		f.pages["a"] = page(100, "")
		check(t, "no error yet", s.Signals(t.Context(), worker(), pods("a")).Errors, "{Share:0 Timeouts:0 Kinds:map[]}")
		time.Sleep(10 * time.Second)
		f.pages["a"] = page(200, "errors_total{kind=\"timeout\"} 4\n")
		check(t, "first errors", s.Signals(t.Context(), worker(), pods("a")).Errors, "{Share:0.02 Timeouts:0.02 Kinds:map[timeout:0.2]}")
	})
}

func TestErrorsWithoutMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{pages: map[string]string{"a": "consumed_total 7\nerrors_total{kind=\"timeout\"} 0\n"}}
		s := newScraper(t, f)
		s.Signals(t.Context(), worker(), pods("a"))
		time.Sleep(10 * time.Second)
		f.pages["a"] = "consumed_total 7\nerrors_total{kind=\"timeout\"} 20\n"
		check(t, "errors", s.Signals(t.Context(), worker(), pods("a")).Errors, "unknown: 2 errors per second, but no messages consumed in the last 5 min")
	})
}

func TestNewPodsJoinWithTheirSecondLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{pages: map[string]string{"a": grown(0), "b": grown(0), "c": grown(90_000)}}
		s := newScraper(t, f)
		s.Signals(t.Context(), worker(), pods("a", "b"))
		time.Sleep(10 * time.Second)
		f.pages["a"], f.pages["b"] = grown(1000), grown(1000)
		check(t, "with a new pod", s.Signals(t.Context(), worker(), pods("a", "b", "c")).Throughput, "at least 200 (from 2 of 3 pods)")
		time.Sleep(10 * time.Second)
		f.pages = map[string]string{"a": grown(2000), "b": grown(2000), "c": grown(91_000)}
		check(t, "known by now", s.Signals(t.Context(), worker(), pods("a", "b", "c")).Throughput, "300")
	})
}

// The latency of a pod with other buckets cannot be added, and that is said.
func TestDifferentBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := strings.ReplaceAll(grown(0), `le="0.5"`, `le="0.6"`)
		f := &fleet{pages: map[string]string{"a": grown(0), "b": other}}
		s := newScraper(t, f)
		s.Signals(t.Context(), worker(), pods("a", "b"))
		time.Sleep(10 * time.Second)
		f.pages = map[string]string{"a": grown(1000), "b": strings.ReplaceAll(grown(1000), `le="0.5"`, `le="0.6"`)}
		check(t, "latency", s.Signals(t.Context(), worker(), pods("a", "b")).Latency, "0.35 (1 pod with other buckets left out)")
	})
}

func TestLatencyBeyondTheLargestBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := func(n int) string {
			return fmt.Sprintf("# TYPE latency_seconds histogram\nlatency_seconds_bucket{le=\"5\"} 0\nlatency_seconds_bucket{le=\"+Inf\"} %d\nlatency_seconds_sum %d\nlatency_seconds_count %d\n", n, 20*n, n)
		}
		f := &fleet{pages: map[string]string{"a": page(0)}}
		s := newScraper(t, f)
		s.Signals(t.Context(), worker(), pods("a"))
		time.Sleep(10 * time.Second)
		f.pages["a"] = page(100)
		check(t, "latency", s.Signals(t.Context(), worker(), pods("a")).Latency, "at least 5 (beyond the largest bucket)")
	})
}

func TestAtMostEightScrapesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{handlers: make(map[string]http.HandlerFunc)}
		var names []string
		for i := range 30 {
			name := fmt.Sprintf("pod-%02d", i)
			names = append(names, name)
			f.handlers[name] = func(w http.ResponseWriter, _ *http.Request) {
				time.Sleep(100 * time.Millisecond)
				fmt.Fprint(w, grown(0))
			}
		}
		newScraper(t, f).Signals(t.Context(), worker(), pods(names...))
		if got := f.most.Load(); got != 8 {
			t.Errorf("%d scrapes at once, want 8", got)
		}
	})
}

// A clock that runs faster than the wall makes more of the same seconds.
func TestRatesFollowTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{pages: map[string]string{"a": grown(0)}}
		s, err := metrics.NewScraper(metrics.Options{Client: f.client(), Clock: pace.New(60)})
		if err != nil {
			t.Fatal(err)
		}
		s.Signals(t.Context(), worker(), pods("a"))
		time.Sleep(time.Second)
		f.pages["a"] = grown(6000)
		check(t, "throughput", s.Signals(t.Context(), worker(), pods("a")).Throughput, "100")
	})
}

func TestErrorKindsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := func(n int) string {
			var b strings.Builder
			fmt.Fprintf(&b, "consumed_total %d\n", n*1000)
			for i := range 200 {
				fmt.Fprintf(&b, "errors_total{kind=\"k%d\"} %d\n", i, n)
			}
			return b.String()
		}
		f := &fleet{pages: map[string]string{"a": page(0)}}
		s := newScraper(t, f)
		s.Signals(t.Context(), worker(), pods("a"))
		time.Sleep(10 * time.Second)
		f.pages["a"] = page(10)
		got, _ := s.Signals(t.Context(), worker(), pods("a")).Errors.Get()
		if len(got.Kinds) > 51 {
			t.Errorf("%d kinds, want at most 50 and the rest", len(got.Kinds))
		}
		if math.Abs(got.Share-0.2) > 1e-9 {
			t.Errorf("share %v, want 0.2: no error may be lost", got.Share)
		}
	})
}

package metrics_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/scalebot/scalebot/internal/metrics"
	"github.com/scalebot/scalebot/internal/scale"
)

func scraperOf(t *testing.T, client *http.Client) *metrics.Scraper {
	t.Helper()
	s, err := metrics.NewScraper(metrics.Options{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// timed is a component whose latency is the named metric.
func timed(name string) scale.Component {
	c := worker()
	c.Metrics.Latency.Name = name
	return c
}

// Beyond the largest finite bucket there is a lower bound and no value.
func TestLatencyBeyondTheBuckets(t *testing.T) {
	page := func(n int) string {
		return fmt.Sprintf("# TYPE latency_seconds histogram\nlatency_seconds_bucket{le=\"1\"} 0\nlatency_seconds_bucket{le=\"2.5\"} %d\nlatency_seconds_bucket{le=\"+Inf\"} %d\nlatency_seconds_sum %d\nlatency_seconds_count %d\n", n/2, n, 20*n, n)
	}
	synctest.Test(t, func(t *testing.T) {
		got := looks(t, worker(), page(0), page(100)).Latency
		check(t, "scraped", got, "at least 2.5 (beyond the largest bucket)")
		p := &prom{answers: map[string]string{byPod("pod, le", `rate(latency_seconds_bucket`+selector+`[300s])`): vector(
			of("b", "0", "le", "1"), of("b", "5", "le", "2.5"), of("b", "10", "le", "+Inf"))}}
		asked := newPrometheus(t, p, "http://prom").Signals(t.Context(), deployed(), two()).Latency
		check(t, "asked", asked, "at least 2.5 (beyond the largest bucket; from 1 of 2 pods)")
	})
}

// A native histogram has one bucket in a text format, or none. That is no silence.
func TestNativeHistograms(t *testing.T) { // R-002, T-28
	const want = "unknown: latency_seconds has no classic buckets"
	page := func(n int) string {
		return fmt.Sprintf("# TYPE latency_seconds histogram\nlatency_seconds_bucket{le=\"+Inf\"} %d\nlatency_seconds_sum %d\nlatency_seconds_count %d\n", n, n, n)
	}
	buckets := byPod("pod, le", `rate(latency_seconds_bucket`+selector+`[300s])`)
	synctest.Test(t, func(t *testing.T) {
		got := looks(t, worker(), page(0), page(100))
		check(t, "scraped", got.Latency, want)
		check(t, "the time is known all the same", got.Busy, "10")
		for name, answers := range map[string]map[string]string{
			"from a text page":    {buckets: vector(of("b", "5", "le", "+Inf"))},
			"that stands still":   {buckets: vector(of("b", "0", "le", "+Inf"))},
			"that was read whole": {"count by (pod) (latency_seconds" + selector + ")": vector(one("2"))},
		} {
			asked := newPrometheus(t, &prom{answers: answers}, "http://prom").Signals(t.Context(), deployed(), two())
			check(t, name, asked.Latency, want)
		}
	})
}

// A number is a time when its unit is known, and else none.
func TestUnits(t *testing.T) { // R-002, T-28
	page := func(name, unit string, factor float64, n int) string {
		if unit != "" {
			unit = "# UNIT " + name + " " + unit + "\n"
		}
		return openMetrics + fmt.Sprintf("# TYPE %s histogram\n%s%s_bucket{le=\"%g\"} 0\n%s_bucket{le=\"%g\"} %d\n%s_bucket{le=\"+Inf\"} %d\n%s_sum %g\n%s_count %d\n# EOF\n",
			name, unit, name, 0.2*factor, name, 0.25*factor, n, name, n, name, 0.242*factor*float64(n), name, n)
	}
	for name, tt := range map[string]struct {
		metric, page string
		factor       float64
		set          string
		latency      string
		busy         string
	}{
		"seconds":       {"processing_duration_seconds", "", 1, "", "0.2475", "2.42"},
		"milliseconds":  {"processing_duration_milliseconds", "", 1000, "", "0.2475", "2.42"},
		"ms":            {"processing_ms", "", 1000, "", "0.2475", "2.42"},
		"in the middle": {"processing_ms_histogram", "", 1000, "", "0.2475", "2.42"},
		"microseconds":  {"processing_microseconds", "", 1e6, "", "0.2475", "2.42"},
		"nanos":         {"processing_nanos", "", 1e9, "", "0.2475", "2.42"},
		"the last word": {"order_ms_processing_seconds", "", 1, "", "0.2475", "2.42"},
		"of two units": {"processing_seconds_us_east", "", 1, "",
			"unknown: processing_seconds_us_east does not tell its unit; name it in the runbook file (unit: seconds or unit: milliseconds)",
			"unknown: processing_seconds_us_east does not tell its unit; name it in the runbook file (unit: seconds or unit: milliseconds)"},
		"by its unit": {"processing_millis", "millis", 1000, "", "0.2475", "2.42"},
		"by the file": {"processing_time", "", 1000, "milliseconds", "0.2475", "2.42"},
		"unknown": {"processing_time", "", 1000, "",
			"unknown: processing_time does not tell its unit; name it in the runbook file (unit: seconds or unit: milliseconds)",
			"unknown: processing_time does not tell its unit; name it in the runbook file (unit: seconds or unit: milliseconds)"},
		"no time": {"processing_bytes", "bytes", 1, "",
			`unknown: processing_bytes is measured in "bytes", which is no unit of time`, `unknown: processing_bytes is measured in "bytes", which is no unit of time`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := timed(tt.metric)
				c.Metrics.Latency.Unit = tt.set
				got := looks(t, c, page(tt.metric, tt.page, tt.factor, 0), page(tt.metric, tt.page, tt.factor, 100))
				check(t, "latency", got.Latency, tt.latency)
				check(t, "busy", got.Busy, tt.busy)
				if tt.page != "" {
					return // Prometheus does not tell what a page declares.
				}
				c.Namespace, c.Deployment = "kafka-pipeline", "download.worker"
				le := func(v float64) string { return fmt.Sprint(v * tt.factor) }
				p := &prom{answers: map[string]string{
					byPod("pod, le", `rate(`+tt.metric+`_bucket`+selector+`[300s])`): vector(
						of("a.1", "0", "le", le(0.2)), of("a.1", "5", "le", le(0.25)), of("a.1", "5", "le", "+Inf"),
						of("b", "0", "le", le(0.2)), of("b", "5", "le", le(0.25)), of("b", "5", "le", "+Inf")),
					byPod("pod", `rate(`+tt.metric+`_sum`+selector+`[300s])`): vector(of("a.1", le(1)), of("b", le(1.42))),
				}}
				asked := newPrometheus(t, p, "http://prom").Signals(t.Context(), c, two())
				check(t, "latency, asked", asked.Latency, tt.latency)
				check(t, "busy, asked", asked.Busy, tt.busy)
			})
		})
	}
}

// A summary's quantiles cannot be added up over pods; its sum tells how busy they are.
func TestASummaryTellsTheBusyShare(t *testing.T) {
	page := func(n int) string {
		return fmt.Sprintf("# TYPE latency_seconds summary\nlatency_seconds{quantile=\"0.95\"} 0.3\nlatency_seconds_sum %d\nlatency_seconds_count %d\n", 2*n, n)
	}
	synctest.Test(t, func(t *testing.T) {
		got := looks(t, worker(), page(0), page(100))
		check(t, "latency", got.Latency, "unknown: latency_seconds is not a histogram")
		check(t, "busy", got.Busy, "20")
	})
}

// However many targets scrape a pod, it counts once; and a sum without some pods is a lower
// bound that says so.
func TestAPodCountsOnce(t *testing.T) { // T-19
	nine := pods("p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9")
	rate := byPod("pod", `rate(consumed_total{namespace="kafka-pipeline",pod=~"p1|p2|p3|p4|p5|p6|p7|p8|p9"}[300s])`)
	p := &prom{answers: map[string]string{
		rate: vector(of("p1", "20"), of("p2", "20"), of("p3", "20"), of("p4", "20"), of("p5", "20")),
		`breaker_open{namespace="kafka-pipeline",pod=~"p1|p2|p3|p4|p5|p6|p7|p8|p9"}`: vector(
			of("p1", "1", "job", "x"), of("p1", "1", "job", "y"), of("p2", "0", "job", "x", "service", "s"), of("p2", "1", "job", "x", "service", "t")),
	}}
	got := newPrometheus(t, p, "http://prom").Signals(t.Context(), deployed(), nine)
	check(t, "throughput", got.Throughput, "at least 100 (from 5 of 9 pods)")
	check(t, "breaker", got.Breaker, "{Open:2 Of:3} (from 2 of 9 pods)")
}

// A query that names many pods is sent as a form: URLs are cut off by what lies between.
func TestManyPodsAreAskedForInAForm(t *testing.T) {
	var names []string
	for i := range 300 {
		names = append(names, fmt.Sprintf("download-worker-%03d", i))
	}
	var form atomic.Pointer[string] // several queries are on their way at once.
	p := &prom{handler: func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			query := r.PostFormValue("query")
			form.Store(&query)
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":%s}}`, vector(of(names[7], "5")))
	}}
	got := newPrometheus(t, p, "http://prom").Signals(t.Context(), deployed(), pods(names...))
	check(t, "throughput", got.Throughput, "at least 5 (from 1 of 300 pods)")
	if query := form.Load(); query == nil || len(*query) < 6000 {
		t.Error("no query came as a form with every pod's name")
	}
}

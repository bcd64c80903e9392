package metrics

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

type pageFor func(host string) string

func (f pageFor) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(f(r.URL.Hostname())))}, nil
}

// Pods come and go for as long as the bot runs; what is remembered must not grow.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewScraper(Options{Client: &http.Client{Transport: pageFor(func(string) string { return "consumed_total 1\n" })}})
		if err != nil {
			t.Fatal(err)
		}
		c := scale.Component{Name: "worker", Metrics: scale.Metrics{Consumed: scale.Metric{Name: "consumed_total"}}}
		for i := range 1000 {
			name := fmt.Sprintf("pod-%d", i/100)
			s.Signals(t.Context(), c, []scale.Pod{{Name: name, Ready: true, Address: name + ":1"}})
			time.Sleep(5 * time.Second)
		}
		if n := len(s.fleets["worker"]); n > 2 {
			t.Errorf("%d pods remembered, want the present one and what was there within a window", n)
		}
		for name, tr := range s.fleets["worker"] {
			if n := len(tr.marks); n > marksPerWindow+1 {
				t.Errorf("%d states of %s remembered, want at most %d", n, name, marksPerWindow+1)
			}
		}
		time.Sleep(time.Hour)
		s.Signals(t.Context(), scale.Component{Name: "other"}, nil)
		if _, ok := s.fleets["worker"]; ok {
			t.Error("a component nobody asks for is still remembered")
		}
	})
}

func TestQuantile(t *testing.T) {
	inf := math.Inf(1)
	for _, tt := range []struct {
		name           string
		bounds, counts []float64
		want           float64
		above, ok      bool
	}{
		{"in the middle of a bucket", []float64{1, 2, inf}, []float64{90, 100, 100}, 1.5, false, true},
		{"in the first bucket", []float64{1, 2, inf}, []float64{100, 100, 100}, 0.95, false, true},
		{"beyond the last bound", []float64{1, 2, inf}, []float64{0, 10, 100}, 2, true, true},
		{"empty buckets between", []float64{1, 2, 3, inf}, []float64{50, 50, 100, 100}, 2.9, false, true},
		{"first bound is negative", []float64{-1, 2, inf}, []float64{100, 100, 100}, -1, false, true},
		{"nothing observed", []float64{1, inf}, []float64{0, 0}, 0, false, false},
		{"only +Inf", []float64{inf}, []float64{5}, 0, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, above, ok := quantileOf(0.95, tt.bounds, tt.counts)
			if math.Abs(got-tt.want) > 1e-9 || above != tt.above || ok != tt.ok {
				t.Errorf("got %v %v %v, want %v %v %v", got, above, ok, tt.want, tt.above, tt.ok)
			}
		})
	}
}

// FuzzPage feeds whatever a pod may serve, twice, and holds that nothing panics and no
// number is negative, infinite or none.
func FuzzPage(f *testing.F) {
	f.Add("text/plain", "consumed_total 1\n", "consumed_total 2\n")
	f.Add("application/openmetrics-text", "# TYPE latency histogram\nlatency_bucket{le=\"1\"} 1\nlatency_bucket{le=\"+Inf\"} 2\nlatency_sum 3\nlatency_count 2\n", "# TYPE errors counter\n")
	f.Add("", "errors{kind=\"a\"} 1e308\nerrors{kind=\"a\"} 1e308\n", "breaker NaN\n")
	c := scale.Component{Name: "c", Metrics: scale.Metrics{
		Consumed: scale.Metric{Name: "consumed_total"}, Errors: scale.Metric{Name: "errors"}, ErrorKind: "kind",
		Latency: scale.Metric{Name: "latency"}, Breaker: scale.Metric{Name: "breaker"}, Writes: scale.Metric{Name: "writes"},
	}}
	f.Fuzz(func(t *testing.T, kind, first, second string) {
		start := time.Unix(0, 0)
		pod := new(track)
		for i, body := range []string{first, second} {
			p, err := readPage(t.Context(), strings.NewReader(body), kind, c)
			if err != nil {
				return
			}
			pod.record(p, start.Add(time.Duration(i+1)*time.Second), time.Minute)
		}
		facts := together(c, []*track{pod}, time.Minute)
		facts.at, facts.window = start.Add(time.Minute), time.Minute
		s := facts.signals(c)
		for name, r := range map[string]scale.Reading[float64]{"throughput": s.Throughput, "latency": s.Latency, "writes": s.Writes, "busy": s.Busy} {
			if v, ok := r.Get(); ok && (v < 0 && name != "latency" || math.IsNaN(v) || math.IsInf(v, 0)) {
				t.Errorf("%s is %v", name, v)
			}
		}
		if e, ok := s.Errors.Get(); ok && !(e.Share >= 0 && e.Share <= 1 && e.Timeouts >= 0) {
			t.Errorf("errors are %+v", e)
		}
	})
}

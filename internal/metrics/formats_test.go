package metrics_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8\n\n"

// One line that cannot be read, of whatever metric, blinds nobody: what the runbook names is
// read, and what was skipped is counted.
func TestOneForeignLineBlindsNobody(t *testing.T) { // T-28
	for name, tt := range map[string]struct {
		page    string // with one %d, which grows by 1,000
		skipped string
	}{
		"declared twice":            {"# TYPE other counter\n# TYPE other gauge\n# HELP other x\n# HELP other y\nother 1\nconsumed_total %d\n", ""},
		"ours declared twice":       {"# TYPE consumed_total counter\nconsumed_total %d\n# TYPE consumed_total gauge\n", ""},
		"an exemplar of ours":       {"# TYPE consumed_total counter\nconsumed_total %d # {trace_id=\"a\"} 1\n", ""},
		"an exemplar of another":    {"other 1 # {trace_id=\"a\"} 1 1700000000.123\nconsumed_total %d\n", ""},
		"no newline at the end":     {"other 1\nconsumed_total %d", ""},
		"an odd escape":             {"other{path=\"C:\\q\"} 1\nconsumed_total{path=\"C:\\q\"} %d\n", ""},
		"a UTF-8 name":              {"{\"http.requests\",code=\"200\"} 4\nconsumed_total %d\n", ""},
		"ours as a quoted name":     {"{\"consumed_total\",code=\"200\"} %d\n", ""},
		"a label twice":             {"other{a=\"1\",a=\"2\"} 1\nconsumed_total %d\n", ""},
		"ours with a label twice":   {"consumed_total{a=\"1\",a=\"2\"} 7\nconsumed_total %d\n", `1 line of a could not be read and was left out (label "a" is there twice in one sample)`},
		"an unknown type":           {"# TYPE other hologram\nother 1\nconsumed_total %d\n", `1 line of a could not be read and was left out (line 1: invalid metric type "hologram")`},
		"a line of prose":           {"warming up, please wait\nconsumed_total %d\n", "1 line of a could not be read and was left out (line 1: unsupported character in float while parsing: \"warming up,\")"},
		"no number":                 {"other none\nconsumed_total %d\n", "1 line of a could not be read and was left out (line 1: strconv.ParseFloat: parsing \"none\": invalid syntax while parsing: \"other none\")"},
		"two broken lines":          {"\n}\nconsumed_total %d\n<b>\n", "2 lines of a could not be read and were left out (line 2: expected a valid start token, got \"}\" (\"INVALID\") while parsing: \"}\")"},
		"blank lines":               {"\n  \n\nconsumed_total %d\n\n\t\n", ""},
		"lines of Windows":          {"# TYPE consumed_total counter\r\nconsumed_total %d\r\nother 2\r\n", ""},
		"not UTF-8":                 {"other{a=\"\xff\"} 1\nconsumed_total %d\n", "1 line of a could not be read and was left out (line 1: invalid UTF-8 label value: \"\\\"\\xff\\\"\")"},
		"NUL bytes":                 {"other{a=\"\x00\"} 1\n\x00\x00\nconsumed_total %d\n", "1 line of a could not be read and was left out (line 2: a NUL byte)"},
		"comments":                  {"# just a comment\n#\n# TYPE\nconsumed_total %d\n", ""},
		"a label value of 300 KB":   {"other{a=\"" + strings.Repeat("x", 300<<10) + "\"} 1\nconsumed_total %d\n", ""},
		"ours with 100 KB":          {"consumed_total{a=\"" + strings.Repeat("x", 100<<10) + "\"} %d\n", ""},
		"a line of 2 MB":            {"other{a=\"" + strings.Repeat("x", 2<<20) + "\"} 1\nconsumed_total %d\n", "1 line of a could not be read and was left out (a line is longer than 512 KiB)"},
		"a time stamp":              {"consumed_total %d 1700000000000\n", ""},
		"OpenMetrics only":          {openMetrics + "# TYPE build info\nbuild_info{v=\"1\"} 1\n# TYPE consumed counter\n# UNIT consumed \nconsumed_total %d\n# EOF\n", ""},
		"OpenMetrics with exemplar": {openMetrics + "# TYPE consumed counter\nconsumed_total %d 1700000000.5 # {trace_id=\"a\"} 1 1700000000.5\n# EOF\n", ""},
		"OpenMetrics' other types":  {openMetrics + "# TYPE s stateset\ns{s=\"on\"} 1\n# TYPE g gaugehistogram\ng_bucket{le=\"+Inf\"} 1\ng_gcount 1\ng_gsum 2\n# TYPE consumed counter\nconsumed_total %d\n# EOF\n", ""},
		"OpenMetrics without end":   {openMetrics + "# TYPE consumed counter\nconsumed_total %d\n", ""},
		"OpenMetrics with comments": {openMetrics + "# a comment\n\nconsumed_total %d\n# EOF\n", ""},
		"after the end":             {openMetrics + "consumed_total %d\n# EOF\nconsumed_total 3\n", ""},
		"the end in a text page":    {"text/plain; version=0.0.4\n\n# EOF\nconsumed_total %d\n", ""},
		"a charset":                 {"text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8\n\nconsumed_total %d\n", ""},
		"no known type":             {"application/octet-stream\n\nconsumed_total %d\n", ""},
		"no type at all":            {"; ;\n\nconsumed_total %d\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				page := func(n int) string { return strings.Replace(tt.page, "%d", fmt.Sprint(n), 1) }
				got := looks(t, worker(), page(1_000_000), page(1_001_000))
				check(t, "throughput", got.Throughput, "100")
				if said := strings.Join(got.Remarks, "\n"); said != tt.skipped {
					t.Errorf("remarks:\n got %s\nwant %s", said, tt.skipped)
				}
			})
		})
	}
}

// Lines are found wherever the pieces end in which a page is read.
func TestBrokenLinesAmongThousands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := func(n int) string {
			var b strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&b, "other{number=\"%d\"} %d\n", i, i)
				if i%1000 == 7 {
					b.WriteString("??\n\n")
				}
				if i%2000 == 0 {
					fmt.Fprintf(&b, "consumed_total{p=\"%d\"} %d\n", i, n)
				}
			}
			return b.String()
		}
		got := looks(t, worker(), page(1000), page(1100))
		check(t, "throughput", got.Throughput, "100")
		want := `20 lines of a could not be read and were left out (line 10: expected a valid start token, got "?" ("INVALID") while parsing: "?")`
		if said := strings.Join(got.Remarks, "\n"); said != want {
			t.Errorf("remarks:\n got %s\nwant %s", said, want)
		}
	})
}

func TestPagesThatCannotBeTaken(t *testing.T) { // T-28
	packed := func(s string) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		fmt.Fprint(w, s)
		_ = w.Close()
		return b.Bytes()
	}
	zipped := func(body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(body)
		}
	}
	huge := packed(strings.Repeat("other 1\n", 1<<20))
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"protobuf": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited")
		}, "serves its metrics as protobuf, where text was asked for"},
		"gzip of more than is read": {zipped(huge), "answered with more than 4 MiB"},
		"gzip that is none":         {zipped([]byte("consumed_total 1\n")), "answered with something else than the gzip that it announced"},
		"gzip that breaks off":      {zipped(packed("consumed_total 1\n")[:25]), "broke off in the middle of its metrics page"},
		"too large by its header": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000000")
		}, "answered with more than 4 MiB"},
		"one line without an end": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Repeat("x", 5<<20))
		}, "answered with more than 4 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScraper(t, &fleet{handlers: map[string]http.HandlerFunc{"a": tt.handler}})
				check(t, "throughput", s.Signals(t.Context(), worker(), pods("a")).Throughput, "unknown: no pod answered: a "+tt.want)
			})
		})
	}
	t.Run("gzip", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := &fleet{handlers: map[string]http.HandlerFunc{"a": zipped(packed(grown(1000)))}}
			s := newScraper(t, f)
			s.Signals(t.Context(), worker(), pods("a"))
			time.Sleep(10 * time.Second)
			f.handlers["a"] = zipped(packed(grown(2000)))
			check(t, "throughput", s.Signals(t.Context(), worker(), pods("a")).Throughput, "100")
		})
	})
}

// drip is a page that comes a few bytes at a time, and never ends.
type drip struct{}

func (drip) Read(p []byte) (int, error) {
	time.Sleep(100 * time.Millisecond)
	return copy(p, "# x\n"), nil
}

func (drip) Close() error { return nil }

func TestAPageThatDripsIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{pages: map[string]string{}}
		client := f.client()
		client.Transport = transport(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: drip{}, Request: r}, nil
		})
		s := scraperOf(t, client)
		start := time.Now()
		check(t, "throughput", s.Signals(t.Context(), worker(), pods("a")).Throughput, "unknown: no pod answered: a did not answer within 2 s")
		if took := time.Since(start); took > 2200*time.Millisecond {
			t.Errorf("the reading took %v, want its deadline of 2 s", took)
		}
	})
}

func TestWhatIsNoCounter(t *testing.T) {
	for name, page := range map[string]string{
		"a summary":         "# TYPE consumed_total summary\nconsumed_total{quantile=\"0.5\"} 1\nconsumed_total_sum 1\nconsumed_total_count 1\n",
		"a state set":       openMetrics + "# TYPE consumed_total stateset\nconsumed_total{consumed_total=\"on\"} 1\n# EOF\n",
		"a gauge histogram": openMetrics + "# TYPE consumed_total gaugehistogram\nconsumed_total_bucket{le=\"+Inf\"} 1\n# EOF\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check(t, "throughput", looks(t, worker(), page, page).Throughput, "unknown: consumed_total is not a counter")
			})
		})
	}
}

// What is read of one metric is bounded, and beyond that nothing of it is: a part would pass
// for the whole.
func TestTooManySeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		for i := range 5001 {
			fmt.Fprintf(&b, "consumed_total{message=\"%d\"} 1\n", i)
		}
		got := looks(t, worker(), b.String()+"writes_total 1\n", b.String()+"writes_total 11\n")
		check(t, "throughput", got.Throughput, "unknown: consumed_total has more than 5000 samples")
		check(t, "writes", got.Writes, "1")
	})
}

// Names as the runbook file has them and no other.
func TestLabelsOfTheRunbook(t *testing.T) {
	c := worker()
	c.Metrics.Consumed.Labels = map[string]string{"topic": "a"}
	synctest.Test(t, func(t *testing.T) {
		check(t, "one of two", looks(t, c, grown(1000), grown(2000)).Throughput, "50")
		check(t, "none", looks(t, c, "consumed_total{topic=\"x\"} 1\n").Throughput, "unknown: no pod exposes consumed_total with the labels of the runbook file")
	})
}

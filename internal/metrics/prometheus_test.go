package metrics_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/metrics"
	"github.com/scalebot/scalebot/internal/scale"
)

// prom is a Prometheus in memory: answers by query, and what was asked.
type prom struct {
	mu      sync.Mutex
	answers map[string]string // query to the result, in the API's form
	handler http.HandlerFunc  // instead of answers
	asked   []*http.Request
}

func (p *prom) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.asked = append(p.asked, r)
	p.mu.Unlock()
	w := httptest.NewRecorder()
	if p.handler != nil {
		p.handler(w, r)
	} else if result, ok := p.answers[r.URL.Query().Get("query")]; ok {
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":%q,"result":%s}}`, kindOf(r), result)
	} else {
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":%q,"result":[]}}`, kindOf(r))
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func kindOf(r *http.Request) string {
	if strings.HasSuffix(r.URL.Path, "query_range") {
		return "matrix"
	}
	return "vector"
}

func newPrometheus(t *testing.T, p *prom, base string) *metrics.Prometheus {
	t.Helper()
	source, err := metrics.NewPrometheus(base, metrics.Options{Client: &http.Client{Transport: p}})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// deployed is the worker with a place in the cluster.
func deployed(change ...func(*scale.Component)) scale.Component {
	c := worker()
	c.Namespace, c.Deployment = "kafka-pipeline", "download.worker"
	for _, f := range change {
		f(&c)
	}
	return c
}

// selector names the pods that are asked for; formerly those of the past, by the Deployment.
const (
	selector = `{namespace="kafka-pipeline",pod=~"a\\.1|b"}`
	formerly = `{namespace="kafka-pipeline",pod=~"download\\.worker-[a-z0-9]+-[a-z0-9]+"}`
	targets  = "job, instance, prometheus, prometheus_replica"
)

// two are the ready pods of the worker; a third one does not count.
func two() []scale.Pod {
	return append(pods("a.1", "b"), scale.Pod{Name: "c"}, scale.Pod{Name: "d", Ready: true, Terminating: true})
}

// byPod is an expression as it is asked for: once for each pod.
func byPod(by, expression string) string {
	return "max by (" + by + ") (sum by (" + by + ", " + targets + ") (" + expression + "))"
}

// of is a sample of a pod with further labels: of("a", "12", "le", "0.5").
func of(pod, value string, labels ...string) string {
	text := fmt.Sprintf(`{"metric":{"pod":%q`, pod)
	for i := 0; i+1 < len(labels); i += 2 {
		text += fmt.Sprintf(",%q:%q", labels[i], labels[i+1])
	}
	return text + `},"value":[1700000000.1,"` + value + `"]}`
}

func vector(samples ...string) string {
	return "[" + strings.Join(samples, ",") + "]"
}

func one(value string) string { return `{"metric":{},"value":[1700000000.1,"` + value + `"]}` }

func TestGeneratedQueries(t *testing.T) { // T-19
	p := &prom{answers: map[string]string{
		byPod("pod", `rate(consumed_total`+selector+`[300s])`): vector(of("a.1", "100"), of("b", "200")),
		byPod("pod, kind", `rate(errors_total`+selector+`[300s])`): vector(
			of("a.1", "6", "kind", "timeout"), of("a.1", "1", "kind", "parse"), of("b", "2", "kind", "parse")),
		byPod("pod, le", `rate(latency_seconds_bucket`+selector+`[300s])`): vector(
			of("a.1", "90", "le", "0.2"), of("a.1", "100", "le", "0.5"), of("a.1", "100", "le", "+Inf"),
			of("b", "180", "le", "0.2"), of("b", "200", "le", "0.5"), of("b", "200", "le", "+Inf")),
		byPod("pod", `rate(latency_seconds_sum`+selector+`[300s])`): vector(of("a.1", "9"), of("b", "30")),
		`breaker_open` + selector:                                   vector(of("a.1", "0"), of("b", "1", "service", "x"), of("b", "1", "service", "y")),
		byPod("pod", `rate(writes_total`+selector+`[300s])`):        vector(of("a.1", "10"), of("b", "20")),
	}}
	got := newPrometheus(t, p, "http://prom:9090/prefix/").Signals(t.Context(), deployed(), two())
	check(t, "throughput", got.Throughput, "300")
	check(t, "errors", got.Errors, "{Share:0.03 Timeouts:0.02 Kinds:map[parse:3 timeout:6]}")
	check(t, "latency", got.Latency, "0.35")
	check(t, "busy", got.Busy, "39")
	check(t, "writes", got.Writes, "30")
	check(t, "breaker", got.Breaker, "{Open:2 Of:3}")
	check(t, "download", got.Download, "unknown: the runbook file names no metric for download time")
	for _, r := range p.asked {
		if got, want := r.URL.Path, "/prefix/api/v1/query"; got != want {
			t.Errorf("path %q, want %q", got, want)
		}
	}
	if got.Throughput.Source != "Prometheus" {
		t.Errorf("source %q, want Prometheus", got.Throughput.Source)
	}
}

func TestQueriesOfTheTeam(t *testing.T) {
	p := &prom{answers: map[string]string{
		"my:consumed": vector(one("100")),
		"my:errors":   vector(`{"metric":{"kind":"timeout"},"value":[1,"2"]}`),
		"my:latency":  vector(one("7")),
		byPod("pod", `rate(writes_total{cluster="a\"b",namespace="other",pod=~"a\\.1|b"}[300s])`): vector(of("a.1", "2"), of("b", "3")),
	}}
	got := newPrometheus(t, p, "http://prom").Signals(t.Context(), deployed(func(c *scale.Component) {
		c.Metrics.Consumed = scale.Metric{Query: "my:consumed"}
		c.Metrics.Errors = scale.Metric{Query: "my:errors"}
		c.Metrics.Latency = scale.Metric{Query: "my:latency"}
		c.Metrics.Writes.Labels = map[string]string{"cluster": `a"b`, "namespace": "other"}
	}), two())
	check(t, "throughput", got.Throughput, "100")
	check(t, "errors", got.Errors, "{Share:0.02 Timeouts:0.02 Kinds:map[timeout:2]}")
	check(t, "latency", got.Latency, "7")
	check(t, "busy", got.Busy, "unknown: the runbook file has only a query for processing time, and the time spent cannot be read from it")
	check(t, "labels", got.Writes, "5")
}

func TestPrometheusUnknownIsSaid(t *testing.T) { // T-28
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); fmt.Fprint(w, body) }
	}
	result := func(kind, result string) http.HandlerFunc {
		return answer(200, fmt.Sprintf(`{"status":"success","data":{"resultType":%q,"result":%s}}`, kind, result))
	}
	query := byPod("pod", `rate(consumed_total`+selector+`[300s])`)
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"no such metric", result("vector", "[]"), "Prometheus has no data for " + query},
		{"not a number", result("vector", vector(of("b", "NaN"))), "consumed_total is not a counter"},
		{"infinity", result("vector", vector(of("b", "+Inf"))), "consumed_total is not a counter"},
		{"a string", result("string", `[1,"x"]`), `Prometheus answered with a "string", where numbers are needed`},
		{"samples of another form", result("vector", `[{"metric":{},"value":["x"]}]`), "Prometheus answered with a sample that cannot be read"},
		{"result of another form", result("vector", `{"a":1}`), "Prometheus answered with a result that cannot be read"},
		{"query refused", answer(400, `{"status":"error","errorType":"bad_data","error":"parse error\nat 3"}`), "Prometheus refused the query (bad_data): parse error"},
		{"login page", answer(200, "<html>"), "Prometheus answered with something else than its API's JSON"},
		{"not allowed", answer(403, "no"), "Prometheus does not allow the query (HTTP status 403)"},
		{"redirected", answer(302, ""), "Prometheus answered with HTTP status 302"},
		{"down", answer(503, "busy"), "Prometheus answered with HTTP status 503"},
		{"too much", answer(200, strings.Repeat(" ", 5<<20)), "answered with more than 4 MiB"},
		{"silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "Prometheus did not answer within 5 s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got := newPrometheus(t, &prom{handler: tt.handler}, "http://bot:hunter2@prom").Signals(t.Context(), deployed(), two())
				if why := got.Throughput.Why(); got.Throughput.Known() || !strings.Contains(why, tt.want) {
					t.Errorf("throughput: got %s, want %q", draw(got.Throughput), tt.want)
				}
				if got.Errors.Known() {
					t.Errorf("errors are %s, want unknown", draw(got.Errors))
				}
				if strings.Contains(fmt.Sprintf("%+v", got), "hunter2") {
					t.Error("the password is shown")
				}
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("the reading took %v, want one deadline of 5 s", took)
				}
			})
		})
	}
}

// A name from the runbook file must not become another query.
func TestNamesAreNotQueries(t *testing.T) {
	p := &prom{}
	got := newPrometheus(t, p, "http://prom").Signals(t.Context(), scale.Component{Metrics: scale.Metrics{
		Consumed:  scale.Metric{Name: `up) or vector(1`},
		Writes:    scale.Metric{Name: "writes_total", Labels: map[string]string{`a="b",c`: "d"}},
		Errors:    scale.Metric{Name: "errors_total"},
		ErrorKind: "kind) (up",
	}}, two())
	check(t, "name", got.Throughput, `unknown: "up) or vector(1" is not a metric name`)
	check(t, "label", got.Writes, `unknown: "a=\"b\",c" is not a label name`)
	check(t, "kind", got.Errors, `unknown: "kind) (up" is not a label name`)
	if len(p.asked) != 0 {
		t.Errorf("%d queries were sent, want none", len(p.asked))
	}
}

func TestBreakerOfNoStateIsNotClosed(t *testing.T) { // R-121, T-28
	p := &prom{answers: map[string]string{`breaker_open` + selector: vector(of("b", "0"), of("b", "NaN"))}}
	got := newPrometheus(t, p, "http://prom").Signals(t.Context(), deployed(), two())
	check(t, "breaker", got.Breaker, "unknown: the state of a breaker is not a number: breaker_open"+selector)
}

func TestPrometheusAddress(t *testing.T) {
	for _, base := range []string{"", "prom:9090", "ftp://prom", "http://", "http://bot:hunter2@%zz"} {
		_, err := metrics.NewPrometheus(base, metrics.Options{})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v, want an error that does not repeat it", base, err)
		}
	}
	if _, err := metrics.NewScraper(metrics.Options{Window: -1}); err == nil {
		t.Error("a negative window was accepted")
	}
}

func TestHistoryFillsTheWindows(t *testing.T) {
	since := time.Unix(1_700_000_000, 0)
	matrix := func(values ...string) string {
		var out []string
		for i, v := range values {
			if v != "" {
				out = append(out, fmt.Sprintf(`[%d,%q]`, since.Unix()+int64(60*i), v))
			}
		}
		return `[{"metric":{},"values":[` + strings.Join(out, ",") + `]}]`
	}
	p := &prom{answers: map[string]string{
		`sum(` + byPod("pod", `rate(consumed_total`+formerly+`[300s])`) + `)`:                                                matrix("100", "200", "0", ""),
		`sum(` + byPod("pod", `rate(errors_total`+formerly+`[300s])`) + `)`:                                                  matrix("1", "4", "2", ""),
		`histogram_quantile(0.95, sum by (le) (` + byPod("pod, le", `rate(latency_seconds_bucket`+formerly+`[300s])`) + `))`: matrix("0.5", "2.5", "NaN", ""),
		`histogram_quantile(1, sum by (le) (` + byPod("pod, le", `rate(latency_seconds_bucket`+formerly+`[300s])`) + `))`:    matrix("1", "2.5", "NaN", ""),
	}}
	source := newPrometheus(t, p, "http://prom")
	got, err := source.History(t.Context(), deployed(), since, since.Add(3*time.Minute), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, point := range got {
		lines = append(lines, fmt.Sprintf("%d: %v %v %v %v", point.At.Unix()-since.Unix(), point.Throughput, point.Errors, point.Latency, point.LatencyAtLeast))
		for what, v := range map[string]float64{
			"lag": point.Lag, "ends": point.Ends, "commits": point.Commits,
			"replicas": float64(point.Replicas), "CPU": float64(point.CPU), "memory": float64(point.Memory),
		} {
			if !math.IsNaN(v) {
				t.Errorf("%s is %v, want missing: Prometheus was not asked for it", what, v)
			}
		}
	}
	want := "0: 100 0.01 0.5 false\n60: 200 0.02 2.5 true\n120: 0 NaN NaN false"
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	asked := p.asked[len(p.asked)-1].URL.Query()
	if asked.Get("start") != "1700000000.000" || asked.Get("end") != "1700000180.000" || asked.Get("step") != "60" {
		t.Errorf("asked for %v, want start, end and step", asked)
	}
}

func TestHistoryThatCannotBeRead(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	broken := newPrometheus(t, &prom{handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }}, "http://prom")
	if _, err := broken.History(t.Context(), deployed(), now.Add(-time.Hour), now, time.Minute); err == nil || !strings.Contains(err.Error(), "HTTP status 502") {
		t.Errorf("got %v, want the HTTP status", err)
	}
	p := &prom{}
	source := newPrometheus(t, p, "http://prom")
	if _, err := source.History(t.Context(), deployed(), now.Add(-24*time.Hour), now, time.Second); err == nil {
		t.Error("86,400 points were asked for, want an error")
	}
	if got, err := source.History(t.Context(), deployed(), now.Add(-time.Hour), now, time.Minute); len(got) != 0 || err != nil {
		t.Errorf("got %d points and %v, want none: there is no data", len(got), err)
	}
	if got, err := source.History(t.Context(), deployed(), now, now, time.Minute); len(got) != 0 || err != nil {
		t.Errorf("got %d points and %v of no time at all, want none", len(got), err)
	}
}

func TestPasswordInTheURLIsUsed(t *testing.T) {
	p := &prom{}
	newPrometheus(t, p, "http://bot:hunter2@prom").Signals(t.Context(), deployed(), two())
	if p.asked[0].URL.User == nil || p.asked[0].URL.User.Username() != "bot" {
		t.Errorf("the URL asked has no user, want bot")
	}
}

// FuzzPrometheus feeds whatever a server may answer.
func FuzzPrometheus(f *testing.F) {
	f.Add(200, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"kind":"a"},"value":[1,"2"]}]}}`)
	f.Add(200, `{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}`)
	f.Add(400, `{"status":"error"}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		source, err := metrics.NewPrometheus("http://prom", metrics.Options{Client: &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
		})}})
		if err != nil {
			t.Fatal(err)
		}
		s := source.Signals(context.Background(), deployed(), two())
		if v, ok := s.Throughput.Get(); ok && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("throughput is %v", v)
		}
		if _, err := source.History(context.Background(), deployed(), time.Unix(0, 0), time.Unix(600, 0), time.Minute); err != nil && strings.Contains(err.Error(), "%!") {
			t.Errorf("error is %v", err)
		}
	})
}

// Two targets of the same job and instance are one pod too, and what tells them apart is no label by which the worker counts.
func TestTargetsOfOneJob(t *testing.T) {
	apart := func(expression string) string {
		return "max by (pod) (sum by (pod, " + targets + ", container, endpoint) (" + expression + "))"
	}
	rate := `rate(consumed_total` + selector + `[300s])`
	at := []string{"job", "j", "instance", "i"}
	target := func(pod string, more ...string) string { return of(pod, "1", append(at[:len(at):len(at)], more...)...) }
	gauge := func(pod, value string, more ...string) string {
		return of(pod, value, append(at[:len(at):len(at)], more...)...)
	}
	p := &prom{answers: map[string]string{
		"up" + selector:    vector(target("a.1", "endpoint", "metrics"), target("a.1", "endpoint", "8000", "container", "proxy"), target("b", "endpoint", "metrics")),
		byPod("pod", rate): vector(of("a.1", "200"), of("b", "100")),
		apart(rate):        vector(of("a.1", "100"), of("b", "100")),
		`breaker_open` + selector: vector(gauge("a.1", "1", "endpoint", "metrics"), gauge("a.1", "1", "endpoint", "8000", "container", "proxy"),
			gauge("b", "0", "endpoint", "metrics")),
	}}
	got := newPrometheus(t, p, "http://prom").Signals(t.Context(), deployed(), two())
	check(t, "throughput", got.Throughput, "200")
	check(t, "breaker", got.Breaker, "{Open:1 Of:2}")

	p.answers["up"+selector] = vector(target("a.1"), of("a.1", "1", "job", "other", "instance", "i", "endpoint", "metrics"), target("b"))
	got = newPrometheus(t, p, "http://prom").Signals(t.Context(), deployed(), two())
	check(t, "throughput of targets that the usual labels tell apart", got.Throughput, "300")
}

// What tells the targets of one pod apart now told them apart in the past.
func TestThePastCountsAPodOnce(t *testing.T) {
	since := time.Unix(1_700_000_000, 0)
	target := func(endpoint string) string {
		return of("download.worker-5d8-x2", "1", "job", "j", "instance", "i", "endpoint", endpoint)
	}
	p := &prom{answers: map[string]string{
		"up" + formerly: vector(target("metrics"), target("8000")),
		"sum(max by (pod) (sum by (pod, " + targets + ", endpoint) (rate(consumed_total" + formerly + "[300s]))))": fmt.Sprintf(`[{"metric":{},"values":[[%d,"100"]]}]`, since.Unix()),
		"sum(" + byPod("pod", "rate(consumed_total"+formerly+"[300s])") + ")":                                      fmt.Sprintf(`[{"metric":{},"values":[[%d,"200"]]}]`, since.Unix()),
	}}
	got, err := newPrometheus(t, p, "http://prom").History(t.Context(), deployed(), since, since.Add(time.Minute), time.Minute)
	if err != nil || len(got) != 1 || got[0].Throughput != 100 {
		t.Errorf("got %v, %v; want one point of 100 msg/s", got, err)
	}
}

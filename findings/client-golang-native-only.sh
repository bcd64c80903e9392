#!/bin/sh
# A native-only histogram of client_golang is no histogram on a text page: all that is left is the
# bucket of +Inf, so that no quantile can be taken from it, and nothing says so.
set -eu
version=v1.25.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	for _, c := range []struct {
		name string
		opts prometheus.HistogramOpts
	}{
		{"classic", prometheus.HistogramOpts{Name: "took_seconds", Buckets: []float64{1, 5}}},
		{"both", prometheus.HistogramOpts{Name: "took_seconds", Buckets: []float64{1, 5}, NativeHistogramBucketFactor: 1.1}},
		{"native only", prometheus.HistogramOpts{Name: "took_seconds", NativeHistogramBucketFactor: 1.1}},
	} {
		registry, histogram := prometheus.NewRegistry(), prometheus.NewHistogram(c.opts)
		registry.MustRegister(histogram)
		for _, seconds := range []float64{0.5, 2, 3, 30} {
			histogram.Observe(seconds)
		}
		for _, accept := range []string{"text/plain;version=0.0.4", "application/openmetrics-text;version=1.0.0"} {
			request, answer := httptest.NewRequest("GET", "/metrics", nil), httptest.NewRecorder()
			request.Header.Set("Accept", accept)
			promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(answer, request)
			fmt.Printf("%s, %s: %d buckets, TYPE line %v\n", c.name, accept, strings.Count(answer.Body.String(), "_bucket{"),
				strings.Contains(answer.Body.String(), "# TYPE took_seconds histogram"))
		}
	}
}
GO
cat >expected <<'SEEN'
classic, text/plain;version=0.0.4: 3 buckets, TYPE line true
classic, application/openmetrics-text;version=1.0.0: 3 buckets, TYPE line true
both, text/plain;version=0.0.4: 3 buckets, TYPE line true
both, application/openmetrics-text;version=1.0.0: 3 buckets, TYPE line true
native only, text/plain;version=0.0.4: 1 buckets, TYPE line true
native only, application/openmetrics-text;version=1.0.0: 1 buckets, TYPE line true
SEEN
{ go mod init finding && go get "github.com/prometheus/client_golang/prometheus/promhttp@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "client_golang $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }

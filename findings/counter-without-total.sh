#!/bin/sh
# A counter whose name does not end in _total: on the page that Prometheus asks for (OpenMetrics) client_golang
# takes its type away, and Prometheus then stores its moment of creation as a series of its own, no start time. The
# Python client gives it another name on every page, and writes that moment into the text format too, as a gauge.
set -eu
golang=v1.25.0 prometheus=v0.316.0 python=0.26.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >pages.py <<'PY'
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics

registry = CollectorRegistry()
Counter("consumed", "x", registry=registry).inc(3)
Counter("errors_total", "x", registry=registry).inc(3)
open("python.text", "wb").write(generate_latest(registry))
open("python.openmetrics", "wb").write(openmetrics(registry))
PY
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

var formats = map[string]string{"text": "text/plain; version=0.0.4", "openmetrics": "application/openmetrics-text; version=1.0.0"}

// golang is the page of a Go program with the same two counters, in the format asked for.
func golang(accept string) []byte {
	registry := prometheus.NewRegistry()
	for _, name := range []string{"consumed", "errors_total"} {
		counter := prometheus.NewCounter(prometheus.CounterOpts{Name: name})
		counter.Add(3)
		registry.MustRegister(counter)
	}
	request, answer := httptest.NewRequest("GET", "/metrics", nil), httptest.NewRecorder()
	request.Header.Set("Accept", accept)
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: true}).ServeHTTP(answer, request)
	return answer.Body.Bytes()
}

// read prints what Prometheus makes of a page when it keeps start times.
func read(who, format string, page []byte) {
	p, err := textparse.New(page, formats[format], labels.NewSymbolTable(), textparse.ParserOptions{OpenMetricsSkipSTSeries: true})
	if err != nil {
		log.Fatal(err)
	}
	kind := ""
	for {
		switch entry, err := p.Next(); {
		case err == io.EOF:
			return
		case err != nil:
			log.Fatal(err)
		case entry == textparse.EntryType:
			_, t := p.Type()
			kind = string(t)
		case entry == textparse.EntrySeries:
			name, _, _ := p.Series()
			fmt.Printf("%s, %s: series %s, type %s, start time known %v\n", who, format, name, kind, p.StartTimestamp() != 0)
		}
	}
}

func main() {
	for _, format := range []string{"text", "openmetrics"} {
		read("client_golang", format, golang(formats[format]))
		page, err := os.ReadFile("python." + format)
		if err != nil {
			log.Fatal(err)
		}
		read("Python", format, page)
	}
}
GO
cat >expected <<'SEEN'
client_golang, text: series consumed, type counter, start time known false
client_golang, text: series errors_total, type counter, start time known false
Python, text: series consumed_total, type counter, start time known false
Python, text: series consumed_created, type gauge, start time known false
Python, text: series errors_total, type counter, start time known false
Python, text: series errors_created, type gauge, start time known false
client_golang, openmetrics: series consumed, type unknown, start time known false
client_golang, openmetrics: series consumed_created, type unknown, start time known false
client_golang, openmetrics: series errors_total, type counter, start time known true
Python, openmetrics: series consumed_total, type counter, start time known true
Python, openmetrics: series errors_total, type counter, start time known true
SEEN
{ python3 -m venv venv && venv/bin/pip install "prometheus-client==$python" && go mod init finding && go get "github.com/prometheus/client_golang/prometheus/promhttp@$golang" "github.com/prometheus/prometheus/model/textparse@$prometheus"; } >log 2>&1 || { cat log; exit 2; }
venv/bin/python pages.py
go run . >seen
echo "client_golang $golang, prometheus_client of Python $python, read by Prometheus $prometheus:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }

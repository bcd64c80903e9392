package demo

import (
	"context"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The kinds of processing errors the workers count.
const (
	kindTimeout = "timeout"
	kindHTTP    = "http"
	kindDecode  = "decode"
)

const (
	// normalErrors is the share of messages that fail in normal times; slowTimeouts
	// the share that times out while the external service is slow.
	normalErrors = 0.001
	slowTimeouts = 0.04
	// writeBatch is how many results go into one write to the table.
	writeBatch = 100
	// durationSpread is the standard deviation of the logarithm of a duration.
	durationSpread = 0.4
	// transferShare is how much of a download message's time is the transfer.
	transferShare = 0.9
	// breakerAfter is how long the service must be slow before breakers open.
	breakerAfter = 2 * time.Minute
	// hangFor bounds, in wall time, how long a broken exporter keeps a caller waiting.
	hangFor = 10 * time.Second
)

// meters are the metrics of one worker on /metrics.
type meters struct {
	registry   *prometheus.Registry
	consumed   prometheus.Counter
	errors     *prometheus.CounterVec
	processing prometheus.Histogram
	download   prometheus.Histogram
	breaker    prometheus.Gauge
	writes     prometheus.Counter
	// mu guards unwritten: several consumers of a pod share its meters.
	mu        sync.Mutex
	unwritten int
}

var durationBuckets = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}

// newMeters registers the component's metrics, with every error kind at zero so that a rate can
// be computed from the start.
func newMeters(c component) *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		consumed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "kafka_messages_consumed_total", Help: "Messages taken from Kafka and handled."}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kafka_processing_errors_total", Help: "Messages that failed, by kind of error."}, []string{"kind"}),
		processing: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "processing_duration_seconds", Help: "Time to process one message.", Buckets: durationBuckets}),
		breaker: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "circuit_breaker_open", Help: "1 while the circuit breaker is open."}),
	}
	m.registry.MustRegister(m.consumed, m.errors, m.processing, m.breaker)
	for _, kind := range []string{kindTimeout, kindHTTP, kindDecode} {
		m.errors.WithLabelValues(kind)
	}
	if c.downloads {
		m.download = prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "download_duration_seconds", Help: "Time of one external transfer.", Buckets: durationBuckets})
		m.registry.MustRegister(m.download)
	}
	if c.writes {
		m.writes = prometheus.NewCounter(prometheus.CounterOpts{
			Name: "delta_writes_total", Help: "Batches written to the downstream table."})
		m.registry.MustRegister(m.writes)
	}
	return m
}

func (m *meters) failed(kind string) { m.errors.WithLabelValues(kind).Inc() }

// observe records messages that took about the given number of seconds each.
func (m *meters) observe(c component, weather weather, now time.Time, messages int, seconds float64, random *rand.Rand) {
	m.consumed.Add(float64(messages))
	for range messages {
		took := seconds * math.Exp(durationSpread*random.NormFloat64()-durationSpread*durationSpread/2)
		m.processing.Observe(took)
		if m.download != nil {
			m.download.Observe(transferShare * took)
		}
		m.luck(c, weather, random)
	}
	m.setBreaker(c, weather, now)
	m.write(messages)
}

// luck makes a message fail now and then.
func (m *meters) luck(c component, weather weather, random *rand.Rand) {
	draw := random.Float64()
	switch {
	case draw < normalErrors:
		m.failed(kindHTTP)
	case weather.slow && c.downloads && draw < normalErrors+slowTimeouts:
		m.failed(kindTimeout)
	}
}

// setBreaker opens the breaker of a download worker once the service has been slow
// for a while.
func (m *meters) setBreaker(c component, weather weather, now time.Time) {
	open := 0.0
	if weather.slow && c.downloads && now.Sub(weather.since) > breakerAfter {
		open = 1
	}
	m.breaker.Set(open)
}

func (m *meters) write(messages int) {
	if m.writes == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unwritten += messages
	m.writes.Add(float64(m.unwritten / writeBatch))
	m.unwritten %= writeBatch
}

// exporter serves a worker's /metrics on a listener of its own, as a pod does.
type exporter struct {
	server   *http.Server
	listener net.Listener
}

func newExporter(listener net.Listener, m *meters, climate *climate) *exporter {
	metrics := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(rw http.ResponseWriter, r *http.Request) {
		if climate.now().metricsDown {
			breakDown(rw, r)
			return
		}
		metrics.ServeHTTP(rw, r)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	return &exporter{server: server, listener: listener}
}

// port is where it listens.
func (e *exporter) port() string {
	_, port, err := net.SplitHostPort(e.listener.Addr().String())
	if err != nil {
		return ""
	}
	return port
}

// serve answers until close is called.
func (e *exporter) serve(context.Context) { _ = e.server.Serve(e.listener) }

// close ends serve and every connection.
func (e *exporter) close() {
	_ = e.server.Close()
	_ = e.listener.Close()
}

// breakDown answers as a broken exporter does: with an error, or not at all.
func breakDown(rw http.ResponseWriter, r *http.Request) {
	if time.Now().UnixNano()/int64(time.Second)%2 == 0 {
		http.Error(rw, "collecting metrics went wrong", http.StatusInternalServerError)
		return
	}
	timer := time.NewTimer(hangFor)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-timer.C:
		http.Error(rw, "collecting metrics took too long", http.StatusInternalServerError)
	}
}

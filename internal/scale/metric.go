package scale

// MetricKind is how a metric's samples are to be read.
type MetricKind string

// The kinds of metric the bot reads.
const (
	Counter   MetricKind = "counter"
	Gauge     MetricKind = "gauge"
	Histogram MetricKind = "histogram"
)

// Metric names one metric of the workers. A Metric without name and query is not configured, and
// its value is unknown, never zero (T-28).
type Metric struct {
	// Name is the metric's name as exposed; for a histogram without "_bucket".
	Name string
	// Kind is how to read it.
	Kind MetricKind
	// Unit is the unit of a metric of times, such as "milliseconds", where neither its name
	// nor the page says it.
	Unit string
	// Labels are extra equality matchers.
	Labels map[string]string
	// Query is PromQL that replaces the generated query where Prometheus is used.
	Query string
}

// Configured reports whether the metric has a name or a query.
func (m Metric) Configured() bool { return m.Name != "" || m.Query != "" }

// Metrics names all metrics of one component.
type Metrics struct {
	// Consumed counts messages taken from Kafka.
	Consumed Metric
	// Errors counts processing errors, by the label ErrorKind.
	Errors Metric
	// ErrorKind is the label of Errors that tells the kind, and TimeoutKinds are its
	// values that mean a time-out.
	ErrorKind    string
	TimeoutKinds []string
	// Latency is the histogram of seconds spent per message.
	Latency Metric
	// Download is the histogram of seconds spent in the external transfer.
	Download Metric
	// Breaker is a gauge; a value of at least BreakerOpen means an open circuit
	// breaker.
	Breaker     Metric
	BreakerOpen float64
	// Writes counts the batches or rows written downstream.
	Writes Metric
	// Port and Path are where a pod serves its metrics unless its own scrape
	// annotations say otherwise.
	Port int
	Path string
}

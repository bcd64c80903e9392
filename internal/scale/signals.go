package scale

// ErrorRate is the share of messages that failed, 0.02 being 2 %.
type ErrorRate struct {
	Share float64 `json:"share"`
	// Timeouts is the share that failed by time-outs.
	Timeouts float64 `json:"timeouts"`
	// Kinds maps an error kind to failures per second.
	Kinds map[string]float64 `json:"kinds,omitempty"`
}

// Breaker says how many circuit breakers are open.
type Breaker struct {
	Open int `json:"open"`
	Of   int `json:"of"`
}

// Signals are the values the workers report about themselves. Rates are sums over all pods with
// counter resets accounted for (T-19).
type Signals struct {
	// Latency is the p95 of processing one message, in seconds.
	Latency Reading[float64] `json:"latency,omitzero"`
	// Errors is the recent error rate by kind.
	Errors Reading[ErrorRate] `json:"errors,omitzero"`
	// Throughput is messages per second taken from Kafka.
	Throughput Reading[float64] `json:"throughput,omitzero"`
	// Download is the p95 of the external transfer, in seconds.
	Download Reading[float64] `json:"download,omitzero"`
	// Breaker is the state of the circuit breakers.
	Breaker Reading[Breaker] `json:"breaker,omitzero"`
	// Writes is writes per second to the downstream store.
	Writes Reading[float64] `json:"writes,omitzero"`
	// Busy is how many messages are being processed at once, on average over all
	// pods (Little's law: seconds of processing per second).
	Busy Reading[float64] `json:"busy,omitzero"`
	// Remarks are harmless oddities in the workers' metrics, such as lines that could not be
	// parsed. They are for a person who examines an installation.
	Remarks []string `json:"-"`
}

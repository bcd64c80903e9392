// Package metrics reads what the workers say of themselves: messages and errors per
// second, how long one message takes, whether a circuit breaker is open.
//
// There are two sources with the same face. [Prometheus] asks a Prometheus server, with
// queries made from the metric names of the runbook file or written there. [Scraper]
// needs no server: it reads the pods' own metrics pages and keeps just enough of the
// past to turn counters into rates.
//
// Both sum rates over all pods with counter resets accounted for (T-19), and neither
// guesses: a metric that nobody names, that no pod exposes or that cannot be read is an
// unknown reading with the reason, never zero (T-28).
package metrics

// Package metrics reads the workers' own metrics: messages and errors per second, the time per
// message, and whether a circuit breaker is open.
//
// There are two sources with the same methods. [Prometheus] queries a Prometheus server, with
// queries made from the metric names of the runbook file or written there. [Scraper] needs no
// server: it reads the pods' own metrics pages and keeps just enough history to turn counters
// into rates.
//
// Both sum rates over all pods with counter resets accounted for (T-19), and neither guesses: a
// metric that is not configured, that no pod exposes or that cannot be read is an unknown reading
// with the reason, never zero (T-28).
//
// The package is one subject because both sources must give the same reading of the same workers:
// they share the wanted metrics (wanted.go, unit.go), the percentile (quantile.go), and the way
// facts become readings (facts.go, excuse.go). Prometheus is in prometheus.go, its HTTP API in
// promapi.go, its queries in promql.go and batch.go, its answers in answers.go, past.go and
// targets.go. Scraper is in scraper.go and scrape.go. A metrics page is parsed in lines.go,
// grammar.go, page.go, family.go and reported.go. Rates between pages are in track.go, ledger.go
// and start.go, and together.go combines the pods.
package metrics

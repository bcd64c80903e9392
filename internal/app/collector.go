package app

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/slackui/api"
)

// observed collects the counts of other parts when /metrics is read.
type observed struct {
	app  *App
	book *runbook.Book
}

var (
	lagDesc       = describe("component_lag_messages", "Lag of the component's consumer group; absent while unknown.", "component")
	replicasDesc  = describe("component_replicas", "Desired replicas; absent while unknown.", "component")
	ageDesc       = describe("sample_age_seconds", "Seconds since the newest sample, on the bot's clock.")
	leadingDesc   = describe("leading", "1 while this replica is the one that acts.")
	socketsDesc   = describe("slack_sockets", "Socket Mode connections past their hello.")
	connectsDesc  = describe("slack_connects_total", "Socket Mode connections made, the first ones included.")
	envelopesDesc = describe("slack_envelopes_total", "Envelopes received over the sockets.", "type")
	failuresDesc  = describe("slack_errors_total", "Failed Web API calls.", "method", "kind")
	oddDesc       = describe("slack_envelopes_odd_total", "Envelopes that were duplicates, refused for overload, or unreadable.", "kind")
	acksDesc      = describe("slack_acks_total", "Acknowledged envelopes.")
	ackTimeDesc   = describe("slack_ack_seconds_total", "Seconds from receiving envelopes to acknowledging them, summed.")
	ackWorstDesc  = describe("slack_ack_worst_seconds", "The longest time an acknowledgement took.")
	messagesDesc  = describe("slack_messages_total", "Messages posted and edited, and edits a newer one replaced before they were sent.", "kind")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("scalebot_"+name, help, labels, nil)
}

// observe registers everything that /metrics shows besides the meter's counters.
func (a *App) observe(book *runbook.Book) {
	a.registry.MustRegister(observed{a, book}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

// Describe implements prometheus.Collector. It describes nothing, which makes the collector
// unchecked: a value that is unknown has no series.
func (o observed) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (o observed) Collect(out chan<- prometheus.Metric) {
	sampler := o.app.engine.Sampler()
	for _, c := range o.book.Components {
		snapshot := sampler.Snapshot(c.Name)
		if lag, ok := snapshot.Lag.Get(); ok && lag.Complete() {
			gauge(out, lagDesc, float64(lag.Total), c.Name)
		}
		if n, ok := snapshot.Replicas(); ok {
			gauge(out, replicasDesc, float64(n), c.Name)
		}
	}
	if last := sampler.LastSample(); !last.IsZero() {
		gauge(out, ageDesc, o.app.parts.Clock.Since(last).Seconds())
	}
	leading := 0.0
	if o.app.leader.Leading() {
		leading = 1
	}
	gauge(out, leadingDesc, leading)
	slack(out, o.app.slack.Stats())
}

func slack(out chan<- prometheus.Metric, s api.Stats) {
	gauge(out, socketsDesc, float64(s.Open))
	counter(out, connectsDesc, s.Connects)
	for kind, n := range s.Envelopes {
		counter(out, envelopesDesc, n, kind)
	}
	for failure, n := range s.Failures {
		counter(out, failuresDesc, n, failure.Method, failure.Kind)
	}
	counter(out, oddDesc, s.Duplicates, "duplicate")
	counter(out, oddDesc, s.Overflow, "overflow")
	counter(out, oddDesc, s.Malformed, "malformed")
	counter(out, oddDesc, s.LostAcks, "ack_lost")
	counter(out, acksDesc, s.Acks)
	out <- prometheus.MustNewConstMetric(ackTimeDesc, prometheus.CounterValue, s.AckTotal.Seconds())
	gauge(out, ackWorstDesc, s.AckWorst.Seconds())
	counter(out, messagesDesc, s.Posts, "posted")
	counter(out, messagesDesc, s.Edits, "edited")
	counter(out, messagesDesc, s.Coalesced, "coalesced")
}

func gauge(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func counter(out chan<- prometheus.Metric, d *prometheus.Desc, v uint64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}

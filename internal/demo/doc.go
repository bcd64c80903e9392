// Package demo is the pretend world behind `scalebot demo`: a Kafka cluster in this
// process, a small Kubernetes that runs the runbook's five components, the traffic
// that flows through them, and the incidents that can be played on it.
//
// Nothing in it knows the bot. Every ready worker pod is a member of its consumer
// group over the Kafka protocol, handles messages at a limited rate, commits what it
// has handled and serves its own /metrics; replicas change only through the
// Kubernetes API, whoever calls it. All rates and durations are those of the world's
// clock, so that a faster clock plays the same story in less time.
//
// It is one package because the world is one machine: a pod that becomes ready starts a group
// member, which what acts on the world slows down, which the metrics server and the autoscaler
// see. The parts, from the outside in:
//
//	world.go      Start, Close and what a bot connects to
//	handler.go    GET /world/state, POST /world/scenario, POST /world/load
//	scenario.go   the incidents, as changes of the weather
//	weather.go    what acts on the world at present
//	pipeline.go   the five components and their normal numbers
//	broker.go     the Kafka cluster; load.go the traffic; gauge.go what is measured
//	worker.go     one worker: a group member with a service rate, and its exporter
//	cluster.go    the Kubernetes API; the other files named after Kubernetes' own
//	              controllers are those controllers, in small
package demo

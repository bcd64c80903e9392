// Package demo is the simulated world behind `scalebot demo`: a Kafka cluster in this process, a
// small Kubernetes that runs the runbook's five components, the traffic through them, and the
// incidents that can be played on it.
//
// Nothing in it knows the bot. Every ready worker pod is a member of its consumer group over the
// Kafka protocol, handles messages at a limited rate, commits what it has handled and serves its
// own /metrics. Replicas change only through the Kubernetes API, whoever calls it. All rates and
// durations are those of the world's clock, so that a faster clock plays the same story in less
// time.
//
// It is one package because all parts affect each other. For example, a pod that becomes ready
// starts a group member; the present incident slows that member down; the metrics server and the
// autoscaler measure it. The files:
//
//   - world.go: Start, Close and what a bot connects to.
//   - handler.go: GET /world/state, POST /world/scenario, POST /world/load.
//   - scenario.go: the incidents, as changes of the weather; weather.go: what acts on the world
//     at present.
//   - pipeline.go: the five components and their normal numbers.
//   - broker.go: the Kafka cluster; load.go and noise.go: the traffic; gauge.go: the measured
//     rates.
//   - worker.go, commit.go and blocked.go: one worker, a group member with a limited rate;
//     process.go: the consumers of a pod; meters.go: its exporter.
//   - cluster.go: the Kubernetes API; the other files have the name of the Kubernetes part that
//     they simulate.
package demo

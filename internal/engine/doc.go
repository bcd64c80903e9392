// Package engine holds the verbs of scalebot. The [Desk] takes orders on any
// replica: propose, decide, cancel, read. The [Runner] carries them out on the
// leader: apply, settle, watch, report. The [Sampler] keeps one series per component
// for every view. The episodes speak first when a limit is crossed.
//
// The engine gathers, lets package scale judge, and acts through the ports in
// ports.go. It knows nothing of Slack, Kafka's protocol, Kubernetes' API or
// Prometheus.
package engine

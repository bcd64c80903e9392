// Package engine holds the verbs of scalebot. The [Desk] takes orders on any
// replica: propose, decide, cancel, show. The [Runner] carries them out on the
// leader: apply, settle, watch, report. The episodes speak first when a limit is
// crossed.
//
// Each verb holds the parts that it uses, and no others:
//
//   - records changes what is stored, by compare and swap.
//   - observer reads components and judges what it has read.
//   - messages remembers what Slack is known to show, and publisher makes it show
//     what is stored.
//   - access decides who may ask and who may decide.
//   - statuses puts together what people see of a component.
//   - dispatcher passes on that the store has news, and term lasts as long as this
//     process leads.
//
// The engine gathers, lets pure packages judge, and acts through the ports in
// ports.go. It knows nothing of Slack, Kafka's protocol, Kubernetes' API or
// Prometheus.
package engine

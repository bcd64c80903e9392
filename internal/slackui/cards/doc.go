// Package cards draws messages: operations, reports, alerts and answers become content that fits
// into Slack's limits. Every function is pure, and the golden files show each message. It is one
// subject, because all messages share the same facts, escaping and limits.
//
// Which file holds what:
//
//   - operation.go and operation_*.go draw the card of an operation, with change.go and
//     change_replicas.go for what one kind of change draws in its own way; report.go, checks.go,
//     chart.go and sparkline.go draw its reports; timeline.go draws its timeline.
//   - episode.go and episode_state.go draw alerts and suggestions, blindness.go the rules that
//     cannot be judged, and recovered.go the end of each.
//   - answer.go draws private answers and refusals, with overview.go, status.go, history.go,
//     help.go and capacity.go for those of one command, and runbooks.go for links.
//   - facts.go, evidence.go, findings.go and consumers.go hold the facts that several cards show.
//   - content.go builds blocks within Slack's limits, and text.go escapes text from outside.
package cards

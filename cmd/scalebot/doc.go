// Scalebot lives in the incident channel of a team that runs Kafka consumers on
// Kubernetes. Somebody on call types a count; it shows what it sees and what the
// runbook says, asks for approval with a button, scales, shows the rollout, and comes
// back after 5 minutes, 15 minutes and 1 hour with the runbook's checklist filled in.
//
// # A tour of the code
//
// This package is only the door: demo.go plays the whole product on one machine, run.go
// is the bot in production, doctor.go examines an installation, audit.go hands out the
// trail, emulator.go is the Slack emulator alone. Behind it:
//
//   - internal/scale: the nouns and all judgement, pure. Start with operation.go,
//     reading.go and recommend.go.
//   - internal/runbook: every number of the runbook as data, and a team's own file.
//   - internal/engine: the verbs. ports.go says what they need; propose.go, decide.go,
//     apply.go, settle.go and reports.go tell an operation's life in its order;
//     sampler.go is what is seen, episodes.go is speaking first.
//   - internal/commands: the language people type.
//   - internal/slackui: Slack both ways. card_*.go draw, outbox.go paces, listener
//     files take what people do.
//   - internal/kafka, internal/kube, internal/metrics: the outside world, read into
//     scale's readings.
//   - internal/app: the composition. app.go reads top to bottom.
//   - internal/slackemu, internal/demo, internal/stage: the world the demo plays in.
//
// ARCHITECTURE.md is the map, and docs/adr has the decisions with their reasons.
package main

// Scalebot lives in the incident channel of a team that runs Kafka consumers on Kubernetes.
// Somebody on call types a count. The bot shows the present state and what the runbook says, asks
// for approval with a button, scales, and shows the rollout. It reports after 5 minutes, 15
// minutes and 1 hour with the runbook's checklist filled in.
//
// # A tour of the code
//
// This package only parses arguments: run.go starts the bot in production, demo.go runs the whole
// product on one machine, doctor.go checks an installation, audit.go prints the audit trail,
// emulator.go runs only the Slack emulator. The rest is in internal:
//
//   - scale: the nouns that all packages use, such as Snapshot, Reading and Component. runbook:
//     every number of the runbook as data, and a team's own file.
//   - measure, judge, lever, review, diagnose, capacity: all judgement, as pure functions. judge
//     decides before a change; review makes the checks of a report after it.
//   - ledger: the stored records. kube/records and memstore store them; audit exports them.
//   - engine: what people can order and what the leader does by itself. Its package comment names
//     the files.
//   - sampler: reads every component in rounds, through kafka, kube and metrics.
//   - commands: the language that people type.
//   - slackui: everything about Slack, in packages for receiving, sending and drawing.
//   - app: the wiring. Read app.go from top to bottom.
//   - slackemu, demo, stage: what the demo runs.
//
// ARCHITECTURE.md is the map, and docs/adr has the decisions with their reasons.
package main

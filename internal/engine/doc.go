// Package engine holds the verbs of scalebot: what people can order, and what the leader does by
// itself. It is one subject, the life of an operation and of an alert: every part reads and
// changes the same stored records under the same rules, and only the engine does. The engine
// gathers, lets pure packages (judge, lever, diagnose) judge, and acts through the ports in
// ports.go. It knows nothing of Slack, Kafka's protocol, Kubernetes' API or Prometheus.
//
// The entry point is [Engine] (engine.go). It starts the parts below.
//
// The [Desk] takes orders on any replica (desk.go):
//
//   - propose.go, approve.go, decide.go (decline, cancel, adjust), rollback.go and offer.go
//     (buttons with a prepared count) each hold one order; queries.go answers questions;
//     live_view.go runs the watch command.
//   - refused.go counts and records refusals.
//   - unreadable.go warns about records that this version cannot read.
//
// The [Runner] carries operations out, on the leader (runner.go):
//
//   - open_proposal.go follows a proposal, apply.go writes, settle.go follows the rollout and
//     checks for reverts, reports.go makes the reports.
//   - alarm.go posts that somebody broke the glass; pause.go spaces out retries; reconcile.go
//     compares finished operations with their cards; way_back.go withdraws a rollback that is no
//     longer possible.
//
// The episodes follow alerts and suggestions, on the leader (episodes.go): blindness.go follows
// rules that cannot be judged, advised.go keeps a recommendation steady.
//
// Desk, Runner and episodes share these parts, and each holds only those that it uses:
//
//   - records changes what is stored, by compare and swap (records.go, records_log.go); fleet is
//     what is stored of all components, read in lists (fleet.go).
//   - observer reads components and judges what it has read (observe.go, last_scaleup.go).
//   - messages remembers what Slack is known to show (messages.go), and publisher makes Slack
//     show what is stored (publisher.go, publisher_compare.go, lost_card.go), one caller at a time
//     for each card (key_lock.go).
//   - access decides who may ask and who may decide (access.go, access_ask.go,
//     access_channel.go), within quota (quota.go); decision caches the directory's answers during
//     one order (decision.go).
//   - statuses puts together what people see of a component (statuses.go).
//   - dispatcher passes on that the store has changed (dispatcher.go), and term is the time for
//     which this process leads (term.go).
package engine

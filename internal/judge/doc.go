// Package judge decides before a change: the triggers of the runbook, the vetoes against them,
// the recommendation, the plan with its risks and warnings, what is refused, and when an alert
// opens and closes. Everything is a pure function of a [measure.Case].
//
// The package is one subject because all of it answers one question, may this count be set now,
// from the same [View]; an alert and a card must never answer it differently. The table of
// triggers is in trigger.go, their rules in scaleup.go, scaleup_throughput.go and scaledown.go.
// The table of vetoes is in veto.go, their rules in the files veto_*.go. The advice is in
// recommend.go, with recommend_up.go and recommend_down.go for the choice of the count. The plan
// of a card is in the files plan*.go, with checklist.go and risk.go. Refusals are in refuse.go
// and refuse_reason.go, typed targets in target.go and resolve.go. Alerts open and close in the
// files episode_*.go; sight.go and blindness.go hold what cannot be judged.
package judge

package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// moment is one row of a timeline.
type moment struct {
	at        time.Time
	who, what string
}

// Timeline is the operation as Markdown for a post-mortem: what was requested, a table of moments
// in UTC with the time since the request, the numbers before and after, and what the reports
// found. Unknown values are written as unknown.
func Timeline(op ledger.Operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s %s %s\n\n", text(op.ID), text(op.Component), op.Change(), op.Change().Kind())
	heading(&b, op)
	b.WriteString("\n| UTC | Offset | Who | What |\n|---|---|---|---|\n")
	start := op.Request.At
	for _, m := range moments(op) {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", stamp(m.at), offset(m.at.Sub(start)), cmp.Or(text(m.who), "scalebot"), text(m.what))
	}
	numbers(&b, op)
	for _, r := range op.Reports {
		found(&b, r)
	}
	return b.String()
}

func heading(b *strings.Builder, op ledger.Operation) {
	fmt.Fprintf(b, "- Outcome: %s\n- Asked for by: %s (%s)\n", outcome(op), text(called(op.Request.By)), text(op.Request.Origin))
	if op.Request.Reason != "" {
		fmt.Fprintf(b, "- Reason: %s\n", text(op.Request.Reason))
	}
	if op.Request.Episode != "" {
		fmt.Fprintf(b, "- Answers alert: %s\n", text(op.Request.Episode))
	}
	if op.Request.Undoes != "" {
		fmt.Fprintf(b, "- Rolls back: %s\n", text(op.Request.Undoes))
	}
	var names []string
	for _, p := range op.Approvers() {
		names = append(names, called(p))
	}
	if len(names) > 0 {
		fmt.Fprintf(b, "- Approved by: %s\n", text(strings.Join(names, ", ")))
	}
	if e, broken := op.BrokeGlass(); broken {
		fmt.Fprintf(b, "- Break-glass: %s\n", text(e.Note))
	}
}

func outcome(op ledger.Operation) string {
	last := op.Last()
	if last.Note == "" {
		return string(op.State())
	}
	return string(op.State()) + ": " + text(last.Note)
}

// moments are the events, the steps of the rollout and the reports, in order of time.
func moments(op ledger.Operation) []moment {
	var all []moment
	for _, r := range Of(op) {
		all = append(all, moment{r.Time, cmp.Or(r.Name, r.By), describe(r)})
	}
	r := op.Rollout()
	_, to := op.Change().Ends()
	for _, seen := range []struct {
		at   time.Time
		what string
	}{
		{r.WrittenAt, fmt.Sprintf("the API server accepted %v %s", to, op.Change().Kind())},
		{r.FirstReadyAt, "the first new pod was ready"},
		{r.RebalanceAt, "the consumer group began to rebalance"},
		{r.ReadyAt, "all pods were ready"},
		{r.StableAt, "the consumer group was stable"},
		{r.RevertedAt, r.Reverted()},
	} {
		if !seen.at.IsZero() {
			all = append(all, moment{at: seen.at, what: seen.what})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	return all
}

func describe(r Record) string {
	var what string
	switch {
	case r.Kind == KindReport && r.Verdict == "":
		what = "report at " + r.Horizon + " not made"
	case r.Kind == KindReport:
		what = "report at " + r.Horizon + ": " + r.Verdict
		if r.Late {
			what += " (late)"
		}
	case r.Kind == KindApproval:
		what = "approval, more are needed"
	case r.Kind == KindRefusal:
		what = "refused (" + r.Code + ")"
	case r.Kind == KindNote:
		what = cmp.Or(strings.ReplaceAll(r.Code, "_", " "), "note")
	default:
		what = r.To
	}
	if r.Note != "" {
		what += ": " + r.Note
	}
	return what
}

// numbers compares the values before the change with the last reading while it took effect. It
// writes nothing for a change that never began.
func numbers(b *strings.Builder, op ledger.Operation) {
	if _, began := op.Entered(ledger.Applying); !began {
		return
	}
	before, after := op.Before, op.Rollout().Now
	seen := "Last look while it took effect"
	if !after.At.IsZero() {
		seen += ", " + offset(after.At.Sub(op.Request.At))
	}
	fmt.Fprintf(b, "\n## Numbers\n\n| | Before | %s |\n|---|---|---|\n", seen)
	lag := "unknown"
	if n, ok := before.TotalLag().Get(); ok {
		lag = scale.Count(n)
	}
	fmt.Fprintf(b, "| Lag | %s | %s |\n", lag, count(after.Lag, after.At))
	replicas := "unknown"
	if n, ok := before.Replicas(); ok {
		replicas = fmt.Sprint(n)
	}
	fmt.Fprintf(b, "| Replicas wanted | %s | %s |\n", replicas, count(int64(after.Replicas), after.At))
	members := "unknown"
	if c, ok := measure.ConsumersOf(scale.Component{}, before).Get(); ok {
		members = fmt.Sprint(len(c.Own))
	}
	fmt.Fprintf(b, "| Group members | %s | %s |\n", members, count(int64(after.Members), after.At))
	rates := "unknown"
	if r, ok := before.Rates.Get(); ok {
		rates = scale.PerSecond(r.Arrival) + " in, " + scale.PerSecond(r.Consumption) + " out"
	}
	fmt.Fprintf(b, "| Messages | %s | see the reports |\n", text(rates))
}

// count is a number of the last reading. It is unknown if negative or if there was no reading.
func count(n int64, at time.Time) string {
	if at.IsZero() || n < 0 {
		return "unknown"
	}
	return scale.Count(n)
}

// found writes a report with its checks.
func found(b *strings.Builder, r ledger.Report) {
	switch {
	case r.Pending():
		fmt.Fprintf(b, "\n## Report at %s: due %s UTC\n", text(r.Horizon), stamp(r.Due))
		return
	case r.MadeAt.IsZero():
		fmt.Fprintf(b, "\n## Report at %s: not made\n\n%s\n", text(r.Horizon), text(r.Closed))
		return
	}
	fmt.Fprintf(b, "\n## Report at %s: %s\n\n", text(r.Horizon), text(string(r.Verdict)))
	if n, ok := r.Lag.Get(); ok {
		fmt.Fprintf(b, "Lag %s, read at %s UTC.\n\n", text(r.Lag.Words(scale.Count(n))), stamp(r.Lag.At))
	}
	for _, sentence := range []string{r.Why, r.Forecast, r.Next} {
		if sentence != "" {
			fmt.Fprintf(b, "%s\n\n", text(scale.Sentence(sentence)))
		}
	}
	if len(r.Checks) == 0 {
		return
	}
	b.WriteString("| Check | Result | Before | After |\n|---|---|---|---|\n")
	for _, c := range r.Checks {
		fmt.Fprintf(b, "| %s (%s) | %s | %s | %s |\n", text(c.Name), text(string(c.Rule)), c.Result, text(c.Before), text(cmp.Or(c.After, c.Note)))
	}
}

func called(p scale.Person) string { return cmp.Or(p.Name, p.ID, "somebody unknown") }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// offset is the time since the request: "+1:02:03".
func offset(d time.Duration) string {
	sign, d := "+", d.Round(time.Second)
	if d < 0 {
		sign, d = "-", -d
	}
	return fmt.Sprintf("%s%d:%02d:%02d", sign, int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
}

// text makes foreign text harmless inside Markdown: one line, no markup, no table cells
// and no fence that would end a code block around the whole.
var escaper = strings.NewReplacer("\\", "\\\\", "|", "\\|", "`", "'", "*", "\\*", "_", "\\_", "[", "\\[", "<", "&lt;", ">", "&gt;", "#", "\\#")

func text(s string) string { return escaper.Replace(strings.Join(strings.Fields(s), " ")) }

package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/scale"
)

// ownerVeto: somebody else sets the replica count and would undo a change to the given one (T-01
// to T-04). An owner that leaves the count alone is no veto.
func (v View) ownerVeto(to int) string {
	owner, known := v.Now.Owner.Get()
	if !known {
		return ""
	}
	if s := ownership.Standing(owner, v.Replicas, to); s.Undone {
		return s.Why
	}
	return ""
}

// move is a kind of change that vetoes may apply to.
type move int

const (
	// adding is any scale-up; advising is the recommendation of one, which also needs room for
	// the pods.
	adding move = iota
	advising
	// removing is any scale-down; dropping is the removal of workers that have no partition
	//
	removing
	dropping
)

// vetoRow is one reason against a change of the count.
type vetoRow struct {
	name    string
	against []move
	// why says what speaks against the count; empty when nothing does. For adding, the count
	// is 0 where none is named yet.
	why func(v View, to int) string
	// remedies are what to do instead; nil where the sentence of the veto says it.
	remedies func(v View, to int) []string
	// moot reports whether no count helps at all; nil where another one may.
	moot func(View) bool
}

// ownedElsewhere is the name of the veto that has a line of its own on the card.
const ownedElsewhere = "somebody else sets the count"

// vetoes are the reasons against another count, for each move the most important first (decision
// B.9). A veto whose position differs between moves has a row for each.
var vetoes = []vetoRow{
	{name: "a topic made anew is not read", against: []move{adding}, why: of(View.UnreadSentence), moot: always,
		remedies: func(v View, _ int) []string { return []string{v.RestartRemedy()} }},
	{name: "partitions stand still", against: []move{adding}, why: of(View.StalledVeto), moot: always,
		remedies: func(v View, _ int) []string { return v.StalledRemedies() }},
	{name: "few partitions hold the lag", against: []move{adding}, why: of(View.HotVeto), moot: always,
		remedies: steps("check the message key: one key or few keys get most of the traffic (T-33)",
			"make processing of one message faster (R-070, R-074)", "then consider more partitions (R-089)")},
	{name: "what the workers call is slow", against: []move{adding}, why: of(View.slowDownstreamVeto), moot: always,
		remedies: steps("look at the external service and the transfer time first (R-130)",
			"do not raise concurrency while it is slow (R-076)")},
	{name: "the workers became slower", against: []move{adding}, why: of(View.slowerVeto), moot: always,
		remedies: steps("look at what the workers call first, and at what changed last (R-130, R-109)")},
	{name: "the last scale-up", against: []move{adding}, why: of(View.triedWhy), remedies: func(v View, _ int) []string {
		_, remedies := v.triedVeto()
		return remedies
	}},
	{name: "pods are not ready", against: []move{adding}, why: of(View.pendingVeto), moot: func(v View) bool { return v.Absent() > 0 },
		remedies: func(v View, _ int) []string { return v.PodRemedies() }},
	{name: "the workers are busy", against: []move{removing}, why: of(View.busyVeto)},
	{name: "the last move is watched", against: []move{removing}, why: of(View.watchVeto)},
	{name: "a rollout runs", against: []move{adding, removing, dropping}, why: of(View.rolloutVeto),
		remedies: steps("wait until the rollout has ended, or undo it (R-109)")},
	{name: "the group rebalances", against: []move{adding, removing, dropping}, why: of(View.RebalanceVeto),
		remedies: steps("wait until the group is stable again (R-110, R-133)")},
	{name: "pods are not ready", against: []move{removing}, why: of(View.pendingVeto)},
	{name: "more members than pods", against: []move{adding}, why: of(View.crowdVeto),
		remedies: steps("write consumersPerPod into the runbook file: how many consumers one pod runs (R-027)")},
	{name: ownedElsewhere, against: []move{adding}, why: func(v View, to int) string { return v.ownerVeto(max(to, v.Replicas+1)) },
		remedies: View.ownerRemedies},
	{name: ownedElsewhere, against: []move{removing}, why: func(v View, _ int) string { return v.ownerVeto(v.Replicas - 1) }},
	{name: ownedElsewhere, against: []move{dropping}, why: View.ownerVeto, remedies: View.ownerRemedies},
	// Requested pods that do not run are a stronger reason than further pods that would not fit.
	{name: "no room for the pods", against: []move{advising}, why: func(v View, to int) string {
		if v.Absent() > 0 {
			return ""
		}
		return v.RoomVeto(to)
	}, remedies: steps("add nodes or raise the quota first (R-103, R-136)")},
}

// Veto is a reason why another count would not help now, with what to do instead.
type Veto struct {
	// Name is the reason's name in the table of vetoes.
	Name string
	// Why is a clause for people: "a rollout is in progress".
	Why      string
	Remedies []string
	// Moot says that no count helps at all, so that none is worth proposing.
	Moot bool
}

// vetoesAgainst are the vetoes against a move to a count, the most important first.
func (v View) vetoesAgainst(m move, to int) []Veto {
	var found []Veto
	for _, row := range vetoes {
		if !slices.Contains(row.against, m) {
			continue
		}
		why := row.why(v, to)
		if why == "" {
			continue
		}
		veto := Veto{Name: row.name, Why: why, Moot: row.moot != nil && row.moot(v)}
		if row.remedies != nil {
			veto.Remedies = row.remedies(v, to)
		}
		found = append(found, veto)
	}
	return found
}

// firstVeto is the most important veto against a move to a count; empty when there is none.
func (v View) firstVeto(m move, to int) string {
	for _, veto := range v.vetoesAgainst(m, to) {
		return veto.Why
	}
	return ""
}

// UpVetoes are the vetoes against more workers; to is the requested count, 0 when there is none.
func (v View) UpVetoes(to int) []Veto { return v.vetoesAgainst(adding, to) }

// of makes the why function of a row that does not depend on the count.
func of(why func(View) string) func(View, int) string {
	return func(v View, _ int) string { return why(v) }
}

// steps are remedies that do not depend on the case.
func steps(remedies ...string) func(View, int) []string {
	return func(View, int) []string { return remedies }
}

func always(View) bool { return true }

func (v View) ownerRemedies(to int) []string {
	return ownership.OwnerRemedies(v.Now.Owner.Value, v.Replicas, to)
}

// slowDownstreamVeto: more workers would only wait for the same service.
func (v View) slowDownstreamVeto() string {
	if why := v.SlowDownstream(); why != "" {
		return "the bottleneck is elsewhere: " + why
	}
	return ""
}

// slowerVeto: the workers wait for something that nobody measures. It is left out where the
// service behind them is known to be slow, which explains the same.
func (v View) slowerVeto() string {
	if v.SlowDownstream() != "" {
		return ""
	}
	return v.SlowerWorkers()
}

// StalledVeto is that commits stand still on partitions that hold what makes the lag high.
func (v View) StalledVeto() string {
	if len(v.Stalled) == 0 || v.Backlog() > v.Policy.Up.Lag.Value {
		return ""
	}
	if stuck := float64(v.Lag.Total) - v.Backlog(); stuck < v.Backlog() {
		return ""
	}
	if held := v.Unattended(); held != "" {
		return v.StalledSentence() + "; " + held
	}
	return v.StalledSentence() + "; no number of workers gets past one record"
}

// StalledRemedies are the steps for partitions whose commits stand still: those for a record that
// cannot be processed and, before them, those for an owner that is gone (KIP-345).
func (v View) StalledRemedies() []string {
	steps := []string{"find the record that is retried there and move it to the dead-letter topic (R-137)",
		"restart the worker that owns the partition once the record is out of the way"}
	if v.Unattended() == "" {
		return steps
	}
	return append([]string{"start the missing worker again under its group.instance.id, or wait until the session time-out ends",
		"if it does run, elsewhere: " + steps[0]}, steps[1:]...)
}

// SlowDownstream says that what the workers wait for is slow; empty when nothing known
// says so (R-130, T-10).
func (v View) SlowDownstream() string {
	if breaker, ok := v.Now.Signals.Breaker.Get(); ok && breaker.Open > 0 {
		return fmt.Sprintf("%s open", scale.Of(breaker.Open, breaker.Of, "circuit breaker")+scale.IsAre(breaker.Open))
	}
	limit := v.Policy.Up.SlowDownload
	download := v.Now.Signals.Download
	if slow, _ := scale.Above(download, limit); slow && limit > 0 {
		return fmt.Sprintf("the transfer takes %s at p95, over %s", download.Words(scale.BesideSeconds(download.Value, limit)), scale.Seconds(limit))
	}
	return ""
}

// DownloadUnclear says why it is not known whether the transfer is slow; empty when it is.
func (v View) DownloadUnclear() string {
	download, limit := v.Now.Signals.Download, v.Policy.Up.SlowDownload
	p95, known := download.Get()
	if !known {
		return download.Why()
	}
	if _, certain := scale.Above(download, limit); !certain && limit > 0 {
		return scale.OpenEnded(download, scale.BesideSeconds(p95, limit))
	}
	return ""
}

// RebalanceVeto speaks against a change while the group is rebalancing.
func (v View) RebalanceVeto() string {
	group, known := v.Now.Group.Get()
	if !known || !group.State.Rebalancing() {
		return ""
	}
	text := fmt.Sprintf("the group is rebalancing (%s)", group.State)
	if !group.RebalancingSince.IsZero() {
		text = strings.TrimSuffix(text, ")") + " for " + scale.Span(v.Now.At.Sub(group.RebalancingSince)) + ")"
	}
	return text
}

package scale

import (
	"fmt"
	"slices"
	"strings"
)

// veto is a reason why another count would not help now, with what to do instead.
type veto struct {
	why      string
	remedies []string
	// moot says that no count helps at all, so that it is idle to argue for one.
	moot bool
}

// upVetoes are the reasons against more workers, the most telling first (decision B.9);
// to is the count in question, 0 when there is none.
func (v view) upVetoes(to int) []veto {
	var vetoes []veto
	add := func(moot bool, why string, remedies ...string) {
		if why != "" {
			vetoes = append(vetoes, veto{why, remedies, moot})
		}
	}
	add(true, v.unreadSentence(), v.restartRemedy())
	add(true, v.stalledVeto(), "find the record that is retried there and move it to the dead-letter topic (R-137)",
		"restart the worker that owns the partition once the record is out of the way")
	add(true, v.hotVeto(), "check the message key: one key or few keys get most of the traffic (T-33)",
		"make processing of one message faster (R-070, R-074)", "then consider more partitions (R-089)")
	if why := v.slowDownstream(); why != "" {
		add(true, "the bottleneck is elsewhere: "+why,
			"look at the external service and the transfer time first (R-130)",
			"do not raise concurrency while it is slow (R-076)")
	} else {
		add(true, v.slowerWorkers(), "look at what the workers call first, and at what changed last (R-130, R-109)")
	}
	if tried := v.triedVeto(); tried.why != "" {
		add(false, tried.why, tried.remedies...)
	}
	add(v.absent() > 0, v.pendingVeto(), v.podRemedies()...)
	add(false, v.rolloutVeto(), "wait until the rollout has ended, or undo it (R-109)")
	add(false, v.rebalanceVeto(), "wait until the group is stable again (R-110, R-133)")
	add(false, v.crowdVeto(), "write consumersPerPod into the runbook file: how many consumers one pod runs (R-027)")
	add(false, v.ownerVeto(max(to, v.replicas+1)), ownerRemedies(v.s.Owner.Value, v.replicas, to)...)
	return vetoes
}

// stalledVeto: commits stand still on partitions that hold what makes the lag high.
func (v view) stalledVeto() string {
	if len(v.stalled) == 0 || v.backlog() > v.p.Up.Lag.Value {
		return ""
	}
	if stuck := float64(v.lag.Total) - v.backlog(); stuck < v.backlog() {
		return ""
	}
	return v.stalledSentence() + "; no number of workers gets past one record"
}

// hotVeto: the lag sits on fewer partitions than there are workers (T-33), unless those
// share an owner that more workers would relieve. Lag that lies on more than half of the
// partitions is not hot, however many workers there are.
func (v view) hotVeto() string {
	if v.open {
		return ""
	}
	few, partitions := v.hot()
	if float64(v.lag.Total) <= materialShare*v.p.Up.Lag.Value*float64(max(1, v.replicas)) {
		return ""
	}
	if few == 0 || few >= v.consumers(v.replicas) || 2*few > len(v.lag.Partitions) || len(v.stalled) > 0 || v.ownerBound(partitions) {
		return ""
	}
	return fmt.Sprintf("%s %s %s of the lag, fewer than the %s; each partition has one %s already",
		names(partitions), holds(few), Percent(v.p.Sizing.HotShare), several(v.consumers(v.replicas), v.one()), v.one())
}

func holds(n int) string { return verb(n, "holds over", "hold") }

// ownerBound reports whether the hot partitions each get less than one worker manages
// and lag together with others of the same owner: then the owner is overloaded, and
// more workers part them.
func (v view) ownerBound(partitions []PartitionLag) bool {
	group, known := v.s.Group.Get()
	if !known {
		return false
	}
	sharing := map[string]int{}
	for _, p := range partitions {
		sharing[group.owner(p)]++
	}
	for _, p := range partitions {
		owner := group.owner(p)
		if p.Arrival <= 0 || p.Arrival > unfixableShare*v.eachManages() || owner == "" || sharing[owner] < 2 {
			return false
		}
	}
	return true
}

// unfixableShare of a worker's capacity on one partition is more than any count of
// workers can serve (decision B.5).
const unfixableShare = 0.95

// owner is the id of the member that owns the partition; empty when nobody does.
func (g Group) owner(p PartitionLag) string {
	for _, m := range g.Members {
		if slices.Contains(m.Partitions[p.Topic], p.Partition) {
			return m.ID
		}
	}
	return ""
}

// slowDownstream says that what the workers wait for is slow; empty when nothing known
// says so (R-130, T-10).
func (v view) slowDownstream() string {
	if breaker, ok := v.s.Signals.Breaker.Get(); ok && breaker.Open > 0 {
		return fmt.Sprintf("%s open", of(breaker.Open, breaker.Of, "circuit breaker")+isAre(breaker.Open))
	}
	limit := v.p.Up.SlowDownload
	download := v.s.Signals.Download
	if slow, _ := above(download, limit); slow && limit > 0 {
		return fmt.Sprintf("the transfer takes %s at p95, over %s", download.Words(besideSeconds(download.Value, limit)), Seconds(limit))
	}
	return ""
}

// downloadUnclear says why it is not known whether the transfer is slow; empty when it is.
func (v view) downloadUnclear() string {
	download, limit := v.s.Signals.Download, v.p.Up.SlowDownload
	p95, known := download.Get()
	if !known {
		return download.Why()
	}
	if _, sure := above(download, limit); !sure && limit > 0 {
		return openEnded(download, besideSeconds(p95, limit))
	}
	return ""
}

func isAre(n int) string { return " " + verb(n, "is", "are") }

func (v view) rebalanceVeto() string {
	group, known := v.s.Group.Get()
	if !known || !group.State.Rebalancing() {
		return ""
	}
	text := fmt.Sprintf("the group is rebalancing (%s)", group.State)
	if !group.RebalancingSince.IsZero() {
		text = strings.TrimSuffix(text, ")") + " for " + Span(v.s.At.Sub(group.RebalancingSince)) + ")"
	}
	return text
}

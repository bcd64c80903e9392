package judge

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/scale"
)

// ownerVeto: somebody else sets the replica count and would undo a change to the given one
// (T-01 to T-04). An owner that leaves the count alone is no reason against it.
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

// veto is a reason why another count would not help now, with what to do instead.
type veto struct {
	Why      string
	remedies []string
	// Moot says that no count helps at all, so that it is idle to argue for one.
	Moot bool
}

// UpVetoes are the reasons against more workers, the most telling first (decision B.9);
// to is the count in question, 0 when there is none.
func (v View) UpVetoes(to int) []veto {
	var vetoes []veto
	add := func(moot bool, why string, remedies ...string) {
		if why != "" {
			vetoes = append(vetoes, veto{why, remedies, moot})
		}
	}
	add(true, v.UnreadSentence(), v.RestartRemedy())
	add(true, v.StalledVeto(), v.StalledRemedies()...)
	add(true, v.HotVeto(), "check the message key: one key or few keys get most of the traffic (T-33)",
		"make processing of one message faster (R-070, R-074)", "then consider more partitions (R-089)")
	if why := v.SlowDownstream(); why != "" {
		add(true, "the bottleneck is elsewhere: "+why,
			"look at the external service and the transfer time first (R-130)",
			"do not raise concurrency while it is slow (R-076)")
	} else {
		add(true, v.SlowerWorkers(), "look at what the workers call first, and at what changed last (R-130, R-109)")
	}
	if tried := v.triedVeto(); tried.Why != "" {
		add(false, tried.Why, tried.remedies...)
	}
	add(v.Absent() > 0, v.pendingVeto(), v.PodRemedies()...)
	add(false, v.rolloutVeto(), "wait until the rollout has ended, or undo it (R-109)")
	add(false, v.RebalanceVeto(), "wait until the group is stable again (R-110, R-133)")
	add(false, v.crowdVeto(), "write consumersPerPod into the runbook file: how many consumers one pod runs (R-027)")
	add(false, v.ownerVeto(max(to, v.Replicas+1)), ownership.OwnerRemedies(v.Now.Owner.Value, v.Replicas, to)...)
	return vetoes
}

// StalledVeto: commits stand still on partitions that hold what makes the lag high.
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

// StalledRemedies are the steps for partitions whose commits stand still: those for a record
// that cannot be processed, and first of all those for an owner that is not there (KIP-345).
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
	if _, sure := scale.Above(download, limit); !sure && limit > 0 {
		return scale.OpenEnded(download, scale.BesideSeconds(p95, limit))
	}
	return ""
}

// RebalanceVeto speaks against a change while the group hands out its partitions.
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

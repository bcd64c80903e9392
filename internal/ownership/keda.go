package ownership

import (
	"fmt"
	"math"
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
)

// kedaLag is the lag as a KEDA trigger computes it.
type kedaLag struct {
	// total is the sum over its partitions, scaled the value it reports after its options.
	total, scaled int64
	// active says that the trigger is active; while none is, KEDA may scale to zero.
	active bool
	// cap names the option that changed the sum; empty when none did.
	cap string
}

// triggeredLag adds up the lag as the trigger does. It is not known when a partition could not be
// read, or none is the trigger's.
func triggeredLag(t scale.LagTrigger, lag scale.Lag) (kedaLag, bool) {
	var total, persistent, lagging, partitions int64
	for _, p := range lag.Partitions {
		if !readsPartition(t, p) {
			continue
		}
		n, known := lagOf(t, p)
		if !known {
			return kedaLag{}, false
		}
		partitions++
		persistent += n
		still, known := persistentLag(t, p, n)
		if !known {
			return kedaLag{}, false
		}
		if still {
			continue
		}
		total += n
		if n > 0 {
			lagging++
		}
	}
	if partitions == 0 || t.Threshold <= 0 {
		return kedaLag{}, false
	}
	out := kedaLag{total: total, active: persistent > t.Activation}
	out.scaled, out.cap = capped(t, total, partitions, lagging)
	if persistent > total {
		out.cap = scale.FirstOf(out.cap, "partitions whose commit stands still left out")
	}
	return out, true
}

// persistentLag reports whether the trigger ignores the lag of a partition because its commit has
// not advanced between two polls.
func persistentLag(t scale.LagTrigger, p scale.PartitionLag, lag int64) (still, known bool) {
	if !t.ExcludePersistent || lag <= 0 || p.Committed < 0 {
		return false, true
	}
	return p.Consumption == 0, p.Consumption >= 0
}

// readsMore reports whether the group has members on topics that this lag does not include. A
// trigger without a topic counts those as well.
func readsMore(s scale.Snapshot, lag scale.Lag) bool {
	counted := map[string]bool{}
	for _, p := range lag.Partitions {
		counted[p.Topic] = true
	}
	group, _ := s.Group.Get()
	for _, m := range group.Members {
		for topic := range m.Partitions {
			if !counted[topic] {
				return true
			}
		}
	}
	return false
}

func readsPartition(t scale.LagTrigger, p scale.PartitionLag) bool {
	if t.Topic == "" {
		return true
	}
	return p.Topic == t.Topic && (len(t.Partitions) == 0 || slices.Contains(t.Partitions, p.Partition))
}

// lagOf is the lag of one partition as KEDA counts it: the end minus the commit, even where the
// commit is older than the oldest retained record.
func lagOf(t scale.LagTrigger, p scale.PartitionLag) (int64, bool) {
	switch {
	case p.Flag == scale.LagUnknown:
		return 0, false
	case p.Flag == scale.LagUncommitted || p.Flag == scale.LagUncounted || p.Committed < 0:
		switch {
		case t.ZeroWithoutCommit:
			return 0, true
		case !t.Earliest:
			return 1, true
		}
		return max(0, p.End-max(0, p.Start)), true
	}
	return p.End - p.Committed, true
}

// capped applies the options that cap the replicas. Like KEDA, it compares whole replicas: a sum
// that exceeds the cap by less than one replica stays as it is.
func capped(t scale.LagTrigger, total, partitions, lagging int64) (scaled int64, cap string) {
	if t.IdleConsumers && !t.LaggingOnly && !t.Even {
		return total, ""
	}
	upper, name := partitions, ""
	if t.Even {
		if factor := nextFactor(total, partitions, t.Threshold); factor*t.Threshold != total {
			total, cap = factor*t.Threshold, "a count that divides the partitions evenly"
		}
	}
	if t.LaggingOnly {
		upper, name = lagging, "no more than the partitions that lag"
	}
	if total/t.Threshold > upper {
		return upper * t.Threshold, scale.FirstOf(name, cap)
	}
	return total, cap
}

// nextFactor is the smallest divisor of the partition count that carries the lag, or all
// partitions when none does.
func nextFactor(lag, partitions, threshold int64) int64 {
	for n := int64(1); n < partitions; n++ {
		if partitions%n == 0 && n*threshold >= lag {
			return n
		}
	}
	return partitions
}

// hpaTolerance is how far from its target an HPA leaves the count alone
// (--horizontal-pod-autoscaler-tolerance).
const hpaTolerance = 0.1

// kedaChoice explains the count KEDA derives from the present lag: the sum over all partitions,
// divided by the threshold, capped by its options and its bounds. The threshold is per replica
// and not per partition (T-02). The highest count of several triggers wins.
func kedaChoice(o scale.Owner, s scale.Snapshot) string {
	lag, known := s.Lag.Get()
	if !known || o.Paused == scale.PausedFully || pausedCount(o) != "" || o.Fallback != "" || o.Rest != scale.RestNone && o.Rest != scale.RestZero {
		return ""
	}
	shared := s.TypeOfGroup() == scale.GroupShare
	if shared {
		lag = withoutCommits(lag)
	}
	best, trigger, most := kedaLag{}, scale.LagTrigger{}, int64(-1)
	active := false
	for _, t := range lagTriggers(o) {
		sum, known := triggeredLag(t, lag)
		if !known || t.Topic == "" && readsMore(s, lag) {
			return ""
		}
		active = active || sum.active
		if wanted := scale.CeilDiv(sum.scaled, t.Threshold); wanted > most {
			best, trigger, most = sum, t, wanted
		}
	}
	if most < 0 {
		return ""
	}
	text := explain(o, s, best, trigger, active)
	if shared {
		text = "KEDA counts from committed offsets, of which a share group has none (KIP-932), and so does not see its lag: " + text
	}
	return text
}

// withoutCommits is the lag for a client that asks for the committed offsets of a share group:
// the broker answers without an error and without an offset.
func withoutCommits(l scale.Lag) scale.Lag {
	l.Partitions = slices.Clone(l.Partitions)
	for i := range l.Partitions {
		if p := &l.Partitions[i]; p.Flag != scale.LagUnknown || p.End > 0 {
			p.Committed, p.Flag = -1, scale.LagUncommitted
		}
	}
	return l
}

// lagTriggers are the triggers in full, or as much as a record of an older version has of them.
func lagTriggers(o scale.Owner) []scale.LagTrigger {
	if len(o.Triggers) > 0 || o.LagPerReplica <= 0 {
		return o.Triggers
	}
	return []scale.LagTrigger{{Threshold: o.LagPerReplica}}
}

// explain describes the choice in one clause.
func explain(o scale.Owner, s scale.Snapshot, sum kedaLag, t scale.LagTrigger, active bool) string {
	plain, scaled := scale.CeilDiv(sum.total, t.Threshold), int(scale.CeilDiv(sum.scaled, t.Threshold))
	asks := int(plain)
	text := fmt.Sprintf("lag %s ÷ %s per replica asks for %s", scale.Count(sum.total), scale.Count(t.Threshold), scale.Count(plain))
	if sum.cap != "" {
		text += fmt.Sprintf(", with its options for %d (%s)", scaled, sum.cap)
		asks = scaled
	}
	if !active && (o.Min == 0 || o.Idle != nil) {
		return text + fmt.Sprintf("; a lag that does not exceed %s is no activity, and without any it goes to %d (R-067)", scale.Count(t.Activation), idle(o))
	}
	choice := max(scaled, o.Min, 1)
	if o.Max > 0 {
		choice = min(choice, o.Max)
	}
	if choice != asks {
		text += fmt.Sprintf(", so %d within its bounds", choice)
	}
	return text + tolerated(o, s, sum.scaled, t.Threshold, choice) + " (R-067)"
}

// idle is the count KEDA scales to while no trigger is active.
func idle(o scale.Owner) int {
	if o.Idle != nil {
		return *o.Idle
	}
	return 0
}

// tolerated says that the count stays although KEDA's choice differs: an HPA does not act within
// a tenth of its target (T-02).
func tolerated(o scale.Owner, s scale.Snapshot, lag, threshold int64, choice int) string {
	now, known := s.Replicas()
	if !known || now <= 0 || now == choice || outside(o, now) {
		return ""
	}
	if math.Abs(float64(lag)/float64(threshold*int64(now))-1) > hpaTolerance {
		return ""
	}
	return fmt.Sprintf("; %d stay while that is within %s of it", now, scale.Percent(hpaTolerance))
}

package scale

import (
	"fmt"
	"math"
	"slices"
)

// LagTrigger is a Kafka trigger of a ScaledObject, with the options that change what KEDA
// makes of a lag (KEDA's Kafka scaler, v2.21).
type LagTrigger struct {
	// Topic is empty for all topics of the group; Partitions are those it is limited to.
	Topic      string  `json:"topic,omitempty"`
	Partitions []int32 `json:"partitions,omitempty"`
	// Threshold is the lag one replica stands for; Activation the lag that has to be exceeded
	// for the trigger to be active at all.
	Threshold  int64 `json:"threshold"`
	Activation int64 `json:"activation,omitempty"`
	// Earliest is the reset policy: without a commit everything that is kept counts, with
	// latest (KEDA's default) one message. ZeroWithoutCommit counts none then.
	Earliest          bool `json:"earliest,omitempty"`
	ZeroWithoutCommit bool `json:"zeroWithoutCommit,omitempty"`
	// IdleConsumers allows more replicas than partitions, LaggingOnly no more than partitions
	// that lag, Even only counts that divide the partitions; ExcludePersistent leaves out
	// partitions whose commit stands still.
	IdleConsumers     bool `json:"idleConsumers,omitempty"`
	LaggingOnly       bool `json:"laggingOnly,omitempty"`
	Even              bool `json:"even,omitempty"`
	ExcludePersistent bool `json:"excludePersistent,omitempty"`
}

// kedaLag is what a trigger makes of the lag.
type kedaLag struct {
	// total is the sum over its partitions, scaled the one that it asks for after its options.
	total, scaled int64
	// active says that the trigger is active; without one KEDA may go to zero.
	active bool
	// cap names the option that changed the sum; empty when none did.
	cap string
}

// sum adds up the lag as the trigger does. It is not known when a partition could not be
// read, or none is the trigger's.
func (t LagTrigger) sum(lag Lag) (kedaLag, bool) {
	var total, persistent, lagging, partitions int64
	for _, p := range lag.Partitions {
		if !t.reads(p) {
			continue
		}
		n, known := t.of(p)
		if !known {
			return kedaLag{}, false
		}
		partitions++
		persistent += n
		still, known := t.persistent(p, n)
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
	out.scaled, out.cap = t.limit(total, partitions, lagging)
	if persistent > total {
		out.cap = firstOf(out.cap, "partitions whose commit stands still left out")
	}
	return out, true
}

// persistent reports whether the trigger leaves the lag of a partition out because its
// commit has not moved between two looks.
func (t LagTrigger) persistent(p PartitionLag, lag int64) (still, known bool) {
	if !t.ExcludePersistent || lag <= 0 || p.Committed < 0 {
		return false, true
	}
	return p.Consumption == 0, p.Consumption >= 0
}

func (t LagTrigger) reads(p PartitionLag) bool {
	if t.Topic == "" {
		return true
	}
	return p.Topic == t.Topic && (len(t.Partitions) == 0 || slices.Contains(t.Partitions, p.Partition))
}

// of is the lag of one partition as KEDA counts it: up to the end, from the commit even
// where that is older than what is kept.
func (t LagTrigger) of(p PartitionLag) (int64, bool) {
	switch {
	case p.Flag == LagUnknown:
		return 0, false
	case p.Flag == LagUncommitted || p.Flag == LagUncounted || p.Committed < 0:
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

// limit applies the options that cap the replicas. KEDA changes the sum, and in whole
// replicas: the rest of a division stays.
func (t LagTrigger) limit(total, partitions, lagging int64) (scaled int64, cap string) {
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
		return upper * t.Threshold, firstOf(name, cap)
	}
	return total, cap
}

// nextFactor is the smallest divisor of the partitions that carries the lag, else all.
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

// kedaChoice explains what KEDA makes of the present lag: the sum over all partitions, over
// the threshold, capped by its options and its own bounds. The threshold is per replica and
// not per partition (T-02). Of several triggers the one that asks for most counts.
func (o Owner) kedaChoice(s Snapshot) string {
	lag, known := s.Lag.Get()
	if !known || o.Paused == PausedFully || o.pausedCount() != "" || o.Fallback != "" || o.Rest != RestNone && o.Rest != RestZero {
		return ""
	}
	shared := s.groupType() == GroupShare
	if shared {
		lag = lag.withoutCommits()
	}
	best, trigger, most := kedaLag{}, LagTrigger{}, int64(-1)
	active := false
	for _, t := range o.lagTriggers() {
		sum, known := t.sum(lag)
		if !known {
			return ""
		}
		active = active || sum.active
		if wanted := ceilDiv(sum.scaled, t.Threshold); wanted > most {
			best, trigger, most = sum, t, wanted
		}
	}
	if most < 0 {
		return ""
	}
	text := o.explain(s, best, trigger, active)
	if shared {
		text = "KEDA counts from committed offsets, of which a share group has none (KIP-932), and so does not see its lag: " + text
	}
	return text
}

// withoutCommits is the lag as somebody sees it who asks for the commits of a share group:
// the broker answers without an error and without an offset.
func (l Lag) withoutCommits() Lag {
	l.Partitions = slices.Clone(l.Partitions)
	for i := range l.Partitions {
		if p := &l.Partitions[i]; p.Flag != LagUnknown || p.End > 0 {
			p.Committed, p.Flag = -1, LagUncommitted
		}
	}
	return l
}

// lagTriggers are the triggers in full, or what a record of an older version has of them.
func (o Owner) lagTriggers() []LagTrigger {
	if len(o.Triggers) > 0 || o.LagPerReplica <= 0 {
		return o.Triggers
	}
	return []LagTrigger{{Threshold: o.LagPerReplica}}
}

// explain puts the choice into one clause.
func (o Owner) explain(s Snapshot, sum kedaLag, t LagTrigger, active bool) string {
	plain, scaled := ceilDiv(sum.total, t.Threshold), int(ceilDiv(sum.scaled, t.Threshold))
	asks := int(plain)
	text := fmt.Sprintf("lag %s ÷ %s per replica asks for %s", Count(sum.total), Count(t.Threshold), Count(plain))
	if sum.cap != "" {
		text += fmt.Sprintf(", with its options for %d (%s)", scaled, sum.cap)
		asks = scaled
	}
	if !active && (o.Min == 0 || o.Idle != nil) {
		return text + fmt.Sprintf("; a lag that does not exceed %s is no activity, and without any it goes to %d (R-067)", Count(t.Activation), o.idle())
	}
	choice := max(scaled, o.Min, 1)
	if o.Max > 0 {
		choice = min(choice, o.Max)
	}
	if choice != asks {
		text += fmt.Sprintf(", so %d within its bounds", choice)
	}
	return text + o.tolerated(s, sum.scaled, t.Threshold, choice) + " (R-067)"
}

// idle is the count KEDA goes to while no trigger is active.
func (o Owner) idle() int {
	if o.Idle != nil {
		return *o.Idle
	}
	return 0
}

// tolerated says that the count stays although the choice is another: an HPA does not act
// within a tenth of its target (T-02).
func (o Owner) tolerated(s Snapshot, lag, threshold int64, choice int) string {
	now, known := s.Replicas()
	if !known || now <= 0 || now == choice || o.outside(now) {
		return ""
	}
	if math.Abs(float64(lag)/float64(threshold*int64(now))-1) > hpaTolerance {
		return ""
	}
	return fmt.Sprintf("; %d stay while that is within %s of it", now, Percent(hpaTolerance))
}

package scale

import (
	"fmt"
	"strings"
)

// OwnerFacts is what an owner of the replica count is about to do, as clauses: what it
// wants, what it steers by, what KEDA would choose at this lag, and its last event
// . There are none when nobody but people sets the count.
func OwnerFacts(s Snapshot) []string {
	o, known := s.Owner.Get()
	if !known || o.Kind == OwnerNone {
		return nil
	}
	var facts []string
	if o.Wants > 0 {
		facts = append(facts, fmt.Sprintf("wants %d", o.Wants))
	}
	if len(o.Targets) > 0 {
		facts = append(facts, "steers by "+strings.Join(o.Targets, " and "))
	}
	if text := o.kedaChoice(s); text != "" {
		facts = append(facts, text)
	}
	if partitions, known := s.Partitions.Get(); known && partitions > 0 && o.Max > partitions {
		facts = append(facts, fmt.Sprintf("its maximum of %d is above the %s, and the surplus would idle (R-062)", o.Max, several(partitions, "partition")))
	}
	if o.LastEvent != "" {
		facts = append(facts, "last: "+clauseOf(o.LastEvent))
	}
	return facts
}

// kedaChoice explains what KEDA makes of the present lag: the sum over all partitions,
// over the threshold, and never more than partitions or its own maximum. The threshold is
// per replica and not per partition (T-02).
func (o Owner) kedaChoice(s Snapshot) string {
	lag, known := s.TotalLag().Get()
	if o.LagPerReplica <= 0 || !known || o.Paused != "" {
		return ""
	}
	wanted := int((lag + o.LagPerReplica - 1) / o.LagPerReplica)
	text := fmt.Sprintf("lag %s ÷ %s per replica asks for %s", Count(lag), Count(o.LagPerReplica), Count(int64(wanted)))
	choice := wanted
	if partitions, known := s.Partitions.Get(); known && partitions > 0 {
		choice = min(choice, partitions)
	}
	if o.Max > 0 {
		choice = min(choice, o.Max)
	}
	if choice = max(choice, o.Min); choice != wanted {
		text += fmt.Sprintf(", so %d within its bounds", choice)
	}
	return text + " (R-067)"
}

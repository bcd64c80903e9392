package ownership

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// OwnerFacts is what an owner of the replica count is about to do, as clauses: the count it
// wants, its targets, what KEDA would choose at this lag, and its last event. It
// is empty when only people set the count.
func OwnerFacts(s scale.Snapshot) []string {
	o, known := s.Owner.Get()
	if !known || o.Kind == scale.OwnerNone {
		return nil
	}
	var facts []string
	if o.RestWhy != "" {
		facts = append(facts, "stands still: "+scale.ClauseOf(o.RestWhy))
	}
	if o.Fallback != "" {
		facts = append(facts, fmt.Sprintf("a trigger fails, so it falls back (%s, %d)", o.Fallback, o.FallbackTo))
	}
	if o.Wants > 0 {
		facts = append(facts, fmt.Sprintf("wants %d", o.Wants))
	}
	if len(o.Targets) > 0 {
		facts = append(facts, "steers by "+strings.Join(o.Targets, " and "))
	}
	if text := kedaChoice(o, s); text != "" {
		facts = append(facts, text)
	}
	if share := measure.SharingOf(scale.Component{}, s); share.Partitions > 0 && o.Max > share.Ceiling() {
		facts = append(facts, fmt.Sprintf("its maximum of %d is above the %s, and the surplus would idle (R-062)", o.Max, share.CeilingText()))
	}
	if o.LastEvent != "" {
		facts = append(facts, "last: "+scale.ClauseOf(o.LastEvent))
	}
	return facts
}

package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// firing makes the finding of a rule whose condition holds: "lag 14,200 > 10,000 →
// Critical, now".
func firing(rule, metric, value, bound string, l scale.Limit, advises scale.Action) scale.Finding {
	f := scale.Finding{
		Rule: rule, Metric: metric, Outcome: scale.Fires, Value: value, Limit: bound,
		Urgency: l.Urgency, ActWithin: l.Within, Window: l.For, Advises: advises,
	}
	f.Sentence = fmt.Sprintf("%s %s %s", metric, value, bound)
	if l.For > 0 {
		f.Sentence += " for " + scale.Span(l.For)
	}
	if l.Urgency > scale.UrgencyNone {
		f.Sentence += fmt.Sprintf(" → %s, %s", l.Urgency, scale.Within(l.Within))
	}
	return f
}

// silent makes the finding of a rule whose condition does not hold.
func silent(rule, metric, value, bound string, l scale.Limit) scale.Finding {
	return scale.Finding{
		Rule: rule, Metric: metric, Outcome: scale.Silent, Value: value, Limit: bound, Window: l.For,
		Sentence: fmt.Sprintf("%s %s, limit %s", metric, value, bound),
	}
}

// unclear makes the finding of a rule that cannot be judged, with the reason.
func unclear(rule, metric, bound, why string, l scale.Limit) scale.Finding {
	return scale.Finding{
		Rule: rule, Metric: metric, Outcome: scale.Unclear, Limit: bound, Window: l.For,
		Sentence: fmt.Sprintf("%s %s cannot be judged: %s", metric, bound, why),
	}
}

// upRules are the scale-up triggers, in their order.
var upRules = []string{scale.RuleLag, "R-002", "R-003", "R-004", "R-005", scale.RuleThroughput}

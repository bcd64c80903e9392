// Package judge holds judgement before a change: the triggers of the runbook, the vetoes against
// them, the recommendation, the plan with its risks and warnings, what is refused, and when an
// alert opens and closes. Everything is a pure function of a [measure.Case].
package judge

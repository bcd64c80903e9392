package judge

import (
	"fmt"
	"math"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// choice is the count that the scale-up rules lead to; short says that no count within bounds is
// enough.
type choice struct {
	to      int
	short   bool
	reasons []string
}

// choose picks the smallest efficient count in bounds whose capacity carries the
// arrivals with headroom and drains the backlog in the recovery time; under critical
// lag not less than the runbook's high-lag count (decision B.9).
//
// mayStay says that the present count may turn out to be enough.
func (v View) choose(highLag, mayStay bool) choice {
	counts := v.candidates(highLag)
	if len(counts) == 0 {
		return v.exhausted()
	}
	if !v.RatesKnown || v.Capacity.PerWorker <= 0 {
		return v.chooseByThumb(counts, highLag)
	}
	need := v.Need()
	if enough := v.enough(need, highLag); mayStay && enough != "" {
		return choice{to: v.Replicas, reasons: []string{v.needReason(need), enough}}
	}
	to, short := v.smallest(counts, need)
	return choice{to: to, short: short, reasons: v.choiceReasons(need, to, short)}
}

// candidates are the efficient counts above the present one that lower the busiest worker's load,
// at or above the high-lag count.
func (v View) candidates(highLag bool) []int {
	least := v.Component.Lowest()
	if highLag {
		low, _ := v.Thumb(true)
		least = max(least, low)
	}
	var counts []int
	for _, n := range v.Counts() {
		better := v.Lighter(n, v.Replicas) || v.Replicas <= 0
		if n > v.Replicas && better && n >= least && n <= measure.Highest(v.Component, v.Sharing) {
			counts = append(counts, n)
		}
	}
	if len(counts) == 0 && least > v.Replicas && least <= measure.Highest(v.Component, v.Sharing) {
		counts = append(counts, least)
	}
	return counts
}

// exhausted explains that no count within bounds lowers the load of the busiest worker.
func (v View) exhausted() choice {
	top := measure.Highest(v.Component, v.Sharing)
	why := fmt.Sprintf("%s for %s: no higher count in bounds loads the busiest %s less",
		v.Named(v.Replicas), v.Parts(v.Dealt()), v.OwnerWord())
	if top < v.Ceiling() && v.Replicas >= top {
		why = fmt.Sprintf("%d is the maximum the team set, of %s", top, v.Parts(v.Dealt()))
	}
	return choice{to: v.Replicas, short: true, reasons: []string{why}}
}

// Need is how many fully used workers the arrivals with headroom and the backlog over
// the recovery time take.
func (v View) Need() float64 {
	recovery := v.Policy.Sizing.Recovery.Seconds()
	backlog := 0.0
	if recovery > 0 {
		backlog = v.Backlog() / recovery
	}
	return (v.Rates.Arrival*max(1, v.Policy.Sizing.Headroom) + backlog) / v.Capacity.PerWorker
}

func (v View) needReason(need float64) string {
	text := fmt.Sprintf("%s × %.2g", scale.PerSecond(v.Rates.Arrival), max(1, v.Policy.Sizing.Headroom))
	if v.Backlog() > 0 {
		text += fmt.Sprintf(" and %s waiting messages in %s", scale.Whole(v.Backlog()), scale.Span(v.Policy.Sizing.Recovery))
	}
	return fmt.Sprintf("%s need %.1f busy workers at %s each (%s)", text, need,
		scale.PerSecond(v.Capacity.PerWorker), v.Capacity.Basis)
}

// enough says why the present count is already sufficient; empty when it is not.
func (v View) enough(need float64, highLag bool) string {
	low, _ := v.Thumb(highLag)
	if !v.carries(v.Replicas, need) || v.Lighter(low, v.Replicas) {
		return ""
	}
	return fmt.Sprintf("the present %s carry that", scale.Several(v.Replicas, "worker")) +
		v.Drain(v.Replicas).Clause("; the backlog drains in ")
}

// carries reports whether a count is enough. Arrivals with headroom, and the drain within the
// recovery time, are two separate demands inside the recommended range. At the top of the range
// it is enough that the backlog drains at all. A deep backlog alone is no reason to leave the
// range; arrivals that the range cannot carry are.
func (v View) carries(count int, need float64) bool {
	worth := v.Effective(count)
	if worth >= need {
		return true
	}
	if v.Component.High <= 0 || count > v.Component.High || worth < v.steadyNeed(v.Rates.Arrival) {
		return false
	}
	drain := v.Drain(count)
	if !drain.Known || drain.Never {
		return false
	}
	return drain.Expected <= v.Policy.Sizing.Recovery || v.topOfRange(count)
}

// topOfRange reports whether the next efficient count lies above the recommended range.
func (v View) topOfRange(count int) bool {
	for _, n := range v.Counts() {
		if n > count {
			return n > v.Component.High
		}
	}
	return true
}

// smallest returns the smallest count that is enough; the largest, marked as short, when
// none is.
func (v View) smallest(counts []int, need float64) (to int, short bool) {
	for _, n := range counts {
		if v.carries(n, need) && (n >= v.Now.Advised || v.carriesEasily(n)) {
			return n, false
		}
	}
	return counts[len(counts)-1], true
}

// byAHair is how much lower the capacity of a worker may be before a count below the last
// recommended one is no longer enough. The capacity is known to a few percent, and without a
// margin the recommendation would alternate.
const byAHair = 0.1

// carriesEasily reports whether a count is enough with that margin.
func (v View) carriesEasily(count int) bool {
	v.Capacity.PerWorker *= 1 - byAHair
	return v.carries(count, v.Need())
}

// choiceReasons explain the chosen count compared with its neighbours.
func (v View) choiceReasons(need float64, to int, short bool) []string {
	text := fmt.Sprintf("%s → %d%s", v.needReason(need), to, v.OnBusiest(to))
	if !short && v.Effective(to) < need {
		text = fmt.Sprintf("%s; %d carries the arrivals with headroom", v.needReason(need), to) +
			v.Drain(to).Clause(" and drains the backlog in ")
	}
	reasons := []string{text}
	if text := v.staircase(to); text != "" {
		reasons = append(reasons, text)
	}
	if hair := v.Below(to); !short && to <= v.Now.Advised && hair > v.Replicas && v.carries(hair, need) {
		reasons = append(reasons, fmt.Sprintf("%d would be enough by a hair; the recommendation stays until it is more than that", hair))
	}
	if short {
		reasons = append(reasons, fmt.Sprintf("even %d workers do not carry that; it is the highest useful count in bounds", to))
	}
	if v.Component.High > 0 && to > v.Component.High {
		reasons = append(reasons, fmt.Sprintf("%d is above the recommended %s", to, scale.Range(v.Component.Low, v.Component.High)))
	}
	return reasons
}

// staircase says which counts below the chosen one are no better than a smaller one: "9–11 load
// the busiest worker like 8" (T-05).
func (v View) staircase(to int) string {
	step := v.Below(to)
	if step == 0 || to-step < 2 || to-1 <= v.Replicas {
		return ""
	}
	first := max(step+1, v.Replicas+1)
	verb := "load"
	if first == to-1 {
		verb = "loads"
	}
	return fmt.Sprintf("%s %s the busiest %s like %d", scale.Range(first, to-1), verb, v.OwnerWord(), step)
}

// chooseByThumb uses the runbook's rule of thumb while the rates are unknown, and says so.
func (v View) chooseByThumb(counts []int, highLag bool) choice {
	low, high := v.Thumb(highLag)
	if v.Open {
		return choice{to: v.Replicas, short: true, reasons: []string{
			fmt.Sprintf("arrivals are unknown (%s), and the rule of thumb counts partitions, which say nothing about a share group", v.Now.Rates.Why())}}
	}
	to := counts[len(counts)-1]
	for _, n := range counts {
		if n >= low || n == counts[len(counts)-1] {
			to = n
			break
		}
	}
	if to > high && v.Replicas >= high {
		return choice{to: v.Replicas, short: true, reasons: []string{
			fmt.Sprintf("arrivals are unknown (%s), and %d already meets the rule of thumb", v.Now.Rates.Why(), v.Replicas)}}
	}
	reasons := []string{fmt.Sprintf("arrivals are unknown (%s), so the rule of thumb decides: %d", v.Now.Rates.Why(), to)}
	if text := v.staircase(to); text != "" {
		reasons = append(reasons, text)
	}
	return choice{to: to, reasons: reasons}
}

// steadyNeed is how many fully loaded workers the arrivals with headroom need, by the highest
// arrivals of the given history; infinite when nothing is known.
func (v View) steadyNeed(peak float64) float64 {
	if v.Capacity.PerWorker <= 0 || peak < 0 {
		return math.Inf(1)
	}
	return peak * max(1, v.Policy.Sizing.Headroom) / v.Capacity.PerWorker
}

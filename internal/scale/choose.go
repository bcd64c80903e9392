package scale

import (
	"fmt"
	"math"
)

// choice is the count that up-rules argue for; short says that no count in bounds is
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
func (v view) choose(highLag, mayStay bool) choice {
	counts := v.candidates(highLag)
	if len(counts) == 0 {
		return v.exhausted()
	}
	if !v.ratesKnown || v.capacity.PerWorker <= 0 {
		return v.chooseByThumb(counts, highLag)
	}
	need := v.need()
	if enough := v.enough(need, highLag); mayStay && enough != "" {
		return choice{to: v.replicas, reasons: []string{v.needReason(need), enough}}
	}
	to, short := v.smallest(counts, need)
	return choice{to: to, short: short, reasons: v.choiceReasons(need, to, short)}
}

// candidates are the efficient counts above the present one that lower the busiest
// worker's load, at or above the high-lag count.
func (v view) candidates(highLag bool) []int {
	least := v.c.lowest()
	if highLag {
		low, _ := v.thumb(true)
		least = max(least, low)
	}
	var counts []int
	for _, n := range v.counts() {
		better := v.lighter(n, v.replicas) || v.replicas <= 0
		if n > v.replicas && better && n >= least && n <= v.c.highest(v.sharing) {
			counts = append(counts, n)
		}
	}
	if len(counts) == 0 && least > v.replicas && least <= v.c.highest(v.sharing) {
		counts = append(counts, least)
	}
	return counts
}

// exhausted explains that no count in bounds loads the busiest worker less.
func (v view) exhausted() choice {
	top := v.c.highest(v.sharing)
	why := fmt.Sprintf("%s for %s: no higher count in bounds loads the busiest %s less",
		v.named(v.replicas), v.parts(v.dealt()), v.one())
	if top < v.ceiling() && v.replicas >= top {
		why = fmt.Sprintf("%d is the maximum the team set, of %s", top, v.parts(v.dealt()))
	}
	return choice{to: v.replicas, short: true, reasons: []string{why}}
}

// need is how many fully used workers the arrivals with headroom and the backlog over
// the recovery time take.
func (v view) need() float64 {
	recovery := v.p.Sizing.Recovery.Seconds()
	backlog := 0.0
	if recovery > 0 {
		backlog = v.backlog() / recovery
	}
	return (v.rates.Arrival*max(1, v.p.Sizing.Headroom) + backlog) / v.capacity.PerWorker
}

func (v view) needReason(need float64) string {
	text := fmt.Sprintf("%s × %.2g", PerSecond(v.rates.Arrival), max(1, v.p.Sizing.Headroom))
	if v.backlog() > 0 {
		text += fmt.Sprintf(" and %s waiting messages in %s", whole(v.backlog()), Span(v.p.Sizing.Recovery))
	}
	return fmt.Sprintf("%s need %.1f busy workers at %s each (%s)", text, need,
		PerSecond(v.capacity.PerWorker), v.capacity.Basis)
}

// enough says why the present count already does; empty when it does not.
func (v view) enough(need float64, highLag bool) string {
	low, _ := v.thumb(highLag)
	if !v.carries(v.replicas, need) || v.lighter(low, v.replicas) {
		return ""
	}
	return fmt.Sprintf("the present %s carry that", several(v.replicas, "worker")) +
		v.drain(v.replicas).clause("; the backlog drains in ")
}

// carries reports whether a count is enough. Within the recommended range it will do
// that arrivals with headroom and the recovery time hold each on their own, and at its
// top that the backlog drains at all: a deep backlog alone is no reason to leave the
// range, arrivals that the range cannot carry are.
func (v view) carries(count int, need float64) bool {
	worth := v.effective(count)
	if worth >= need {
		return true
	}
	if v.c.High <= 0 || count > v.c.High || worth < v.steadyNeed(v.rates.Arrival) {
		return false
	}
	drain := v.drain(count)
	if !drain.Known || drain.Never {
		return false
	}
	return drain.Expected <= v.p.Sizing.Recovery || v.topOfRange(count)
}

// topOfRange reports whether the next efficient count lies above the recommended range.
func (v view) topOfRange(count int) bool {
	for _, n := range v.counts() {
		if n > count {
			return n > v.c.High
		}
	}
	return true
}

// smallest returns the smallest count that is enough; the largest, marked as short, when
// none is.
func (v view) smallest(counts []int, need float64) (to int, short bool) {
	for _, n := range counts {
		if v.carries(n, need) {
			return n, false
		}
	}
	return counts[len(counts)-1], true
}

// choiceReasons argue for the chosen count against its neighbours.
func (v view) choiceReasons(need float64, to int, short bool) []string {
	text := fmt.Sprintf("%s → %d%s", v.needReason(need), to, v.onBusiest(to))
	if !short && v.effective(to) < need {
		text = fmt.Sprintf("%s; %d carries the arrivals with headroom", v.needReason(need), to) +
			v.drain(to).clause(" and drains the backlog in ")
	}
	reasons := []string{text}
	if text := v.staircase(to); text != "" {
		reasons = append(reasons, text)
	}
	if short {
		reasons = append(reasons, fmt.Sprintf("even %d workers do not carry that; it is the highest useful count in bounds", to))
	}
	if v.c.High > 0 && to > v.c.High {
		reasons = append(reasons, fmt.Sprintf("%d is above the recommended %s", to, span(v.c.Low, v.c.High)))
	}
	return reasons
}

// staircase says which counts under the chosen one are no better than a smaller one:
// "9–11 load the busiest worker like 8" (T-05).
func (v view) staircase(to int) string {
	step := v.below(to)
	if step == 0 || to-step < 2 || to-1 <= v.replicas {
		return ""
	}
	first := max(step+1, v.replicas+1)
	verb := "load"
	if first == to-1 {
		verb = "loads"
	}
	return fmt.Sprintf("%s %s the busiest %s like %d", span(first, to-1), verb, v.one(), step)
}

// chooseByThumb takes the runbook's answer while the rates are unknown, and says so.
func (v view) chooseByThumb(counts []int, highLag bool) choice {
	low, high := v.thumb(highLag)
	if v.open {
		return choice{to: v.replicas, short: true, reasons: []string{
			fmt.Sprintf("arrivals are unknown (%s), and the rule of thumb counts partitions, which say nothing about a share group", v.s.Rates.Why())}}
	}
	to := counts[len(counts)-1]
	for _, n := range counts {
		if n >= low || n == counts[len(counts)-1] {
			to = n
			break
		}
	}
	if to > high && v.replicas >= high {
		return choice{to: v.replicas, short: true, reasons: []string{
			fmt.Sprintf("arrivals are unknown (%s), and %d already meets the rule of thumb", v.s.Rates.Why(), v.replicas)}}
	}
	reasons := []string{fmt.Sprintf("arrivals are unknown (%s), so the rule of thumb decides: %d", v.s.Rates.Why(), to)}
	if text := v.staircase(to); text != "" {
		reasons = append(reasons, text)
	}
	return choice{to: to, reasons: reasons}
}

// steadyNeed is how many fully used workers the arrivals with headroom take, by the
// highest arrivals seen in the history given; infinite when nothing is known.
func (v view) steadyNeed(peak float64) float64 {
	if v.capacity.PerWorker <= 0 || peak < 0 {
		return math.Inf(1)
	}
	return peak * max(1, v.p.Sizing.Headroom) / v.capacity.PerWorker
}

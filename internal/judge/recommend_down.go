package judge

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// recommendDown recommends fewer workers when every trigger agrees (R-048, T-11), or says which
// does not.
func (v View) recommendDown(r *ledger.Recommendation, up, down []scale.Finding) {
	if surplus, _ := scale.Find(down, scale.RuleSurplus); surplus.Outcome == scale.Fires {
		v.recommendSurplus(r, surplus)
		return
	}
	v.excused(r)
	if why := downGate(up, down); why != "" {
		r.Reasons = append(r.Reasons, why)
		return
	}
	r.Reasons = append(r.Reasons, Fired(down)...)
	if why := v.firstVeto(removing, 0); why != "" {
		r.Reasons = append(r.Reasons, why)
		r.Vetoes = append(r.Vetoes, why)
		return
	}
	to, why := v.chooseDown()
	r.Reasons = append(r.Reasons, why)
	if to < v.Replicas {
		r.Action, r.To, r.Urgency = scale.ScaleDown, to, scale.UrgencyInfo
	}
}

// recommendSurplus removes the idle workers in one move (R-014, T-12).
func (v View) recommendSurplus(r *ledger.Recommendation, surplus scale.Finding) {
	r.Reasons = append(r.Reasons, surplus.Sentence)
	to := max(v.Ceiling(), v.Component.Lowest())
	if why := v.firstVeto(dropping, to); why != "" {
		r.Vetoes = append(r.Vetoes, why)
		r.Remedies = append(r.Remedies, v.ownerRemedies(to)...)
		return
	}
	if to >= v.Replicas {
		r.Reasons = append(r.Reasons, fmt.Sprintf("the minimum of %d keeps them", v.Component.Lowest()))
		return
	}
	r.Action, r.To, r.Urgency = scale.ScaleDown, to, surplus.Urgency
	r.Reasons = append(r.Reasons, fmt.Sprintf("down to %s in one move; a rebalance of up to %s follows, then %s of watching",
		v.ceilingWord(), scale.Span(v.Policy.Sizing.Rebalance), scale.Span(v.Policy.Down.Watch)))
}

// ceilingWord names the limit that makes the highest count useful.
func (v View) ceilingWord() string {
	if v.ConsumersEach() > 1 {
		return fmt.Sprintf("the %d that the partitions keep busy", v.Ceiling())
	}
	return "the partition count"
}

// excused repeats a lag that a rebalance explains: it raises no alarm, but is mentioned.
func (v View) excused(r *ledger.Recommendation) {
	if f, ok := scale.Find(r.Findings, scale.RuleLag); ok && f.Outcome == scale.Silent && f.Advises == scale.Hold {
		r.Reasons = append(r.Reasons, f.Sentence)
	}
}

// downGate says which trigger does not agree; empty when all do. A trigger that cannot
// be judged blocks (T-11).
func downGate(up, down []scale.Finding) string {
	for _, f := range down {
		if f.Rule == scale.RuleSurplus || f.Outcome == scale.Fires {
			continue
		}
		if f.Outcome == scale.Unclear {
			return "no scale-down: " + f.Sentence
		}
		return quietUp(up) + "; for scaling down, " + f.Sentence
	}
	return ""
}

// quietUp says that no scale-up rule fires, and how many could not be judged: unknown is not
// quiet.
func quietUp(up []scale.Finding) string {
	unclear := 0
	for _, f := range up {
		if f.Outcome == scale.Unclear {
			unclear++
		}
	}
	if unclear > 0 {
		return fmt.Sprintf("no rule that can be judged asks for a change, and %s cannot", scale.Several(unclear, "rule"))
	}
	return "no rule asks for a change"
}

// busyVeto: the CPU is low but the slots are in use, so the workers are waiting, not idle.
func (v View) busyVeto() string {
	if v.BusyShare() <= measure.BusyEnough {
		return ""
	}
	return fmt.Sprintf("the workers use %s of their slots: low CPU is waiting, not idleness", scale.Percent(v.BusyShare()))
}

// watchVeto: every move is watched before the next one.
func (v View) watchVeto() string {
	ago, changed := v.lastChange()
	if !changed || ago >= v.Policy.Down.Watch {
		return ""
	}
	return fmt.Sprintf("the count changed %s ago; every move is watched for %s (R-052)", scale.Span(ago), scale.Span(v.Policy.Down.Watch))
}

// lastChange is how long ago the replica count last changed, as far as the history
// reaches.
func (v View) lastChange() (time.Duration, bool) {
	for i := len(v.Past) - 1; i >= 0; i-- {
		p := v.Past[i]
		if n, known := p.Wanted(); known && n != v.Replicas && !p.At.After(v.Now.At) {
			return v.Now.At.Sub(p.At), true
		}
	}
	return 0, false
}

// chooseDown picks the next move of one or two replicas, preferring one that costs no effective
// capacity. It never goes below the minimum, nor below what the highest arrivals of the waiting
// time need (R-049, R-055, decision B.10).
func (v View) chooseDown() (int, string) {
	least := max(v.Component.Lowest(), v.Replicas-max(1, v.Policy.Down.MaxStep))
	if v.Replicas <= v.Component.Lowest() {
		return v.Replicas, fmt.Sprintf("%d is the minimum (R-055)", v.Component.Lowest())
	}
	peak := v.PeakArrival()
	if peak < 0 {
		return v.Replicas, "no scale-down: arrivals are unknown (" + v.Now.Rates.Why() + ")"
	}
	need := v.steadyNeed(peak)
	free, paid := 0, 0
	for n := v.Replicas - 1; n >= least; n-- {
		if v.Effective(n) < need {
			break
		}
		if !v.Lighter(v.Replicas, n) {
			free = n
		}
		paid = n
	}
	switch {
	case free > 0:
		return free, fmt.Sprintf("%d loads the busiest %s like %d, so the move costs nothing", free, v.OwnerWord(), v.Replicas)
	case paid > 0:
		return paid, fmt.Sprintf("%d still carries the peak of %s with headroom (%.1f busy workers at %s, %s)",
			paid, scale.PerSecond(peak), need, scale.PerSecond(v.Capacity.PerWorker), v.Capacity.Basis)
	}
	return v.Replicas, fmt.Sprintf("fewer would not carry the peak of %s with headroom (%.1f busy workers at %s, %s)",
		scale.PerSecond(peak), need, scale.PerSecond(v.Capacity.PerWorker), v.Capacity.Basis)
}

// PeakArrival is the highest arrival rate of the waiting time, in pieces of the rate
// window; negative when arrivals are unknown.
func (v View) PeakArrival() float64 {
	if !v.RatesKnown {
		return -1
	}
	peak := v.Rates.Arrival
	past := measure.AfterRewind(measure.Since(v.Past, v.Now.At.Add(-v.Policy.Down.Lag.For)))
	for len(past) > 1 {
		piece := past
		if end := v.pieceEnd(past); end < len(past) {
			piece = past[:end]
		}
		if rate, over := measure.Slope(piece, measure.Arrivals, v.Policy.Times.Gap); over >= measure.LeastRateSpan {
			peak = max(peak, rate)
		}
		past = past[len(piece)-1:]
		if len(piece) < 2 {
			break
		}
	}
	return peak
}

// pieceEnd is the index after the last point of the first rate window.
func (v View) pieceEnd(past []scale.Point) int {
	limit := past[0].At.Add(v.Policy.Times.RateWindow)
	end := 1
	for end < len(past) && !past[end].At.After(limit) {
		end++
	}
	return max(end, 2)
}

package scale

import (
	"fmt"
	"time"
)

// recommendDown argues for fewer workers when every trigger agrees (R-048, T-11), or
// says what holds it back.
func (v view) recommendDown(r *Recommendation, up, down []Finding) {
	if surplus, _ := find(down, "R-014"); surplus.Outcome == Fires {
		v.recommendSurplus(r, surplus)
		return
	}
	v.excused(r)
	if why := downGate(up, down); why != "" {
		r.Reasons = append(r.Reasons, why)
		return
	}
	r.Reasons = append(r.Reasons, fired(down)...)
	if why := v.downVeto(); why != "" {
		r.Reasons = append(r.Reasons, why)
		r.Vetoes = append(r.Vetoes, why)
		return
	}
	to, why := v.chooseDown()
	r.Reasons = append(r.Reasons, why)
	if to < v.replicas {
		r.Action, r.To, r.Urgency = ScaleDown, to, UrgencyInfo
	}
}

// recommendSurplus takes the idle workers away in one move (R-014, T-12).
func (v view) recommendSurplus(r *Recommendation, surplus Finding) {
	r.Reasons = append(r.Reasons, surplus.Sentence)
	to := max(v.ceiling(), v.c.lowest())
	if why := firstOf(v.rolloutVeto(), v.rebalanceVeto(), v.ownerVeto(to)); why != "" {
		r.Vetoes = append(r.Vetoes, why)
		r.Remedies = append(r.Remedies, ownerRemedies(v.s.Owner.Value, v.replicas, to)...)
		return
	}
	if to >= v.replicas {
		r.Reasons = append(r.Reasons, fmt.Sprintf("the minimum of %d keeps them", v.c.lowest()))
		return
	}
	r.Action, r.To, r.Urgency = ScaleDown, to, surplus.Urgency
	r.Reasons = append(r.Reasons, fmt.Sprintf("down to %s in one move; a rebalance of up to %s follows, then %s of watching",
		v.ceilingWord(), Span(v.p.Sizing.Rebalance), Span(v.p.Down.Watch)))
}

// ceilingWord names the highest useful count.
func (v view) ceilingWord() string {
	if v.consumersEach() > 1 {
		return fmt.Sprintf("the %d that the partitions keep busy", v.ceiling())
	}
	return "the partition count"
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// excused repeats a lag that a rebalance accounts for, so that it is said though it
// does not alarm.
func (v view) excused(r *Recommendation) {
	if f, ok := find(r.Findings, ruleLag); ok && f.Outcome == Silent && f.Advises == Hold {
		r.Reasons = append(r.Reasons, f.Sentence)
	}
}

// downGate says which trigger does not agree; empty when all do. A trigger that cannot
// be judged blocks (T-11).
func downGate(up, down []Finding) string {
	for _, f := range down {
		if f.Rule == "R-014" || f.Outcome == Fires {
			continue
		}
		if f.Outcome == Unclear {
			return "no scale-down: " + f.Sentence
		}
		return quietUp(up) + "; for scaling down, " + f.Sentence
	}
	return ""
}

// quietUp says that no scale-up rule fires, and how many could not be asked: unknown is
// not quiet.
func quietUp(up []Finding) string {
	unclear := 0
	for _, f := range up {
		if f.Outcome == Unclear {
			unclear++
		}
	}
	if unclear > 0 {
		return fmt.Sprintf("no rule that can be judged asks for a change, and %s cannot", several(unclear, "rule"))
	}
	return "no rule asks for a change"
}

// downVeto says what else speaks against fewer workers now.
func (v view) downVeto() string {
	if v.busyShare() > busyEnough {
		return fmt.Sprintf("the workers use %s of their slots: low CPU is waiting, not idleness", Percent(v.busyShare()))
	}
	if ago, changed := v.lastChange(); changed && ago < v.p.Down.Watch {
		return fmt.Sprintf("the count changed %s ago; every move is watched for %s (R-052)", Span(ago), Span(v.p.Down.Watch))
	}
	return firstOf(v.rolloutVeto(), v.rebalanceVeto(), v.pendingVeto(), v.ownerVeto(v.replicas-1))
}

// lastChange is how long ago the replica count last changed, as far as the history
// reaches.
func (v view) lastChange() (time.Duration, bool) {
	for i := len(v.past) - 1; i >= 0; i-- {
		p := v.past[i]
		if n, known := p.Wanted(); known && n != v.replicas && !p.At.After(v.s.At) {
			return v.s.At.Sub(p.At), true
		}
	}
	return 0, false
}

// chooseDown picks the next move of one or two replicas: one that costs no effective
// capacity if there is one, and never below what the highest arrivals of the waiting
// time need, nor the minimum (R-049, R-055, decision B.10).
func (v view) chooseDown() (int, string) {
	least := max(v.c.lowest(), v.replicas-max(1, v.p.Down.MaxStep))
	if v.replicas <= v.c.lowest() {
		return v.replicas, fmt.Sprintf("%d is the minimum (R-055)", v.c.lowest())
	}
	peak := v.peakArrival()
	if peak < 0 {
		return v.replicas, "no scale-down: arrivals are unknown (" + v.s.Rates.Why() + ")"
	}
	need := v.steadyNeed(peak)
	free, paid := 0, 0
	for n := v.replicas - 1; n >= least; n-- {
		if v.effective(n) < need {
			break
		}
		if !v.lighter(v.replicas, n) {
			free = n
		}
		paid = n
	}
	switch {
	case free > 0:
		return free, fmt.Sprintf("%d loads the busiest %s like %d, so the move costs nothing", free, v.one(), v.replicas)
	case paid > 0:
		return paid, fmt.Sprintf("%d still carries the peak of %s with headroom (%.1f busy workers at %s, %s)",
			paid, PerSecond(peak), need, PerSecond(v.capacity.PerWorker), v.capacity.Basis)
	}
	return v.replicas, fmt.Sprintf("fewer would not carry the peak of %s with headroom (%.1f busy workers at %s, %s)",
		PerSecond(peak), need, PerSecond(v.capacity.PerWorker), v.capacity.Basis)
}

// peakArrival is the highest arrival rate of the waiting time, in pieces of the rate
// window; negative when arrivals are unknown.
func (v view) peakArrival() float64 {
	if !v.ratesKnown {
		return -1
	}
	peak := v.rates.Arrival
	past := afterRewind(since(v.past, v.s.At.Add(-v.p.Down.Lag.For)))
	for len(past) > 1 {
		piece := past
		if end := v.pieceEnd(past); end < len(past) {
			piece = past[:end]
		}
		if rate, over := slope(piece, arrivals, v.p.Times.Gap); over >= LeastRateSpan {
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
func (v view) pieceEnd(past []Point) int {
	limit := past[0].At.Add(v.p.Times.RateWindow)
	end := 1
	for end < len(past) && !past[end].At.After(limit) {
		end++
	}
	return max(end, 2)
}

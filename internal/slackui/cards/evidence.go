package cards

import (
	"strings"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/scale"
)

// drawEvidence shows what was measured, each part with its age and source. An unknown part says
// why it is unknown.
func drawEvidence(c *Canvas, s engine.Status) {
	snap := s.Snapshot
	c.fields(
		"*Lag*\n"+statusLag(s),
		"*Rates*\n"+show(snap.Rates, ratesWords),
		"*Partitions*\n"+show(snap.Partitions, func(n int) string { return scale.Count(int64(n)) }),
		"*Group*\n"+groupKind(snap)+show(measure.ConsumersOf(s.Component, snap), ConsumersWords)+PerPodFact(s.Component, snap),
		"*One worker manages*\n"+capacityWords(s.Advice.Capacity),
		"*CPU and memory*\n"+show(snap.Usage, usageWords),
		"*Errors*\n"+show(snap.Signals.Errors, func(e scale.ErrorRate) string { return scale.Percent(e.Share) }),
		"*p95 latency*\n"+show(snap.Signals.Latency, secondsWords),
		"*Who owns the count*\n"+show(snap.Owner, scale.Owner.Words)+ownerFacts(snap),
	)
	if w, ok := snap.Workload.Get(); ok {
		c.list("", prefixed("⚠️ ", podTroubles(w)))
	}
	c.small(measured(snap))
}

// show prints a reading, or why it is unknown; never a zero in its place.
func show[T any](r scale.Reading[T], print func(T) string) string {
	v, ok := r.Get()
	if !ok {
		return "unknown: " + Words(r.Why(), 200)
	}
	text := Words(r.Words(print(v)), MaxWords)
	if r.Note != "" {
		text += "\n" + Words(r.Note, 200)
	}
	return text
}

func statusLag(s engine.Status) string {
	text := show(s.Snapshot.TotalLag(), scale.Count) + ageFact(s.Snapshot.Lag)
	if line := Sparkline(sparkOf(s.Past)); line != "" {
		text += "\n" + line
	}
	return text
}

// sparkOf reduces a history to as many points as a sparkline can show; unknown points remain
// unknown.
func sparkOf(past []scale.Point) []int64 {
	n := min(len(past), SparkPoints)
	values := make([]int64, n)
	for i := range n {
		p := past[(i+1)*len(past)/n-1]
		if values[i] = int64(p.Lag); scale.IsMissing(p.Lag) {
			values[i] = -1
		}
	}
	return values
}

func ratesWords(r scale.Rates) string {
	return "in " + scale.PerSecond(r.Arrival) + ", out " + scale.PerSecond(r.Consumption)
}

// capacityWords is what one worker manages, and how that is known.
func capacityWords(c scale.Capacity) string {
	if c.PerWorker <= 0 {
		return "unknown"
	}
	return scale.PerSecond(c.PerWorker) + " (" + Words(c.Basis, MaxName) + ")"
}

func usageWords(u scale.Usage) string {
	return "CPU " + boundWords(u.CPU()) + ", memory " + boundWords(u.Memory())
}

func boundWords(share float64, of string) string {
	if share < 0 {
		return "without a bound"
	}
	return scale.Percent(share) + " of " + of
}

func secondsWords(s float64) string { return scale.Seconds(s) }

// ownerFacts is what an owner is about to do, one line each.
func ownerFacts(s scale.Snapshot) string {
	text := ""
	for _, fact := range ownership.OwnerFacts(s) {
		text += "\n" + Words(fact, MaxWords)
	}
	return text
}

func podTroubles(w scale.Workload) []string {
	var troubles []string
	if w.Stuck != "" {
		troubles = append(troubles, w.Stuck)
	}
	for _, p := range w.Counted() {
		if p.Trouble != "" && len(troubles) < 6 {
			troubles = append(troubles, p.Name+": "+p.Trouble)
		}
	}
	return troubles
}

// measured names the sources and when they were read.
func measured(s scale.Snapshot) string {
	var sources []string
	for _, source := range []string{s.Lag.Source, s.Workload.Source, s.Usage.Source, s.Signals.Errors.Source} {
		if source = Words(source, MaxName); source != "" && !strings.Contains(strings.Join(sources, "\n"), source) {
			sources = append(sources, source)
		}
	}
	text := "Seen " + clockTime(s.At)
	if len(sources) > 0 {
		text += " in " + strings.Join(sources, ", ")
	}
	return text
}

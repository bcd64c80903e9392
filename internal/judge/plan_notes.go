package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// notes are the remarks on a plan that are worth knowing, but no warnings.
func (v View) notes(to int) []string {
	var out []string
	add := func(text string) {
		if text != "" {
			out = append(out, text)
		}
	}
	if to > v.Replicas && v.useless(to) == "" {
		add(v.likeNote(to))
	}
	add(v.rangeNote(to))
	add(v.moveNote(to))
	add(v.fallbackNote())
	add(v.perPodNote())
	if to > v.Replicas {
		add(v.downstreamNote())
	}
	return out
}

// likeNote names a smaller count with the same load on the busiest worker (T-05).
func (v View) likeNote(to int) string {
	if v.Unsettled() || to <= 0 || v.Efficient(to) {
		return ""
	}
	like := v.Below(to)
	if like == 0 {
		return ""
	}
	text := fmt.Sprintf("%d loads the busiest %s like %d, %s", to, v.OwnerWord(), like, v.Parts(v.Busiest(to)))
	if next := v.Above(to); next > 0 {
		text += fmt.Sprintf("; %d brings it down to %s", next, v.Parts(v.Busiest(next)))
	}
	return text
}

// rangeNote states the recommended range, and that all counts far above it have the same
// effect (T-14).
func (v View) rangeNote(to int) string {
	switch {
	case v.Component.High > 0 && to > v.Component.High:
		text := fmt.Sprintf("%d is above the recommended %s", to, scale.Range(v.Component.Low, v.Component.High))
		if top := v.Above(v.Component.High); top > v.Component.High+1 && !v.Unsettled() && !v.Open && v.Efficient(v.Component.High) && to < top {
			text += fmt.Sprintf("; %s load the busiest %s like %d", scale.Range(v.Component.High+1, top-1), v.OwnerWord(), v.Component.High)
		}
		return text
	case v.Component.Low > 0 && to < v.Component.Low:
		return fmt.Sprintf("%d is below the recommended %s; the hard minimum is %d", to, scale.Range(v.Component.Low, v.Component.High), v.Component.Lowest())
	}
	return ""
}

// moveNote says what a scale-down costs: one rebalance, and effective capacity when the
// busiest worker gets more (T-05, T-12, T-13).
func (v View) moveNote(to int) string {
	if to >= v.Replicas || v.Unsettled() {
		return ""
	}
	if v.TakesUnstarted(to) {
		return fmt.Sprintf("the %s that go never ran, so that nothing is lost", scale.Several(v.Replicas-to, "pod"))
	}
	if v.Open {
		return "what the workers that go had taken and not acknowledged is delivered to others, at the latest when its lock ends (30 s unless the group is set otherwise)"
	}
	pause := fmt.Sprintf("a rebalance of up to %s follows", scale.Span(v.Policy.Sizing.Rebalance))
	before, after := v.Busiest(v.Replicas), v.Busiest(to)
	if before == after {
		return fmt.Sprintf("the busiest %s keeps %s; %s", v.OwnerWord(), v.Parts(after), pause)
	}
	cost := 1 - v.Effective(to)/v.Effective(v.Replicas)
	return fmt.Sprintf("the busiest %s goes from %d to %s, which costs %s of the capacity; %s",
		v.OwnerWord(), before, v.Parts(after), scale.Percent(cost), pause)
}

// fallbackNote repeats that the partition count does not come from the broker.
func (v View) fallbackNote() string {
	if v.Open {
		return ""
	}
	if !v.Now.Partitions.Known() {
		return "the number of partitions is unknown: " + v.Now.Partitions.Why()
	}
	if v.Now.Partitions.Note == "" {
		return ""
	}
	return fmt.Sprintf("%s by %s: %s", scale.Several(v.Partitions, "partition"), scale.Named(v.Now.Partitions.Source, "the runbook file"), v.Now.Partitions.Note)
}

// downstreamNote shows the lag of the downstream components, known or not (T-35).
func (v View) downstreamNote() string {
	var words []string
	for _, name := range v.Component.Downstream {
		if lag, known := v.downstream(name); known {
			words = append(words, name+" "+scale.Count(lag))
		} else {
			words = append(words, name+" unknown")
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "lag of what comes after it: " + scale.List(words, 3)
}

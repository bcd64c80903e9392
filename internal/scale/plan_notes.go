package scale

import "fmt"

// notes are worth knowing.
func (v view) notes(to int) []string {
	var out []string
	add := func(text string) {
		if text != "" {
			out = append(out, text)
		}
	}
	if to > v.replicas && v.useless(to) == "" {
		add(v.likeNote(to))
	}
	add(v.rangeNote(to))
	add(v.moveNote(to))
	add(v.fallbackNote())
	add(v.perPodNote())
	if to > v.replicas {
		add(v.downstreamNote())
	}
	return out
}

// likeNote says which smaller count is as good for the busiest worker (T-05).
func (v view) likeNote(to int) string {
	if v.unsettled() || to <= 0 || v.efficient(to) {
		return ""
	}
	like := v.below(to)
	if like == 0 {
		return ""
	}
	text := fmt.Sprintf("%d loads the busiest %s like %d, %s", to, v.one(), like, v.parts(v.busiest(to)))
	if next := v.above(to); next > 0 {
		text += fmt.Sprintf("; %d brings it down to %s", next, v.parts(v.busiest(next)))
	}
	return text
}

// rangeNote tells of the recommended range and that the counts far above it
// are all alike (T-14).
func (v view) rangeNote(to int) string {
	switch {
	case v.c.High > 0 && to > v.c.High:
		text := fmt.Sprintf("%d is above the recommended %s", to, span(v.c.Low, v.c.High))
		if top := v.above(v.c.High); top > v.c.High+1 && !v.unsettled() && !v.open && v.efficient(v.c.High) && to < top {
			text += fmt.Sprintf("; %s load the busiest %s like %d", span(v.c.High+1, top-1), v.one(), v.c.High)
		}
		return text
	case v.c.Low > 0 && to < v.c.Low:
		return fmt.Sprintf("%d is below the recommended %s; the hard minimum is %d", to, span(v.c.Low, v.c.High), v.c.lowest())
	}
	return ""
}

// moveNote says what a scale-down costs: one rebalance, and effective capacity when the
// busiest worker gets more (T-05, T-12, T-13).
func (v view) moveNote(to int) string {
	if to >= v.replicas || v.unsettled() {
		return ""
	}
	if v.takesUnstarted(to) {
		return fmt.Sprintf("the %s that go never ran, so that nothing is lost", several(v.replicas-to, "pod"))
	}
	if v.open {
		return "what the workers that go had taken and not acknowledged is delivered to others, at the latest when its lock ends (30 s unless the group is set otherwise)"
	}
	pause := fmt.Sprintf("a rebalance of up to %s follows", Span(v.p.Sizing.Rebalance))
	before, after := v.busiest(v.replicas), v.busiest(to)
	if before == after {
		return fmt.Sprintf("the busiest %s keeps %s; %s", v.one(), v.parts(after), pause)
	}
	cost := 1 - v.effective(to)/v.effective(v.replicas)
	return fmt.Sprintf("the busiest %s goes from %d to %s, which costs %s of the capacity; %s",
		v.one(), before, v.parts(after), Percent(cost), pause)
}

// fallbackNote repeats that the partition count does not come from the broker.
func (v view) fallbackNote() string {
	if v.open {
		return ""
	}
	if !v.s.Partitions.Known() {
		return "the number of partitions is unknown: " + v.s.Partitions.Why()
	}
	if v.s.Partitions.Note == "" {
		return ""
	}
	return fmt.Sprintf("%s by %s: %s", several(v.partitions, "partition"), named(v.s.Partitions.Source, "the runbook file"), v.s.Partitions.Note)
}

// downstreamNote shows the lag of what comes after, known or not (T-35).
func (v view) downstreamNote() string {
	var words []string
	for _, name := range v.c.Downstream {
		if lag, known := v.downstream(name); known {
			words = append(words, name+" "+Count(lag))
		} else {
			words = append(words, name+" unknown")
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "lag of what comes after it: " + list(words, 3)
}

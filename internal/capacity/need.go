package capacity

import (
	"fmt"
	"math"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/scale"
)

// most says what limits a count that is wanted but not possible.
func (n *needing) most() string {
	if n.Open {
		return fmt.Sprintf("%d is the maximum the team set", n.need.Workers)
	}
	return fmt.Sprintf("%d is all that helps with %s", n.need.Workers, n.Parts(n.Dealt()))
}

// Demand is what capacity is planned for; a zero field stands for the present value.
type Demand struct {
	// Rate is messages produced per second, Seconds the p95 of processing one message,
	// Each the messages per second that one worker is to manage.
	Rate    float64
	Seconds float64
	Each    float64
}

// Need is the answer to "how many workers do we need": three readings of the runbook's formula
// side by side, what the partitions allow, and the resources of the pods (R-083 to
// to R-104).
type Need struct {
	Component string
	// Headline is the answer in one sentence.
	Headline string
	// Inputs are the numbers the answer is based on, each with its source.
	Inputs []string
	// Readings are the three readings of the formula, Remedies what to do when the partitions are
	// the limit, Resources what the pods need.
	Readings, Remedies, Resources []string
	// Notes are worth knowing.
	Notes []string
	// Held says why more workers would not help until something else is fixed; empty when they
	// would.
	Held string
	// Workers is the recommended count, 0 when too little is known; Now is how many are
	// wanted at present, 0 when that is not known.
	Workers, Now int
}

// The figures of planning.
const (
	// growLow and growHigh are how many times the present peak partitions are planned
	// for.
	growLow, growHigh = 2, 3
	// looseHeadroom is the upper end of the headroom the runbook names.
	looseHeadroom = 1.3
	// farApart is the factor from which two readings are said to disagree (T-06).
	farApart = 2
	// exactness is the precision of a measured capacity at best. A need just above twelve workers
	// is no reason to plan for the next useful count, which may be twice as many.
	exactness = 0.02
)

// PlanCapacity answers how many workers the demand takes.
func PlanCapacity(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point, d Demand) Need {
	n := needing{View: judge.NewView(c, p, s, past), need: Need{Component: c.Name}, typed: d}
	n.need.Now = n.Replicas
	n.inputs(d)
	n.runbook()
	n.measured()
	n.bounded()
	n.need.Headline += n.unused()
	n.elsewhere()
	n.forBacklog()
	n.owned()
	n.resources()
	return n.need
}

// needing is the state while a plan is computed.
type needing struct {
	judge.View
	need  Need
	typed Demand
	// rate, seconds and each are negative when not known; target is the runbook's.
	rate, seconds, each, target float64
	// formula and little are the two readings of the runbook's formula, 0 when they cannot be
	// computed; wanted is the number that the plan uses.
	formula, little, wanted int
}

// inputs determines the numbers and says where each comes from.
func (n *needing) inputs(d Demand) {
	n.rate, n.seconds, n.each, n.target = -1, -1, n.Capacity.PerWorker, n.Policy.Sizing.TargetRate
	add := func(text string, args ...any) { n.need.Inputs = append(n.need.Inputs, fmt.Sprintf(text, args...)) }
	switch {
	case d.Rate > 0:
		n.rate = d.Rate
		add("%s produced, as typed", scale.PerSecond(d.Rate))
	case n.PeakArrival() > 0:
		n.rate = n.PeakArrival()
		add("%s produced, the peak of the last %s", scale.PerSecond(n.rate), scale.Span(n.Policy.Down.Lag.For))
	default:
		add("how much is produced is unknown: %s", n.Now.Rates.Why())
	}
	p95, known := n.Now.Signals.Latency.Get()
	switch {
	case d.Seconds > 0:
		n.seconds = d.Seconds
		add("%s to process a message at p95, as typed", short(d.Seconds))
	case known && p95 > 0:
		n.seconds = p95
		add("%s to process a message at p95, measured", n.Now.Signals.Latency.Words(scale.Seconds(p95)))
	default:
		add("how long a message takes is unknown: %s", scale.Named(n.Now.Signals.Latency.Why(), "none was processed"))
	}
	if d.Each > 0 {
		n.each, n.target = d.Each, d.Each
		add("%s per worker, as typed", scale.PerSecond(d.Each))
		return
	}
	add("%s per worker (%s); the runbook's target is %s", scale.PerSecond(n.each), n.Capacity.Basis, scale.PerSecond(n.target))
}

// short prints seconds without needless digits: "3 s", "2.4 s", "0.09 s".
func short(v float64) string { return fmt.Sprintf("%.3g s", v) }

// perMessage prints how long a message takes: as the person typed it, or in the form used
// elsewhere.
func (n *needing) perMessage() string {
	if n.typed.Seconds > 0 {
		return short(n.seconds)
	}
	return scale.Seconds(n.seconds)
}

// ceil rounds workers up, except for a rounding error above a whole number.
func ceil(v float64) int { return int(math.Ceil(v - 1e-9)) }

// runbook computes the formula as printed, and as messages in flight divided by what one worker
// has in flight. The units of the formula do not cancel, so both readings are possible (R-083,
// T-06).
func (n *needing) runbook() {
	if n.rate <= 0 || n.seconds <= 0 || n.target <= 0 {
		return
	}
	n.formula = ceil(n.rate * n.seconds / n.target)
	n.reading("runbook formula", fmt.Sprintf("%s × %s ÷ %s = %s", scale.PerSecond(n.rate), n.perMessage(), scale.PerSecond(n.target), scale.Count(int64(n.formula))), n.formula)
	w, _ := n.Now.Workload.Get()
	if slots, set := scale.Number(w.Env, scale.EnvConcurrency); set && slots > 0 {
		n.little = ceil(n.rate * n.seconds / float64(slots))
		n.reading("messages in flight", fmt.Sprintf("%s at once ÷ %d per worker (%s) = %s",
			scale.Whole(n.rate*n.seconds), slots, scale.EnvConcurrency, scale.Count(int64(n.little))), n.little)
	}
}

// measured is arrivals with headroom, divided by what a worker manages.
func (n *needing) measured() {
	if n.rate <= 0 || n.each <= 0 {
		return
	}
	room := max(1, n.Policy.Sizing.Headroom)
	n.wanted = ceil((1 - exactness) * n.rate * room / n.each)
	n.reading("by what a worker manages", fmt.Sprintf("%s × %.2g headroom ÷ %s = %s", scale.PerSecond(n.rate), room, scale.PerSecond(n.each), scale.Count(int64(n.wanted))), n.wanted)
	for _, other := range []int{n.formula, n.little} {
		if other > farApart*n.wanted || other > 0 && n.wanted > farApart*other {
			n.need.Notes = append(n.need.Notes,
				"the readings differ by more than twofold, because the units of the runbook's formula do not cancel; the last one is what the plan goes by (T-06)")
			break
		}
	}
	if n.seconds > 0 {
		n.need.Notes = append(n.need.Notes, "a p95 is longer than most messages take, so that formulas with it over-state the need (T-07)")
	}
}

// reading adds one answer, limited to what the partitions allow.
func (n *needing) reading(name, sum string, workers int) {
	text := name + ": " + sum
	if n.Partitions > 0 && workers > n.Ceiling() {
		text += fmt.Sprintf(", of which %d effective: %s (R-085)", n.Ceiling(), n.perPartition())
	}
	n.need.Readings = append(n.need.Readings, text)
}

// bounded fits the wanted number into the partitions, the minimum and the recommended range, and
// says what to do when it does not fit.
func (n *needing) bounded() {
	wanted := max(n.wanted, 0)
	if wanted == 0 {
		wanted = n.formula
	}
	switch {
	case wanted == 0:
		n.need.Headline = "too little is known to plan; name " + n.missing() + " yourself"
		return
	case n.Component.Single != "":
		n.need.Headline, n.need.Workers = fmt.Sprintf("%s runs as one instance only: %s", n.Component.Name, n.Component.Single), 1
		return
	case n.Unsettled():
		n.need.Headline = fmt.Sprintf("%d workers; what the partitions allow is unknown: %s", wanted, n.Now.Partitions.Why())
		return
	}
	n.need.Workers = n.fit(wanted)
	n.noteStep(wanted)
	n.need.Headline = n.Named(n.need.Workers)
	if !n.Open {
		n.need.Headline += fmt.Sprintf(", %s on the busiest one", n.Parts(n.Busiest(n.need.Workers)))
	}
	switch {
	case wanted > measure.Highest(n.Component, n.Sharing):
		n.need.Headline = fmt.Sprintf("%d workers are wanted, and %s", wanted, n.most())
	case n.Component.High > 0 && n.need.Workers > n.Component.High:
		n.need.Headline += fmt.Sprintf("; that is above the recommended %s", scale.Range(n.Component.Low, n.Component.High))
	case n.need.Workers == n.Component.Lowest() && wanted < n.Component.Lowest():
		n.need.Headline += fmt.Sprintf("; %d would carry it, and %d is the minimum (R-055)", wanted, n.Component.Lowest())
	}
	n.remedies(max(wanted, n.formula))
	n.growth()
}

// noteStep says why the answer is more than the calculated number: the counts between load the
// busiest worker as much as a smaller count does (T-05).
func (n *needing) noteStep(wanted int) {
	if wanted < n.need.Workers && wanted >= n.Component.Lowest() && !n.Open {
		n.need.Notes = append(n.need.Notes, fmt.Sprintf("%d workers on %s are worth %.2g; %d is the next count that is enough (T-05)",
			wanted, scale.Several(n.Partitions, "partition"), n.Effective(wanted), n.need.Workers))
	}
}

// elsewhere says that the present rate of a worker does not show what more workers would do, or
// that more cannot start.
func (n *needing) elsewhere() {
	if n.typed.Each > 0 || n.need.Workers <= n.Replicas {
		return
	}
	for _, veto := range n.UpVetoes(0) {
		if veto.Moot {
			// No remedy suggests more partitions here: they are not what is missing, and adding
			// them cannot be undone.
			n.need.Held, n.need.Remedies = veto.Why, nil
			return
		}
	}
	n.need.Held = n.RoomVeto(n.need.Workers)
}

// forBacklog says that the planned count does not cover the present backlog, where the
// recommendation is another count: keeping up with arrivals needs fewer workers than also working
// off a backlog.
func (n *needing) forBacklog() {
	if n.wanted <= 0 || n.need.Held != "" || n.typed.Rate > 0 || n.typed.Each > 0 || !n.RatesKnown || n.Backlog() <= n.Policy.After.LagLow {
		return
	}
	if both := ceil(n.View.Need()); both > n.wanted {
		n.need.Notes = append(n.need.Notes, fmt.Sprintf("%d workers hold what arrives; working off the %s messages that wait in %s as well takes %d",
			n.wanted, scale.Whole(n.Backlog()), scale.Span(n.Policy.Sizing.Recovery), both))
	}
}

// owned says where the count has to be set when it is not only people who set it (T-01, R-058):
// an autoscaler or a GitOps tool would undo the planned count.
func (n *needing) owned() {
	o, known := n.Now.Owner.Get()
	if !known || o.Kind == scale.OwnerNone || n.need.Workers <= 0 || n.need.Workers == n.need.Now {
		return
	}
	text := o.Title() + " sets the count"
	if o.Max > 0 {
		text += fmt.Sprintf(", within %d to %d", o.Min, o.Max)
	}
	if ways := ownership.OwnerRemedies(o, n.need.Now, n.need.Workers); len(ways) > 0 {
		text += ": " + ways[0]
	}
	n.need.Notes = append(n.need.Notes, text)
}

// missing is what a person has to enter before anything can be planned.
func (n *needing) missing() string {
	switch {
	case n.rate <= 0 && n.each <= 0:
		return "the rate and what one worker manages"
	case n.rate <= 0:
		return "the rate"
	}
	return "what one worker manages"
}

// unused says which entered number the answer does not use, and why.
func (n *needing) unused() string {
	switch {
	case n.typed == (Demand{}):
		return ""
	case n.Component.Single != "" && n.need.Workers == 1:
		return "; what was typed does not change that"
	case n.typed.Seconds <= 0:
		return ""
	case n.wanted <= 0:
		if n.formula > 0 {
			return ""
		}
		return "; the typed " + short(n.typed.Seconds) + " alone do not say it"
	}
	text := fmt.Sprintf("; the typed %s are not in that, because the %s that one worker manages (%s) hold whatever a message takes",
		short(n.typed.Seconds), scale.PerSecond(n.each), n.eachFrom())
	if n.formula > 0 {
		text += fmt.Sprintf("; the runbook's formula makes %s of them", scale.Several(n.formula, "worker"))
	}
	return text
}

// eachFrom is where the rate of one worker comes from.
func (n *needing) eachFrom() string {
	if n.typed.Each > 0 {
		return "typed"
	}
	return n.Capacity.Basis
}

// fit is the smallest efficient count that is sufficient, within the component's bounds.
func (n *needing) fit(wanted int) int {
	top := measure.Highest(n.Component, n.Sharing)
	for _, count := range n.Counts() {
		if count >= n.Component.Lowest() && count <= top && n.Effective(count) >= float64(wanted) {
			return count
		}
	}
	return min(max(wanted, n.Component.Lowest()), top)
}

// remedies are the two solutions when more workers are needed than there are partitions (R-086,
// more partitions, or less time per message.
func (n *needing) remedies(wanted int) {
	if wanted <= n.Ceiling() {
		return
	}
	most := n.Consumers(wanted)
	n.need.Remedies = append(n.need.Remedies, fmt.Sprintf(
		"raise the partitions to %d or more; %d divides among more counts of workers. That cannot be undone easily, and moves keys (R-086, R-091, R-095)",
		most, roundPartitions(most)))
	if n.formula > n.Ceiling() {
		limit := float64(n.Ceiling()) * n.target / n.rate
		n.need.Remedies = append(n.need.Remedies, fmt.Sprintf("or process a message in %s, which is %d × %s ÷ %s; with headroom in %s to %s (R-087, T-07)",
			short(limit), n.Ceiling(), scale.Whole(n.target), scale.Whole(n.rate), short(limit/looseHeadroom), short(limit/max(1, n.Policy.Sizing.Headroom))))
	}
}

// roundPartitions is the next partition count that many worker counts divide evenly.
func roundPartitions(atLeast int) int {
	const step = 12
	return (atLeast + step - 1) / step * step
}

// growth says how many partitions a growing peak needs.
func (n *needing) growth() {
	if n.wanted <= 0 || n.Open {
		return
	}
	low, high := growLow*n.wanted, growHigh*n.wanted
	text := fmt.Sprintf("for %d to %d times this peak %s workers would be wanted, and at least %s", growLow, growHigh, scale.Range(low, high), n.asManyPartitions(low, high))
	if n.Partitions >= n.Consumers(high) {
		text += fmt.Sprintf("; %d are there", n.Partitions)
	} else {
		text += fmt.Sprintf("; there are %d", n.Partitions)
	}
	n.need.Notes = append(n.need.Notes, text+" (R-094, R-096)")
}

// perPartition is the golden rule in a clause.
func (n *needing) perPartition() string {
	if n.ConsumersEach() > 1 {
		return fmt.Sprintf("%d consumers per pod, one per partition", n.ConsumersEach())
	}
	return "one per partition"
}

// asManyPartitions is how many partitions that many workers need.
func (n *needing) asManyPartitions(low, high int) string {
	if n.ConsumersEach() > 1 {
		return fmt.Sprintf("%s partitions for their %d consumers each", scale.Range(n.Consumers(low), n.Consumers(high)), n.ConsumersEach())
	}
	return "as many partitions"
}

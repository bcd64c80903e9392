package scale

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Recommend applies every rule of the policy to what was seen, the same
// for every kind of component, and says what to do, with
// reasons in the order of the argument. past is the
// component's history, oldest first, at least the longest window of the rules where
// it exists; the judgement is made for the moment s.At.
func Recommend(c Component, p Policy, s Snapshot, past []Point) Recommendation {
	return Judge(c, p, s, past).Advice()
}

// recommend argues from the findings; the counts that are compared are left out.
func (v view) recommend(up, down []Finding) Recommendation {
	r := Recommendation{
		Action: Hold, From: v.replicas, To: v.replicas, Capacity: v.capacity,
		Findings: rank(slices.Concat(up, down)),
	}
	r.Urgency, r.ActBy = v.urgency(up)
	r.RunbookLow, r.RunbookHigh = v.thumb(v.highLag(up))
	switch {
	case v.blind() != "":
		r.Action = Undecided
		r.Reasons = append(r.Reasons, fired(up)...)
		r.Reasons = append(r.Reasons, v.blind())
	case v.c.Single != "":
		v.holdSingle(&r, up)
	case len(fired(up)) > 0:
		v.recommendUp(&r, up)
	default:
		v.recommendDown(&r, up, down)
	}
	return r
}

// blind says why nothing can be recommended; empty when enough is known. Nothing is
// ever scaled on unknown data.
func (v view) blind() string {
	switch {
	case !v.replicasKnown:
		return "how many replicas run is unknown: " + v.s.Workload.Why()
	case !v.lagKnown:
		return "lag is unknown: " + v.s.Lag.Why()
	case len(v.lag.Partitions) > 0 && v.lag.Unknown == len(v.lag.Partitions):
		return "lag is unknown on every partition"
	case v.unsettled() && v.c.Single == "":
		return "the number of partitions is unknown: " + v.s.Partitions.Why()
	}
	return ""
}

// urgency is the highest among the up-rules that fired, and the earliest time to act.
func (v view) urgency(findings []Finding) (Urgency, time.Time) {
	highest, by := UrgencyNone, time.Time{}
	for _, f := range findings {
		if f.Outcome != Fires {
			continue
		}
		highest = max(highest, f.Urgency)
		if due := v.s.At.Add(f.ActWithin); by.IsZero() || due.Before(by) {
			by = due
		}
	}
	return highest, by
}

// highLag reports whether the lag trigger fires, which narrows the rule of thumb.
func (v view) highLag(findings []Finding) bool {
	f, ok := find(findings, ruleLag)
	return ok && f.Outcome == Fires
}

// fired are the sentences of the findings that fired, the most urgent first.
func fired(findings []Finding) []string {
	var sentences []string
	for _, f := range rank(append([]Finding(nil), findings...)) {
		if f.Outcome == Fires {
			sentences = append(sentences, f.Sentence)
		}
	}
	return sentences
}

// options compares the efficient counts within bounds, and the present one. What finds no
// room cannot start, and is not compared.
func (v view) options() []Option {
	if v.unsettled() {
		return nil
	}
	var options []Option
	present := v.replicas <= 0
	add := func(n int) {
		if len(options) < maxOptions {
			options = append(options, v.option(n))
		}
	}
	for _, n := range v.counts() {
		if n < v.c.lowest() || n > v.c.highest(v.sharing) || v.open && n < v.replicas-maxOptions/3 || v.roomVeto(n) != "" {
			continue
		}
		if !present && n >= v.replicas {
			present = true
			if n != v.replicas {
				add(v.replicas)
			}
		}
		add(n)
	}
	if !present {
		add(v.replicas)
	}
	return options
}

// maxOptions bounds the comparison; people read no longer table.
const maxOptions = 24

// holdSingle explains why a component with one instance is not scaled.
func (v view) holdSingle(r *Recommendation, up []Finding) {
	r.Reasons = append(r.Reasons, fired(up)...)
	r.Reasons = append(r.Reasons, fmt.Sprintf("%s runs as one instance only: %s", v.c.Name, v.c.Single))
	if len(fired(up)) > 0 {
		r.Vetoes = []string{r.Reasons[len(r.Reasons)-1]}
		r.Remedies = v.leversBesideCount()
	}
	if v.replicas > 1 {
		r.Action, r.To = ScaleDown, 1
		r.Reasons = append(r.Reasons, fmt.Sprintf("%d are wanted now, one is right", v.replicas))
	}
}

// recommendUp argues for more workers, or why not (decision B.9).
func (v view) recommendUp(r *Recommendation, up []Finding) {
	high := v.highLag(up)
	choice := v.choose(high, byLoad(up) && !v.rising())
	moot := v.object(r, choice.to)
	if !advisesUp(up) {
		r.Vetoes = appendNew(r.Vetoes, "none of the rules that fired is helped by more workers")
		r.Remedies = appendNew(r.Remedies, "look at what the workers wait for (R-130)")
	}
	r.Reasons = append(append(r.Reasons, fired(up)...), v.thumbReason()...)
	r.Reasons = append(r.Reasons, v.perPodReason()...)
	if !moot {
		r.Reasons = append(r.Reasons, choice.reasons...)
	}
	r.Reasons = append(r.Reasons, v.inSeconds(high)...)
	switch {
	case moot:
		r.Remedies = append(r.Remedies, "follow the incident response runbook if that does not help (R-137)")
	case choice.short:
		r.Remedies = append(r.Remedies, v.leversBesideCount()...)
	}
	if len(r.Vetoes) == 0 && choice.to > v.replicas {
		r.Action, r.To = ScaleUp, choice.to
	}
}

// object writes down what speaks against the count, and reports whether no count would
// help.
func (v view) object(r *Recommendation, to int) (moot bool) {
	wanted := 0
	if to > v.replicas {
		wanted = to
	}
	for _, x := range v.upVetoes(wanted) {
		r.Vetoes = append(r.Vetoes, x.why)
		r.Remedies = append(r.Remedies, x.remedies...)
		moot = moot || x.moot
	}
	// That pods asked for already do not run says more than how many more would not.
	if why := v.roomVeto(to); why != "" && v.absent() == 0 {
		r.Vetoes = append(r.Vetoes, why)
		r.Remedies = append(r.Remedies, "add nodes or raise the quota first (R-103, R-136)")
	}
	return moot
}

// rising reports whether the lag rises, by its newest trend and by the rates of the
// whole window: commits in bursts make the one look so now and then.
func (v view) rising() bool {
	trend, _ := v.trend()
	return trend == Rising && v.rates.Consumption < v.rates.Arrival
}

// byLoad reports whether nothing but load asks for workers: lag or throughput. Then the
// count that carries the load is enough; a slow or crowded worker asks for more than
// that.
func byLoad(findings []Finding) bool {
	for _, f := range findings {
		if f.Outcome == Fires && f.Rule != ruleLag && f.Rule != ruleThroughput {
			return false
		}
	}
	return true
}

func advisesUp(findings []Finding) bool {
	for _, f := range findings {
		if f.Outcome == Fires && f.Advises == ScaleUp {
			return true
		}
	}
	return false
}

func appendNew(words []string, word string) []string {
	if contains(words, word) {
		return words
	}
	return append(words, word)
}

// inSeconds puts the lag in time: 14,200 messages are much for a quiet topic and a few
// seconds for a busy one. The age of the oldest message is measured; what the lag is of
// traffic also shows how much of it only waits for the next commit.
func (v view) inSeconds(high bool) []string {
	if !high {
		return nil
	}
	parts := []string{v.ageSentence()}
	if arrives := v.movingArrival(); v.ratesKnown && arrives >= 1 && len(v.stalled) == 0 {
		length := time.Duration(float64(v.lag.Total) / arrives * float64(time.Second))
		parts = append(parts, fmt.Sprintf("the lag is %s of traffic at %s", Span(length), PerSecond(arrives)))
	}
	if floor := v.commitFloor(); floor >= floorWorthTelling*float64(v.lag.Total) {
		parts = append(parts, fmt.Sprintf("about %s of it only wait for the next commit", whole(floor)))
	}
	return joined(parts)
}

// floorWorthTelling is the share of the lag from which the commit floor is mentioned.
const floorWorthTelling = 0.1

// joined makes one sentence of the clauses that say something; none of none.
func joined(clauses []string) []string {
	clauses = told(clauses...)
	if len(clauses) == 0 {
		return nil
	}
	return []string{strings.Join(clauses, "; ")}
}

// thumbReason prints the rule of thumb (R-031, R-032): "2–4 partitions per worker →
// 6–12; high lag: 8–12".
func (v view) thumbReason() []string {
	low, high := v.thumb(false)
	if low == 0 {
		return nil
	}
	text := fmt.Sprintf("%d–%d partitions per %s → %s", v.p.Sizing.MinPerWorker, v.p.Sizing.MaxPerWorker, v.one(), span(low, high))
	if tight, top := v.thumb(true); tight != low {
		text += "; high lag: " + span(tight, top)
	}
	return []string{text}
}

// leversBesideCount are what is left when the count cannot help, in the runbook's
// order: tuning, bigger pods, partitions, incident response.
func (v view) leversBesideCount() []string {
	levers := []string{
		"tune the workers: concurrency, batch size, poll size (R-074, R-077, R-081)",
		"give each pod more CPU or memory (R-070)",
	}
	if !v.open {
		levers = append(levers, "raise the number of partitions; that cannot be undone easily (R-089, R-091)")
	}
	return append(levers, "follow the incident response runbook (R-137)")
}

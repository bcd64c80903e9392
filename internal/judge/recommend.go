package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// NonEmpty returns the clauses that are not empty.
func NonEmpty(clauses ...string) []string {
	return slices.DeleteFunc(clauses, func(c string) bool { return c == "" })
}

// Recommend applies every rule of the policy to a snapshot, in the same way for
// every kind of component, and says what to do, with the reasons in
// order. past is the component's history, oldest first, back to the longest window of the rules
// where it exists. The judgement is made for the moment s.At.
func Recommend(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point) ledger.Recommendation {
	return Judge(c, p, s, past).Advice()
}

// recommend derives the advice from the findings, without the comparison of counts.
func (v View) recommend(up, down []scale.Finding) ledger.Recommendation {
	r := ledger.Recommendation{
		Action: scale.Hold, From: v.Replicas, To: v.Replicas, Capacity: v.Capacity,
		Findings: scale.Rank(slices.Concat(up, down)),
	}
	r.Urgency, r.ActBy = v.urgency(up)
	r.RunbookLow, r.RunbookHigh = v.Thumb(v.HighLag(up))
	switch {
	case v.blind() != "":
		r.Action = scale.Undecided
		r.Reasons = append(r.Reasons, Fired(up)...)
		r.Reasons = append(r.Reasons, v.blind())
	case v.Component.Single != "":
		v.holdSingle(&r, up)
	case len(Fired(up)) > 0:
		v.recommendUp(&r, up)
	default:
		v.recommendDown(&r, up, down)
	}
	return r
}

// blind says why nothing can be recommended; empty when enough is known. Nothing is
// ever scaled on unknown data.
func (v View) blind() string {
	switch {
	case !v.ReplicasKnown:
		return "how many replicas run is unknown: " + v.Now.Workload.Why()
	case !v.LagKnown:
		return "lag is unknown: " + v.Now.Lag.Why()
	case len(v.Lag.Partitions) > 0 && v.Lag.Unknown == len(v.Lag.Partitions):
		return "lag is unknown on every partition"
	case v.Unsettled() && v.Component.Single == "":
		return "the number of partitions is unknown: " + v.Now.Partitions.Why()
	}
	return ""
}

// urgency is the highest urgency among the scale-up rules that fired, and the earliest time to
// act.
func (v View) urgency(findings []scale.Finding) (scale.Urgency, time.Time) {
	highest, by := scale.UrgencyNone, time.Time{}
	for _, f := range findings {
		if f.Outcome != scale.Fires {
			continue
		}
		highest = max(highest, f.Urgency)
		if due := v.Now.At.Add(f.ActWithin); by.IsZero() || due.Before(by) {
			by = due
		}
	}
	return highest, by
}

// HighLag reports whether the lag trigger fires, which narrows the rule of thumb.
func (v View) HighLag(findings []scale.Finding) bool {
	f, ok := scale.Find(findings, scale.RuleLag)
	return ok && f.Outcome == scale.Fires
}

// Fired are the sentences of the findings that fired, the most urgent first.
func Fired(findings []scale.Finding) []string {
	var sentences []string
	for _, f := range scale.Rank(append([]scale.Finding(nil), findings...)) {
		if f.Outcome == scale.Fires {
			sentences = append(sentences, f.Sentence)
		}
	}
	return sentences
}

// options compares the efficient counts within bounds with the present one. Counts whose pods do
// not fit are left out.
func (v View) options() []ledger.Option {
	if v.Unsettled() {
		return nil
	}
	var options []ledger.Option
	present := v.Replicas <= 0
	add := func(n int) {
		if len(options) < maxOptions {
			options = append(options, v.Option(n))
		}
	}
	for _, n := range v.Counts() {
		if n < v.Component.Lowest() || n > measure.Highest(v.Component, v.Sharing) || v.Open && n < v.Replicas-maxOptions/3 || v.RoomVeto(n) != "" {
			continue
		}
		if !present && n >= v.Replicas {
			present = true
			if n != v.Replicas {
				add(v.Replicas)
			}
		}
		add(n)
	}
	if !present {
		add(v.Replicas)
	}
	return options
}

// maxOptions bounds the comparison to a table that people can read.
const maxOptions = 24

// holdSingle explains why a component with one instance is not scaled.
func (v View) holdSingle(r *ledger.Recommendation, up []scale.Finding) {
	r.Reasons = append(r.Reasons, Fired(up)...)
	r.Reasons = append(r.Reasons, fmt.Sprintf("%s runs as one instance only: %s", v.Component.Name, v.Component.Single))
	if len(Fired(up)) > 0 {
		r.Vetoes = []string{r.Reasons[len(r.Reasons)-1]}
		r.Remedies = v.leversBesideCount()
	}
	if v.Replicas > 1 {
		r.Action, r.To = scale.ScaleDown, 1
		r.Reasons = append(r.Reasons, fmt.Sprintf("%d are wanted now, one is right", v.Replicas))
	}
}

// recommendUp recommends more workers, or says why not (decision B.9).
func (v View) recommendUp(r *ledger.Recommendation, up []scale.Finding) {
	high := v.HighLag(up)
	choice := v.choose(high, byLoad(up) && !v.rising())
	moot := v.object(r, choice.to)
	if !advisesUp(up) {
		r.Vetoes = scale.AppendNew(r.Vetoes, "none of the rules that fired is helped by more workers")
		r.Remedies = scale.AppendNew(r.Remedies, "look at what the workers wait for (R-130)")
	}
	r.Reasons = append(append(r.Reasons, Fired(up)...), v.thumbReason()...)
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
	if len(r.Vetoes) == 0 && choice.to > v.Replicas {
		r.Action, r.To = scale.ScaleUp, choice.to
	}
}

// object records what speaks against the count, and reports whether no count would help.
func (v View) object(r *ledger.Recommendation, to int) (moot bool) {
	wanted := 0
	if to > v.Replicas {
		wanted = to
	}
	for _, veto := range slices.Concat(v.vetoesAgainst(adding, wanted), v.vetoesAgainst(advising, to)) {
		r.Vetoes = append(r.Vetoes, veto.Why)
		r.Remedies = append(r.Remedies, veto.Remedies...)
		moot = moot || veto.Moot
	}
	return moot
}

// rising reports whether the lag rises by both its newest trend and the rates of the whole
// window. Commits in bursts sometimes make one of them rise alone.
func (v View) rising() bool {
	trend, _ := v.Trend()
	return trend == scale.Rising && v.Rates.Consumption < v.Rates.Arrival
}

// byLoad reports whether only load asks for workers: lag or throughput. The count that carries
// the load is then enough. High latency or CPU asks for more than that.
func byLoad(findings []scale.Finding) bool {
	for _, f := range findings {
		if t, _ := TriggerOf(f.Rule); f.Outcome == scale.Fires && !t.ByLoad {
			return false
		}
	}
	return true
}

func advisesUp(findings []scale.Finding) bool {
	for _, f := range findings {
		if f.Outcome == scale.Fires && f.Advises == scale.ScaleUp {
			return true
		}
	}
	return false
}

// inSeconds expresses the lag as time: 14,200 messages are much for a quiet topic and a few
// seconds for a busy one. The age of the oldest message is measured. The lag in seconds of
// traffic also shows how much of it only waits for the next commit.
func (v View) inSeconds(high bool) []string {
	if !high {
		return nil
	}
	parts := []string{v.AgeSentence()}
	if arrives := v.MovingArrival(); v.RatesKnown && arrives >= 1 && len(v.Stalled) == 0 {
		length := time.Duration(float64(v.Lag.Total) / arrives * float64(time.Second))
		parts = append(parts, fmt.Sprintf("the lag is %s of traffic at %s", scale.Span(length), scale.PerSecond(arrives)))
	}
	if floor := v.CommitFloor(); floor >= floorWorthTelling*float64(v.Lag.Total) {
		parts = append(parts, fmt.Sprintf("about %s of it only wait for the next commit", scale.Whole(floor)))
	}
	return joined(parts)
}

// floorWorthTelling is the share of the lag from which the commit floor is mentioned.
const floorWorthTelling = 0.1

// joined makes one sentence of the clauses that are not empty; empty when all are.
func joined(clauses []string) []string {
	clauses = NonEmpty(clauses...)
	if len(clauses) == 0 {
		return nil
	}
	return []string{strings.Join(clauses, "; ")}
}

// thumbReason prints the rule of thumb (R-031, R-032): "2–4 partitions per worker →
// 6–12; high lag: 8–12".
func (v View) thumbReason() []string {
	low, high := v.Thumb(false)
	if low == 0 {
		return nil
	}
	text := fmt.Sprintf("%d–%d partitions per %s → %s", v.Policy.Sizing.MinPerWorker, v.Policy.Sizing.MaxPerWorker, v.OwnerWord(), scale.Range(low, high))
	if tight, top := v.Thumb(true); tight != low {
		text += "; high lag: " + scale.Range(tight, top)
	}
	return []string{text}
}

// leversBesideCount are the remedies that remain when the count cannot help, in the runbook's
// order: tuning, bigger pods, partitions, incident response.
func (v View) leversBesideCount() []string {
	levers := []string{
		"tune the workers: concurrency, batch size, poll size (R-074, R-077, R-081)",
		"give each pod more CPU or memory (R-070)",
	}
	if !v.Open {
		levers = append(levers, "raise the number of partitions; that cannot be undone easily (R-089, R-091)")
	}
	return append(levers, "follow the incident response runbook (R-137)")
}

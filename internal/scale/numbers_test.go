package scale

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// drawn is one of the values; near limits most of them, because there the words decide.
func drawn[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// anyWorld draws a world whose numbers lie near the runbook's limits.
func anyWorld(r *rand.Rand) *world {
	w := calmWorld().workers(drawn(r, 4, 6, 9, 12, 24))
	w.lag(drawn(r, int64(0), 54, 900, 999, 1000, 1206, 1914, 4999, 5000, 9999, 10_000, 10_001, 14_200, 143_657))
	in, out := drawn(r, 0, 2.4, 99.997, 450, 599.6, 780, 1000.4), drawn(r, 0, 2.4, 300, 450, 599.6, 1000.4)
	w.s.Rates.Value = Rates{Arrival: in, Consumption: out, Over: 5 * time.Minute, ArrivalSpread: drawn(r, 0, in/50, in/5)}
	w.s.Group.Value = groupOf(w.s.Workload.Value.Desired, 24)
	w.s.Signals.Latency.Value = drawn(r, 0.004, 1.2, 4.9999, 5, 5.0000001, 5.001, 12)
	w.s.Signals.Errors.Value = drawn(r, ErrorRate{}, ErrorRate{Share: 0.0100001, Timeouts: 0.0100001}, ErrorRate{Share: 0.4, Timeouts: 0.01}, ErrorRate{Share: 0.009996, Timeouts: 0.009996})
	w.s.Signals.Throughput.Value = float64(w.s.Workload.Value.Desired) * drawn(r, 3, 99, 99.4, 99.997, 100, 180)
	w.s.Signals.Busy = Known(drawn(r, 0, 28.0, 120), start, "scrape")
	w.s.Usage.Value.CPULimit = drawn(r, 0.1, 0.2999999, 0.3, 0.8, 0.8000001, 0.97)
	w.s.Usage.Value.MemoryLimit = drawn(r, 0.1, 0.3999999, 0.85, 0.8500001, 0.97)
	if hot := r.IntN(48); hot < 24 {
		partitions := w.s.Lag.Value.Partitions
		for i := range partitions {
			partitions[i].Arrival = in / 24
		}
		partitions[hot].Arrival = drawn(r, 1, 60, 95, 99.6)
		partitions[hot].Lag += drawn(r, int64(0), 40, 12_000)
		w.s.Lag.Value = SumLag(partitions, []string{"xact.downloads.pending"})
	}
	rises, total := drawn(r, -40.0, 0, 0, 20), float64(w.s.Lag.Value.Total)
	w.remember(70*time.Minute, func(ago time.Duration, p *Point) {
		p.Ends = 1e7 - in*ago.Seconds()
		p.Lag = max(0, total-rises*ago.Seconds())
		p.Commits = p.Ends - p.Lag
		p.CPU, p.Memory = float32(w.s.Usage.Value.CPULimit), float32(w.s.Usage.Value.MemoryLimit)
		p.Latency = float32(w.s.Signals.Latency.Value)
	})
	return w
}

// said is every sentence that a world gives rise to, by what says it.
func (w *world) said(to int) map[string][]string {
	r := w.recommend()
	plan := MakePlan(w.Component, w.Policy, w.s, w.past, r, to, "because")
	texts := map[string][]string{
		"recommendation": append(append(append([]string{}, r.Reasons...), r.Vetoes...), r.Remedies...),
		"plan":           append(append([]string{plan.Now.Drain.Sentence, plan.After.Drain.Sentence}, plan.Warnings...), plan.Notes...),
	}
	for _, f := range r.Findings {
		if f.Outcome == Fires {
			texts["finding"] = append(texts["finding"], f.Sentence)
		}
	}
	for _, o := range append(r.Options, plan.Alternatives...) {
		texts["option"] = append(texts["option"], o.Drain.Sentence)
	}
	texts["checklist"] = checkTexts(plan.Checklist)
	d := Diagnose(w.Component, w.Policy, w.s, w.past)
	texts["diagnosis"] = append(append(checkTexts(d.Findings), d.Headline), d.Next...)
	need := w.needs(Demand{Rate: w.s.Rates.Value.Arrival, Seconds: 3})
	texts["need"] = append(append(append([]string{need.Headline}, need.Readings...), need.Remedies...), need.Notes...)
	return texts
}

func checkTexts(checks []Check) []string {
	var texts []string
	for _, c := range checks {
		texts = append(texts, c.Name+": "+c.Before+" → "+c.After, c.Note)
	}
	return texts
}

// Numbers agree with each other and with their words, whatever the world is like: a
// comparison that is told is true, an interval has two ends, and one without use is called
// uncertain; the lag is one number.
func TestWhatIsSaidIsTrueOfItsNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	lagOf := regexp.MustCompile(`\blag (?:is |of )?(\d[\d,]*)`)
	for i := range 400 {
		w := anyWorld(r)
		for what, texts := range w.said(drawn(r, 4, 6, 8, 12, 24)) {
			for _, text := range texts {
				for _, fault := range scaletest.Untrue(text) {
					t.Errorf("world %d, %s: %s", i, what, fault)
				}
				for _, m := range lagOf.FindAllStringSubmatch(text, -1) {
					if !strings.Contains(text, " of traffic") && int64(scaletest.Number(m[1])) != w.s.Lag.Value.Total {
						t.Errorf("world %d, %s: %q, and the lag is %s", i, what, text, Count(w.s.Lag.Value.Total))
					}
				}
			}
		}
		if t.Failed() && i > 40 {
			break
		}
	}
}

// The same of reports, over stories that end well, badly and otherwise; and a check that
// passes does not say by its name or note what its numbers deny.
func TestWhatReportsSayIsTrueOfTheirNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 25 {
		st := (&story{arrival: drawn(r, 450.0, 700, 900, 1150), rise: drawn(r, time.Minute, 10*time.Minute), each: drawn(r, 40.0, 80, 100, 120),
			later: drawn(r, 0.0, 0, 300, 1400), to: drawn(r, 8, 12, 24)}).begin()
		for horizon := range st.Policy.Times.Horizons {
			report := st.report(horizon, func(w *world) {
				w.s.Signals.Latency.Value = drawn(r, 1.2, 3, 4.9999, 6)
				w.s.Signals.Errors.Value.Share = drawn(r, 0.0001, 0.009999, 0.01, 0.013, 0.03)
			})
			name := fmt.Sprintf("%.0f msg/s, then %.0f, to %d at %.0f each, %s", st.arrival, st.later, st.to, st.each, report.Horizon)
			for _, text := range append(checkTexts(report.Checks), report.Why, report.Forecast, report.Next) {
				for _, fault := range scaletest.Untrue(text) {
					t.Errorf("%s: %s", name, fault)
				}
			}
			for _, check := range report.Checks {
				for _, fault := range denied(check) {
					t.Errorf("%s: %s", name, fault)
				}
			}
			if n := len(report.Chart); report.Chart[n-1].Lag != report.Lag.Value {
				t.Errorf("%s: the chart ends at %d, the lag is %d", name, report.Chart[n-1].Lag, report.Lag.Value)
			}
		}
	}
}

// leading is the number a value begins with, and its unit.
var leading = regexp.MustCompile(`^(?:at least )?([\d,]+(?:\.\d+)?)`)

// denied lists what a check says in words and denies in numbers.
func denied(c Check) []string {
	number := func(text string) (float64, bool) {
		m := leading.FindStringSubmatch(text)
		if m == nil {
			return 0, false
		}
		return scaletest.Number(m[1]), true
	}
	var faults []string
	after, known := number(c.After)
	before, had := number(c.Before)
	fault := func(wrong bool, what string) {
		if wrong {
			faults = append(faults, fmt.Sprintf("%s says %q: %s → %s (%s)", c.Rule, what, c.Before, c.After, c.Name+"; "+c.Note))
		}
	}
	if _, limit, named := strings.Cut(c.Name, " under "); named && known && c.Result != ResultUnsure {
		most, _ := number(limit)
		fault((after < most) == (c.Result != Pass), c.Name)
	}
	if known && had {
		fault(strings.Contains(c.Note, "not higher than before") && after > before, "not higher than before")
		fault(strings.HasPrefix(c.Note, "lower than before") && after > before, "lower than before")
		fault(strings.Contains(c.Note, "more than at the write") && after <= before, "more than at the write")
		fault(strings.Contains(c.Name, "improv") && c.Result == Pass && after > before, c.Name)
	}
	if rest, over := strings.CutPrefix(c.Note, "over "); over && known {
		least, _ := number(rest)
		fault(after <= least, c.Note)
	}
	return faults
}

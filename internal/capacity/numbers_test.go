package capacity

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// anyWorld draws a world whose numbers lie near the runbook's limits.
func anyWorld(r *rand.Rand) *measuretest.World {
	w := measuretest.CalmWorld().Workers(measuretest.Drawn(r, 4, 6, 9, 12, 24))
	w.Lag(measuretest.Drawn(r, int64(0), 54, 900, 999, 1000, 1206, 1914, 4999, 5000, 9999, 10_000, 10_001, 14_200, 143_657))
	in, out := measuretest.Drawn(r, 0, 2.4, 99.997, 450, 599.6, 780, 1000.4), measuretest.Drawn(r, 0, 2.4, 300, 450, 599.6, 1000.4)
	w.Now.Rates.Value = scale.Rates{Arrival: in, Consumption: out, Over: 5 * time.Minute, ArrivalSpread: measuretest.Drawn(r, 0, in/50, in/5)}
	w.Now.Group.Value = measuretest.GroupOf(w.Now.Workload.Value.Desired, 24)
	w.Now.Signals.Latency.Value = measuretest.Drawn(r, 0.004, 1.2, 4.9999, 5, 5.0000001, 5.001, 12)
	w.Now.Signals.Errors.Value = measuretest.Drawn(r, scale.ErrorRate{}, scale.ErrorRate{Share: 0.0100001, Timeouts: 0.0100001}, scale.ErrorRate{Share: 0.4, Timeouts: 0.01}, scale.ErrorRate{Share: 0.009996, Timeouts: 0.009996})
	w.Now.Signals.Throughput.Value = float64(w.Now.Workload.Value.Desired) * measuretest.Drawn(r, 3, 99, 99.4, 99.997, 100, 180)
	w.Now.Signals.Busy = scale.Known(measuretest.Drawn(r, 0, 28.0, 120), scaletest.Start, "scrape")
	w.Now.Usage.Value.CPULimit = measuretest.Drawn(r, 0.1, 0.2999999, 0.3, 0.8, 0.8000001, 0.97)
	w.Now.Usage.Value.MemoryLimit = measuretest.Drawn(r, 0.1, 0.3999999, 0.85, 0.8500001, 0.97)
	if hot := r.IntN(48); hot < 24 {
		partitions := w.Now.Lag.Value.Partitions
		for i := range partitions {
			partitions[i].Arrival = in / 24
		}
		partitions[hot].Arrival = measuretest.Drawn(r, 1, 60, 95, 99.6)
		partitions[hot].Lag += measuretest.Drawn(r, int64(0), 40, 12_000)
		w.Now.Lag.Value = scale.SumLag(partitions, []string{"xact.downloads.pending"})
	}
	rises, total := measuretest.Drawn(r, -40.0, 0, 0, 20), float64(w.Now.Lag.Value.Total)
	w.Remember(70*time.Minute, func(ago time.Duration, p *scale.Point) {
		p.Ends = 1e7 - in*ago.Seconds()
		p.Lag = max(0, total-rises*ago.Seconds())
		p.Commits = p.Ends - p.Lag
		p.CPU, p.Memory = float32(w.Now.Usage.Value.CPULimit), float32(w.Now.Usage.Value.MemoryLimit)
		p.Latency = float32(w.Now.Signals.Latency.Value)
	})
	return w
}

// said is every sentence that a world gives rise to, by what says it.
func said(w *measuretest.World, to int) map[string][]string {
	r := judgetest.Recommended(w)
	plan := judge.MakePlan(w.Component, w.Policy, w.Now, w.Past, r, to, "because")
	texts := map[string][]string{
		"recommendation": append(append(append([]string{}, r.Reasons...), r.Vetoes...), r.Remedies...),
		"plan":           append(append([]string{plan.Now.Drain.Sentence, plan.After.Drain.Sentence}, plan.Warnings...), plan.Notes...),
	}
	for _, f := range r.Findings {
		if f.Outcome == scale.Fires {
			texts["finding"] = append(texts["finding"], f.Sentence)
		}
	}
	for _, o := range append(r.Options, plan.Alternatives...) {
		texts["option"] = append(texts["option"], o.Drain.Sentence)
	}
	texts["checklist"] = measuretest.CheckTexts(plan.Checklist)
	d := diagnose.Diagnose(w.Component, w.Policy, w.Now, w.Past)
	texts["diagnosis"] = append(append(measuretest.CheckTexts(d.Findings), d.Headline), d.Next...)
	need := needs(w, Demand{Rate: w.Now.Rates.Value.Arrival, Seconds: 3})
	texts["need"] = append(append(append([]string{need.Headline}, need.Readings...), need.Remedies...), need.Notes...)
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
		for what, texts := range said(w, measuretest.Drawn(r, 4, 6, 8, 12, 24)) {
			for _, text := range texts {
				for _, fault := range scaletest.Untrue(text) {
					t.Errorf("world %d, %s: %s", i, what, fault)
				}
				for _, m := range lagOf.FindAllStringSubmatch(text, -1) {
					if !strings.Contains(text, " of traffic") && int64(scaletest.Number(m[1])) != w.Now.Lag.Value.Total {
						t.Errorf("world %d, %s: %q, and the lag is %s", i, what, text, scale.Count(w.Now.Lag.Value.Total))
					}
				}
			}
		}
		if t.Failed() && i > 40 {
			break
		}
	}
}

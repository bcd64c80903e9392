package scale

import (
	"strings"
	"testing"
	"time"
)

// R-038, T-25: lag has to fall steadily once the rebalance is over: rising fails, flat is
// neither, and a lag above the one at the start passes as long as it falls.
func TestLagHasToFallAfterTheRebalance(t *testing.T) {
	for name, c := range map[string]struct {
		story story
		want  Result
		note  string
	}{
		"R-038 falling, above where it began": {story{arrival: 1000, rise: 10 * time.Minute, each: 88, to: 12}, Pass, ""},
		"R-038 rising":                        {story{arrival: 900, later: 1400, rise: 10 * time.Minute, each: 100, to: 12}, Fail, "lag rises"},
		"R-038 flat":                          {story{arrival: 900, later: 1200, rise: 10 * time.Minute, each: 100, to: 12}, Warn, "neither better nor worse"},
	} {
		check := wantCheck(t, c.story.begin().report(0, nil).Checks, "R-117", c.want)
		wantText(t, name, check.Note, c.note)
	}
}

// no pod may be at its CPU or memory bound, the highest one or all together.
func TestPodsHaveToStayBelowTheirBounds(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*Usage)
		want Result
		note string
	}{
		"R-039 just below":       {func(u *Usage) { u.CPUPeak, u.MemoryPeak = 0.949, 0.949 }, Pass, ""},
		"R-039 one pod's CPU":    {func(u *Usage) { u.CPUPeak = 0.95 }, Fail, "CPU at its bound"},
		"R-039 one pod's memory": {func(u *Usage) { u.MemoryPeak = 0.95 }, Fail, "memory at its bound"},
		"R-039 all their CPU":    {func(u *Usage) { u.CPULimit = 0.95 }, Fail, "CPU at its bound"},
		"R-039 all their memory": {func(u *Usage) { u.MemoryLimit = 0.95 }, Fail, "memory at its bound"},
	} {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		check := wantCheck(t, st.report(1, func(w *world) { c.edit(&w.s.Usage.Value) }).Checks, "R-119", c.want)
		wantText(t, name, check.Note, c.note)
	}
}

// R-120, T-27: latency is better when it is lower than before, and good when it is not
// above the runbook's 5 s; as high as before is neither.
func TestLatencyIsBetterThanBeforeOrGood(t *testing.T) {
	for name, c := range map[string]struct {
		before, now float64
		want        Result
	}{
		"R-120 lower than before, and still high": {9, 8.9, Pass},
		"R-120 as before":                         {9, 9, Fail},
		"R-120 higher than before":                {9, 9.1, Fail},
		"R-120 at the limit":                      {4, 5, Pass},
		"R-120 just above the limit":              {4, 5.1, Fail},
	} {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		st.op.Before.Signals.Latency.Value = c.before
		check := wantCheck(t, st.report(1, func(w *world) { w.s.Signals.Latency.Value = c.now }).Checks, "R-120", c.want)
		if c.want == Fail {
			wantText(t, name, check.Note, "over 5.0 s and not lower than before")
		}
	}
}

// memory at its bound is named as such, by the highest pod or by all together, and
// is answered with memory and not with CPU; just below it is no finding.
func TestMemoryAtItsBoundIsDiagnosed(t *testing.T) {
	for name, edit := range map[string]func(*Usage){
		"one pod": func(u *Usage) { u.MemoryPeak = 0.95 },
		"all":     func(u *Usage) { u.MemoryLimit = 0.95 },
		"both":    func(u *Usage) { u.MemoryPeak, u.CPUPeak = 0.97, 0.99 },
	} {
		w := calmWorld()
		edit(&w.s.Usage.Value)
		d := Diagnose(w.Component, w.Policy, w.s, w.past)
		wantCheck(t, d.Findings, "R-132", Fail)
		wantText(t, name, d.Headline, "Memory is at its bound.")
		next := strings.Join(d.Next, "\n")
		wantText(t, name, next, "raise the memory limit per pod (R-072, R-070); the runbook's example is 1Gi (R-071)")
		if strings.Contains(next, "raise the CPU limit") {
			t.Errorf("%s: got CPU advised: %q", name, next)
		}
	}
	w := calmWorld()
	w.s.Usage.Value.MemoryPeak = 0.949
	wantCheck(t, Diagnose(w.Component, w.Policy, w.s, w.past).Findings, "R-132", Pass)
}

// the golden rule's refusal says how many partitions there are, how many workers
// would sit idle, and the most that helps.
func TestTheGoldenRuleSaysWhoWouldSitIdle(t *testing.T) {
	for to, want := range map[int]string{25: "so 1 of 25 workers would sit idle.", 30: "so 6 of 30 workers would sit idle."} {
		r := calmWorld().refuse(to)
		if r == nil {
			t.Fatalf("%d workers on 24 partitions are not refused", to)
		}
		wantText(t, "why", r.Why, "xact.downloads.pending has only 24 partitions, "+want)
		wantText(t, "the limit", r.Limit, "at most 24, ", "(Kafka, R-018 to R-020, R-027)")
	}
	if r := calmWorld().refuse(24); r != nil {
		t.Errorf("24 workers on 24 partitions: got refusal %q", r.Why)
	}
}

// the recommendation names the rule it follows, with the lag and the limit.
func TestTheRecommendationNamesItsRule(t *testing.T) {
	r := spike(14_200).recommend()
	if r.Action != ScaleUp || len(r.Findings) == 0 || r.Findings[0].Rule != "R-001" || r.Findings[0].Outcome != Fires {
		t.Fatalf("got %s by %+v, want up by R-001", r.Action, r.Findings[:min(1, len(r.Findings))])
	}
	wantText(t, "the reason", strings.Join(r.Reasons, "\n"), "lag 14,200 > 10,000 → Critical, now")
}

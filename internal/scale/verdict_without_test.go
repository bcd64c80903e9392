package scale

import (
	"strings"
	"testing"
	"time"
)

// busyBefore makes the group get through 600 msg/s with a backlog before the write, and lets
// it be gone a minute after the change settled.
func (l *later) busyBefore() *later {
	wrote, settled := l.op.Rollout.WrittenAt, l.op.Rollout.StableAt
	l.w.remember(2*time.Hour, func(_ time.Duration, p *Point) {
		switch {
		case p.At.Before(wrote):
			p.Lag = 14_200
			p.Ends = 1e6 + 900*p.At.Sub(start.Add(-2*time.Hour)).Seconds()
			p.Commits = 1e6 - 14_200 + 600*p.At.Sub(start.Add(-2*time.Hour)).Seconds()
		case p.At.Before(settled.Add(time.Minute)):
			p.Lag = 9_000
		default:
			p.Lag = 0
		}
	})
	return l
}

// T-24, R-041: what is said of a change when too little was seen of the new workers with a
// backlog before them.
func TestWhatIsSaidWithoutABacklog(t *testing.T) {
	never := Drain{Known: true, Never: true, Sentence: "never"}
	slow := Drain{Known: true, Low: 10 * time.Minute, Sentence: "about 12 min"}
	for name, c := range map[string]struct {
		before float64
		edit   func(*later)
		want   Verdict
		why    string
	}{
		"a partition is not read":       {600, func(l *later) { l.w.lag(6_000); l.unread(0) }, VerdictUndecided, "lag is unknown on 1 of 24 partitions"},
		"low, and one is not read":      {600, func(l *later) { l.unread(0) }, VerdictUndecided, "lag is unknown on 1 of 24 partitions"},
		"they keep up":                  {600, func(l *later) { l.w.lag(2_250) }, VerdictUndecided, "the workers keep up, and too little is waiting to show what the new workers add; 450 msg/s arrive, lag is 2,250"},
		"they do not":                   {600, func(l *later) { l.w.lag(6_000); l.w.s.Rates.Value.Consumption = 300 }, VerdictUndecided, "too little has been seen since the pods settled; lag is 6,000"},
		"more arrives than was managed": {400, nil, VerdictWorked, "the backlog of 14,200 is gone after 2 min, and the 450 msg/s that arrive are more than 6 workers managed (400 msg/s)"},
		"hardly more":                   {430, nil, VerdictUndecided, "the backlog of 14,200 is gone after 2 min, before it could be seen what the new workers add; 450 msg/s arrive now"},
		"nobody knows what was managed": {0, nil, VerdictUndecided, "the backlog of 14,200 is gone after 2 min, before it could be seen what the new workers add; 450 msg/s arrive now"},
		"sooner than before":            {600, func(l *later) { l.op.Plan.Now.Drain = slow }, VerdictWorked, "the backlog of 14,200 is gone after 2 min; with 6 workers the forecast was about 12 min"},
		"it never would have gone":      {600, func(l *later) { l.op.Plan.Now.Drain = never }, VerdictWorked, "with 6 workers the forecast was never"},
		"as soon as before":             {600, func(l *later) { l.op.Plan.Now.Drain = Drain{Known: true, Low: 2 * time.Minute} }, VerdictUndecided, "before it could be seen"},
		"gone before the pods came": {600, func(l *later) {
			l.op.Plan.Now.Drain = slow
			l.op.Rollout.StableAt = l.op.Rollout.WrittenAt.Add(3 * time.Minute)
		}, VerdictUndecided, "before it could be seen"},
		"less arrives":        {600, func(l *later) { l.op.Plan.Now.Drain = never; l.w.s.Rates.Value.Arrival = 100 }, VerdictUndecided, "before it could be seen"},
		"arrivals unknown":    {400, func(l *later) { l.w.s.Rates = Unknown[Rates]("x", start, "") }, VerdictUndecided, "the backlog of 14,200 is gone after 2 min; whether the new workers did it is open, arrivals are unknown"},
		"nothing was waiting": {600, func(l *later) { l.w.remember(2*time.Hour, func(time.Duration, *Point) {}) }, VerdictNoBacklog, "lag is 900"},
	} {
		l := changed(15 * time.Minute).busyBefore()
		l.op.Plan.Now.Drain = Drain{}
		if c.edit != nil {
			c.edit(l)
		}
		l.op.Advice.Findings, l.op.Before.Rates.Value.Arrival = nil, 450
		got := lookBack(l.w.Component, l.w.Policy, l.op, l.w.s, l.w.past).judgeWithout(c.before)
		if got.verdict != c.want || !strings.Contains(got.why, c.why) {
			t.Errorf("%s: got %s because %q, want %s because %q", name, got.verdict, got.why, c.want, c.why)
		}
	}
}

// a change without a backlog is judged by the up-rules that asked for it, of
// which one that still holds weighs most, then one that cannot be judged; rules that were
// silent, and those for fewer workers, asked for nothing.
func TestTheRulesThatAskedAreJudged(t *testing.T) {
	asked := func(rules ...string) []Finding {
		var out []Finding
		for _, rule := range rules {
			out = append(out, Finding{Rule: rule, Outcome: Fires})
		}
		return out
	}
	slow := func(l *later) { l.w.s.Signals.Latency.Value = 6 }
	blind := func(l *later) { l.w.s.Signals.Latency = Unknown[float64]("no metrics", start, "") }
	for name, c := range map[string]struct {
		asked []Finding
		edit  func(*later)
		want  Verdict
		why   string
	}{
		"over":                   {asked("R-002"), nil, VerdictWorked, "what asked for the change is over: p95 latency 1.2 s"},
		"still holds":            {asked("R-002"), slow, VerdictIneffective, "what asked for the change still holds: p95 latency 6.0 s > 5.0 s"},
		"cannot be judged":       {asked("R-002"), blind, VerdictUndecided, "whether it helped is unknown: p95 latency"},
		"one over, one holds":    {asked("R-001", "R-002"), slow, VerdictIneffective, "still holds: p95 latency 6.0 s"},
		"one over, one unknown":  {asked("R-001", "R-002"), blind, VerdictUndecided, "whether it helped is unknown: p95 latency"},
		"was silent, holds now":  {[]Finding{{Rule: "R-002", Outcome: Silent}}, slow, VerdictNoBacklog, "lag is 900"},
		"was unclear, holds now": {[]Finding{{Rule: "R-002", Outcome: Unclear}}, slow, VerdictNoBacklog, "lag is 900"},
		"a rule for fewer":       {asked("R-011"), nil, VerdictNoBacklog, "lag is 900"},
	} {
		l := changed(15 * time.Minute)
		if c.edit != nil {
			c.edit(l)
		}
		l.op.Advice.Findings = c.asked
		got := lookBack(l.w.Component, l.w.Policy, l.op, l.w.s, l.w.past).judgeTriggers()
		if got.verdict != c.want || !strings.Contains(got.why, c.why) || got.rollBack != (c.want == VerdictIneffective) || got.diagnose != got.rollBack {
			t.Errorf("%s: got %+v, want %s because %q", name, got, c.want, c.why)
		}
	}
}

// Where there was nothing to judge by, the checks decide what is said: failures, then
// questions, then remarks; any other verdict stands.
func TestChecksEndAVerdictWithoutABacklog(t *testing.T) {
	results := func(results ...Result) (checks []Check) {
		for _, r := range results {
			checks = append(checks, Check{Result: r})
		}
		return checks
	}
	for want, c := range map[string]struct {
		verdict Verdict
		checks  []Check
	}{
		"all checks passed; lag is 0":                                             {VerdictNoBacklog, results(Pass, Pass)},
		"no check failed, 1 remark; lag is 0":                                     {VerdictNoBacklog, results(Pass, Warn)},
		"no check failed, 2 remarks; lag is 0":                                    {VerdictNoBacklog, results(Warn, Warn)},
		"there was no backlog to judge by, and 1 check has no answer; lag is 0":   {VerdictUndecided, results(Warn, ResultUnsure)},
		"there was no backlog to judge by, and 2 checks have no answer; lag is 0": {VerdictUndecided, results(ResultUnsure, ResultUnsure)},
		"there was no backlog to judge by, and 1 check failed; lag is 0":          {VerdictUndecided, results(Fail, ResultUnsure, Warn)},
		"there was no backlog to judge by, and 2 checks failed; lag is 0":         {VerdictUndecided, results(Fail, Fail)},
	} {
		if got := (judged{verdict: VerdictNoBacklog, why: "lag is 0"}).byChecks(c.checks); got.why != want || got.verdict != c.verdict {
			t.Errorf("got %s because %q, want %s because %q", got.verdict, got.why, c.verdict, want)
		}
	}
	if got := (judged{verdict: VerdictWorked, why: "x"}).byChecks(results(Fail)); got.verdict != VerdictWorked || got.why != "x" {
		t.Errorf("another verdict: got %+v", got)
	}
}

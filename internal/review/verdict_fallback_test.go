package review

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// busyBefore makes the group get through 600 msg/s with a backlog before the write, and lets
// it be gone a minute after the change settled.
func (l *later) busyBefore() *later {
	wrote, settled := l.op.Rollout().WrittenAt, l.op.Rollout().StableAt
	l.w.Remember(2*time.Hour, func(_ time.Duration, p *scale.Point) {
		switch {
		case p.At.Before(wrote):
			p.Lag = 14_200
			p.Ends = 1e6 + 900*p.At.Sub(scaletest.Start.Add(-2*time.Hour)).Seconds()
			p.Commits = 1e6 - 14_200 + 600*p.At.Sub(scaletest.Start.Add(-2*time.Hour)).Seconds()
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
	never := ledger.Drain{Known: true, Never: true, Sentence: "never"}
	slow := ledger.Drain{Known: true, Low: 10 * time.Minute, Sentence: "about 12 min"}
	for name, c := range map[string]struct {
		before float64
		edit   func(*later)
		want   scale.Verdict
		why    string
	}{
		"a partition is not read":       {600, func(l *later) { l.w.Lag(6_000); l.unread(0) }, scale.VerdictUndecided, "lag is unknown on 1 of 24 partitions"},
		"low, and one is not read":      {600, func(l *later) { l.unread(0) }, scale.VerdictUndecided, "lag is unknown on 1 of 24 partitions"},
		"they keep up":                  {600, func(l *later) { l.w.Lag(2_250) }, scale.VerdictUndecided, "the workers keep up, and too little is waiting to show what the new workers add; 450 msg/s arrive, lag is 2,250"},
		"they do not":                   {600, func(l *later) { l.w.Lag(6_000); l.w.Now.Rates.Value.Consumption = 300 }, scale.VerdictUndecided, "too little has been seen since the pods settled; lag is 6,000"},
		"more arrives than was managed": {400, nil, scale.VerdictWorked, "the backlog of 14,200 is gone after 2 min, and the 450 msg/s that arrive are more than 6 workers managed (400 msg/s)"},
		"hardly more":                   {430, nil, scale.VerdictUndecided, "the backlog of 14,200 is gone after 2 min, before it could be seen what the new workers add; 450 msg/s arrive now"},
		"nobody knows what was managed": {0, nil, scale.VerdictUndecided, "the backlog of 14,200 is gone after 2 min, before it could be seen what the new workers add; 450 msg/s arrive now"},
		"sooner than before":            {600, func(l *later) { l.op.Plan.Now.Drain = slow }, scale.VerdictWorked, "the backlog of 14,200 is gone after 2 min; with 6 workers the forecast was about 12 min"},
		"it never would have gone":      {600, func(l *later) { l.op.Plan.Now.Drain = never }, scale.VerdictWorked, "with 6 workers the forecast was never"},
		"as soon as before":             {600, func(l *later) { l.op.Plan.Now.Drain = ledger.Drain{Known: true, Low: 2 * time.Minute} }, scale.VerdictUndecided, "before it could be seen"},
		"gone before the pods came": {600, func(l *later) {
			l.op.Plan.Now.Drain = slow
			l.op.Steps[0].Rollout.StableAt = l.op.Rollout().WrittenAt.Add(3 * time.Minute)
		}, scale.VerdictUndecided, "before it could be seen"},
		"less arrives":        {600, func(l *later) { l.op.Plan.Now.Drain = never; l.w.Now.Rates.Value.Arrival = 100 }, scale.VerdictUndecided, "before it could be seen"},
		"arrivals unknown":    {400, func(l *later) { l.w.Now.Rates = scale.Unknown[scale.Rates]("x", scaletest.Start, "") }, scale.VerdictUndecided, "the backlog of 14,200 is gone after 2 min; whether the new workers did it is open, arrivals are unknown"},
		"nothing was waiting": {600, func(l *later) { l.w.Remember(2*time.Hour, func(time.Duration, *scale.Point) {}) }, scale.VerdictNoBacklog, "lag is 900"},
	} {
		l := changed(15 * time.Minute).busyBefore()
		l.op.Plan.Now.Drain = ledger.Drain{}
		if c.edit != nil {
			c.edit(l)
		}
		l.op.Advice.Findings, l.op.Before.Rates.Value.Arrival = nil, 450
		got := newFollowup(l.w.Component, l.w.Policy, l.op, l.w.Now, l.w.Past).judgeWithout(c.before)
		if got.verdict != c.want || !strings.Contains(got.why, c.why) {
			t.Errorf("%s: got %s because %q, want %s because %q", name, got.verdict, got.why, c.want, c.why)
		}
	}
}

// a change without a backlog is judged by the up-rules that asked for it, of
// which one that still holds weighs most, then one that cannot be judged; rules that were
// silent, and those for fewer workers, asked for nothing.
func TestTheRulesThatAskedAreJudged(t *testing.T) {
	asked := func(rules ...scale.Rule) []scale.Finding {
		var out []scale.Finding
		for _, rule := range rules {
			out = append(out, scale.Finding{Rule: rule, Outcome: scale.Fires})
		}
		return out
	}
	slow := func(l *later) { l.w.Now.Signals.Latency.Value = 6 }
	blind := func(l *later) { l.w.Now.Signals.Latency = scale.Unknown[float64]("no metrics", scaletest.Start, "") }
	for name, c := range map[string]struct {
		asked []scale.Finding
		edit  func(*later)
		want  scale.Verdict
		why   string
	}{
		"over":                   {asked("R-002"), nil, scale.VerdictWorked, "what asked for the change is over: p95 latency 1.2 s"},
		"still holds":            {asked("R-002"), slow, scale.VerdictIneffective, "what asked for the change still holds: p95 latency 6.0 s > 5.0 s"},
		"cannot be judged":       {asked("R-002"), blind, scale.VerdictUndecided, "whether it helped is unknown: p95 latency"},
		"one over, one holds":    {asked("R-001", "R-002"), slow, scale.VerdictIneffective, "still holds: p95 latency 6.0 s"},
		"one over, one unknown":  {asked("R-001", "R-002"), blind, scale.VerdictUndecided, "whether it helped is unknown: p95 latency"},
		"was silent, holds now":  {[]scale.Finding{{Rule: "R-002", Outcome: scale.Silent}}, slow, scale.VerdictNoBacklog, "lag is 900"},
		"was unclear, holds now": {[]scale.Finding{{Rule: "R-002", Outcome: scale.Unclear}}, slow, scale.VerdictNoBacklog, "lag is 900"},
		"a rule for fewer":       {asked("R-011"), nil, scale.VerdictNoBacklog, "lag is 900"},
	} {
		l := changed(15 * time.Minute)
		if c.edit != nil {
			c.edit(l)
		}
		l.op.Advice.Findings = c.asked
		got := newFollowup(l.w.Component, l.w.Policy, l.op, l.w.Now, l.w.Past).judgeTriggers()
		if got.verdict != c.want || !strings.Contains(got.why, c.why) || got.rollBack != (c.want == scale.VerdictIneffective) || got.diagnose != got.rollBack {
			t.Errorf("%s: got %+v, want %s because %q", name, got, c.want, c.why)
		}
	}
}

// Where there was nothing to judge by, the checks decide what is said: failures, then
// questions, then remarks; any other verdict stands.
func TestChecksEndAVerdictWithoutABacklog(t *testing.T) {
	results := func(results ...scale.Result) (checks []scale.Check) {
		for _, r := range results {
			checks = append(checks, scale.Check{Result: r})
		}
		return checks
	}
	for want, c := range map[string]struct {
		verdict scale.Verdict
		checks  []scale.Check
	}{
		"all checks passed; lag is 0":                                             {scale.VerdictNoBacklog, results(scale.Pass, scale.Pass)},
		"no check failed, 1 remark; lag is 0":                                     {scale.VerdictNoBacklog, results(scale.Pass, scale.Warn)},
		"no check failed, 2 remarks; lag is 0":                                    {scale.VerdictNoBacklog, results(scale.Warn, scale.Warn)},
		"there was no backlog to judge by, and 1 check has no answer; lag is 0":   {scale.VerdictUndecided, results(scale.Warn, scale.ResultUnsure)},
		"there was no backlog to judge by, and 2 checks have no answer; lag is 0": {scale.VerdictUndecided, results(scale.ResultUnsure, scale.ResultUnsure)},
		"there was no backlog to judge by, and 1 check failed; lag is 0":          {scale.VerdictUndecided, results(scale.Fail, scale.ResultUnsure, scale.Warn)},
		"there was no backlog to judge by, and 2 checks failed; lag is 0":         {scale.VerdictUndecided, results(scale.Fail, scale.Fail)},
	} {
		if got := (judged{verdict: scale.VerdictNoBacklog, why: "lag is 0"}).byChecks(c.checks); got.why != want || got.verdict != c.verdict {
			t.Errorf("got %s because %q, want %s because %q", got.verdict, got.why, c.verdict, want)
		}
	}
	if got := (judged{verdict: scale.VerdictWorked, why: "x"}).byChecks(results(scale.Fail)); got.verdict != scale.VerdictWorked || got.why != "x" {
		t.Errorf("another verdict: got %+v", got)
	}
}

package review

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Nothing to work off is a result: what a group that keeps up shows between two commits is
// judged as what it is, by the interval that was seen, and told beside the number.
func TestWhatIsBetweenCommitsIsNoBacklog(t *testing.T) {
	for name, c := range map[string]struct {
		lag     int64
		arrival float64
		every   time.Duration
		want    scale.Verdict
		why     string
	}{
		"under the good value":          {900, 450, 0, scale.VerdictNoBacklog, "lag is 900"},
		"just above some seconds of it": {2_736, 450, 0, scale.VerdictNoBacklog, "lag is 2,736, up to 2,250 of it may be between commits"},
		"all of it":                     {2_100, 450, 0, scale.VerdictNoBacklog, "lag is 2,100, all of it may be between commits"},
		"as much as that and the good":  {3_250, 450, 0, scale.VerdictUndecided, "too little is waiting"},
		"commits that come seldom":      {4_900, 450, 20 * time.Second, scale.VerdictNoBacklog, "lag is 4,900, all of it may be between commits"},
		"never more than low at all":    {5_000, 450, time.Minute, scale.VerdictUndecided, "lag is 5,000"},
		"hardly anything arrives":       {1_100, 2, 0, scale.VerdictUndecided, "lag is 1,100"},
	} {
		l := changed(15 * time.Minute)
		l.op.Advice.Findings = nil
		l.w.Lag(c.lag)
		l.w.Now.Rates.Value = scale.Rates{Arrival: c.arrival, Consumption: c.arrival}
		for i := range l.w.Now.Lag.Value.Partitions {
			p := &l.w.Now.Lag.Value.Partitions[i]
			p.Arrival, p.CommitEvery = c.arrival/24, c.every
		}
		l.w.Remember(2*time.Hour, func(_ time.Duration, p *scale.Point) { p.Lag, p.Errors = float64(c.lag), 0.002 })
		f := newFollowup(l.w.Component, l.w.Policy, l.op, l.w.Now, l.w.Past)
		got := f.judgeWithout(600)
		if got.verdict != c.want || !strings.Contains(got.why, c.why) {
			t.Errorf("%s: got %s because %q, want %s because %q", name, got.verdict, got.why, c.want, c.why)
		}
		note := f.lowLagCheck(scale.Check{}).Note
		if low := strings.HasPrefix(note, "low"); low != (c.want == scale.VerdictNoBacklog) {
			t.Errorf("%s: R-122 says %q", name, note)
		}
	}
}

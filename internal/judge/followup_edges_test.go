package judge

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// the golden rule's refusal says how many partitions there are, how many workers
// would sit idle, and the most that helps.
func TestTheGoldenRuleSaysWhoWouldSitIdle(t *testing.T) {
	for to, want := range map[int]string{25: "so 1 of 25 workers would sit idle.", 30: "so 6 of 30 workers would sit idle."} {
		r := refused(measuretest.CalmWorld(), to)
		if r == nil {
			t.Fatalf("%d workers on 24 partitions are not refused", to)
		}
		scaletest.WantText(t, "why", r.Why, "xact.downloads.pending has only 24 partitions, "+want)
		scaletest.WantText(t, "the limit", r.Limit, "at most 24, ", "(Kafka, R-018 to R-020, R-027)")
	}
	if r := refused(measuretest.CalmWorld(), 24); r != nil {
		t.Errorf("24 workers on 24 partitions: got refusal %q", r.Why)
	}
}

// the recommendation names the rule it follows, with the lag and the limit.
func TestTheRecommendationNamesItsRule(t *testing.T) {
	r := recommended(measuretest.Spike(14_200))
	if r.Action != scale.ScaleUp || len(r.Findings) == 0 || r.Findings[0].Rule != "R-001" || r.Findings[0].Outcome != scale.Fires {
		t.Fatalf("got %s by %+v, want up by R-001", r.Action, r.Findings[:min(1, len(r.Findings))])
	}
	scaletest.WantText(t, "the reason", strings.Join(r.Reasons, "\n"), "lag 14,200 > 10,000 → Critical, now")
}

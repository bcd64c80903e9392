package judge

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestSurplusStaysWhereItMayNotGo(t *testing.T) {
	w := measuretest.CalmWorld().Workers(25)
	w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerHPA, Name: "h", Min: 4, Max: 30}
	if r := recommended(w); r.Changes() || len(r.Vetoes) != 1 || len(r.Remedies) != 1 {
		t.Errorf("owned: got %s to %d, vetoes %q, remedies %q", r.Action, r.To, r.Vetoes, r.Remedies)
	}
	w = measuretest.CalmWorld().Workers(4)
	w.Now.Partitions.Value = 3
	r := recommended(w)
	if r.Changes() {
		t.Errorf("R-055 the minimum is above the partitions: got %s to %d", r.Action, r.To)
	}
	scaletest.WantText(t, "reason", strings.Join(r.Reasons, "\n"), "the minimum of 4 keeps them")
}

func TestOneExplicitLagWindowIsHonoured(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Policy.Up.Lag.For = 2 * time.Minute
	w.Remember(time.Hour, func(ago time.Duration, p *scale.Point) {
		if ago <= time.Minute {
			p.Lag = 14_000
		}
	})
	if f := outcomeOf(w, t, "R-001"); f.Outcome != scale.Silent {
		t.Errorf("over the limit for a minute of two: got %s", f.Outcome)
	}
	w.Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.Lag = 14_000 })
	if f := outcomeOf(w, t, "R-001"); f.Outcome != scale.Fires || f.Window != 2*time.Minute {
		t.Errorf("over the limit for an hour: got %s", f.Outcome)
	}
	w.Past = w.Past[len(w.Past)-3:]
	if f := outcomeOf(w, t, "R-001"); f.Outcome != scale.Unclear {
		t.Errorf("R-010 half a minute of history: got %s", f.Outcome)
	}
}

func TestLostMessagesAreOnTheCard(t *testing.T) {
	w := measuretest.CalmWorld().Lag(500)
	w.Now.Lag.Value.Partitions[2].Lost, w.Now.Lag.Value.Partitions[2].Flag = 4000, scale.LagLost
	w.Now.Lag.Value = scale.SumLag(w.Now.Lag.Value.Partitions, nil)
	check := measuretest.WantCheck(t, planned(w, 9, "r").Checklist, "R-105", scale.Warn)
	scaletest.WantText(t, "note", check.Note, "4,000 messages were deleted by retention before they were read")
}

// BenchmarkRecommend judges a component with four hours of history, as every sample
// does.
func BenchmarkRecommend(b *testing.B) {
	w := measuretest.Spike(14_200)
	for b.Loop() {
		recommended(w)
	}
}

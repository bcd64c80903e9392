package diagnose

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestR014SurplusCountsConsumers(t *testing.T) {
	w := measuretest.CalmWorld().Workers(12).Addressed().Consumers(measuretest.Each(12, 3)...)
	f := judgetest.OutcomeOf(w, t, "R-014")
	if f.Outcome != scale.Fires {
		t.Fatalf("12 pods with 3 each on 24: got %s", f.Outcome)
	}
	scaletest.WantText(t, "R-014", f.Sentence, "12 workers with 3 consumers each for 24 partitions: 12 of 36 consumers sit idle")
	if r := judgetest.Recommended(w); r.Action != scale.ScaleDown || r.To != 8 {
		t.Errorf("got %s to %d, want down to 8", r.Action, r.To)
	}
	if no := judgetest.Refused(w, 8); no != nil {
		t.Errorf("down to the useful count in one move (T-12): got %+v", no)
	}
	if f := outcomeWith(measuretest.CalmWorld().Workers(9).Addressed().Consumers(measuretest.Each(9, 3)...), 25); f.Outcome != scale.Silent {
		t.Errorf("9 pods with 3 each on 25 partitions: got %s, want silent, 8 are not enough", f.Outcome)
	}
	scaletest.WantText(t, "R-131", strings.Join(Diagnose(w.Component, w.Policy, w.Now, w.Past).Next, "\n"), "scale down to 8")
}

func outcomeWith(w *measuretest.World, partitions int) scale.Finding {
	w.Now.Partitions.Value = partitions
	f, _ := scale.Find(judgetest.Recommended(w).Findings, "R-014")
	return f
}

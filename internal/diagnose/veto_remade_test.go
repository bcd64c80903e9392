package diagnose

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// remade is a world whose topic was made anew some time ago: 490 records wait, everything is
// owned, and the partitions are as bent by the test.
func remade(ago time.Duration, bend func(*scale.PartitionLag)) *measuretest.World {
	w := measuretest.CalmWorld().Lag(490)
	for i := range w.Now.Lag.Value.Partitions {
		p := &w.Now.Lag.Value.Partitions[i]
		p.Committed, p.Arrival, p.Consumption = 10, 1, 0
		bend(p)
	}
	w.Now.Lag.Value.Remade = map[string]time.Time{"xact.downloads.pending": w.Now.At.Add(-ago)}
	return w
}

// Workers on some clients never read a topic that was deleted and made again, while the
// group stays Stable and owns all of it: the diagnosis names it, and more workers are no
// answer.
func TestRemadeTopicThatNobodyReads(t *testing.T) {
	for name, tt := range map[string]struct {
		w      *measuretest.World
		unread bool
	}{
		"commits stand still":           {remade(10*time.Minute, func(*scale.PartitionLag) {}), true},
		"nothing is committed":          {remade(10*time.Minute, func(p *scale.PartitionLag) { p.Committed, p.Consumption, p.Flag = -1, -1, scale.LagUncommitted }), true},
		"nothing is committed, latest":  {remade(10*time.Minute, func(p *scale.PartitionLag) { p.Committed, p.Consumption, p.Lag, p.Flag = -1, -1, 0, scale.LagUncounted }), true},
		"a moment ago":                  {remade(time.Minute, func(*scale.PartitionLag) {}), false},
		"one partition is read":         {remade(10*time.Minute, func(p *scale.PartitionLag) { p.Consumption = float64(1 - min(p.Partition, 1)) }), false},
		"whether it is read is unknown": {remade(10*time.Minute, func(p *scale.PartitionLag) { p.Consumption = -1 }), false},
		"nothing waits":                 {remade(10*time.Minute, func(p *scale.PartitionLag) { p.Lag = 0 }), false},
	} {
		t.Run(name, func(t *testing.T) {
			d := Diagnose(tt.w.Component, tt.w.Policy, tt.w.Now, tt.w.Past)
			next := strings.Join(d.Next, "\n")
			if got := strings.Contains(next, "kubectl rollout restart deployment download-worker"); got != tt.unread {
				t.Errorf("advises a restart: %v, want %v; %q, %q", got, tt.unread, d.Headline, next)
			}
			if tt.unread {
				scaletest.WantText(t, "headline", d.Headline, "xact.downloads.pending was deleted and made again 10 min ago", "read nothing of it")
				scaletest.WantText(t, "veto", strings.Join(viewOf(tt.w).upVetoTexts(), "\n"), "made again")
			}
		})
	}
	owned := remade(10*time.Minute, func(*scale.PartitionLag) {})
	owned.Now.Group.Value = measuretest.GroupOf(6, 20) // four partitions have no owner: that is another trouble
	if d := Diagnose(owned.Component, owned.Policy, owned.Now, owned.Past); strings.Contains(d.Headline, "made again") {
		t.Errorf("partitions without an owner: %q", d.Headline)
	}
}

func viewOf(w *measuretest.World) view { return newView(w.Component, w.Policy, w.Now, w.Past) }

func (v view) upVetoTexts() []string {
	var out []string
	for _, x := range v.UpVetoes(0) {
		out = append(out, x.Why)
	}
	return out
}

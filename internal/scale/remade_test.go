package scale

import (
	"strings"
	"testing"
	"time"
)

// remade is a world whose topic was made anew some time ago: 490 records wait, everything is
// owned, and the partitions are as bent by the test.
func remade(ago time.Duration, bend func(*PartitionLag)) *world {
	w := calmWorld().lag(490)
	for i := range w.s.Lag.Value.Partitions {
		p := &w.s.Lag.Value.Partitions[i]
		p.Committed, p.Arrival, p.Consumption = 10, 1, 0
		bend(p)
	}
	w.s.Lag.Value.Remade = map[string]time.Time{"xact.downloads.pending": w.s.At.Add(-ago)}
	return w
}

// Workers on some clients never read a topic that was deleted and made again, while the
// group stays Stable and owns all of it: the diagnosis names it, and more workers are no
// answer.
func TestRemadeTopicThatNobodyReads(t *testing.T) {
	for name, tt := range map[string]struct {
		w      *world
		unread bool
	}{
		"commits stand still":           {remade(10*time.Minute, func(*PartitionLag) {}), true},
		"nothing is committed":          {remade(10*time.Minute, func(p *PartitionLag) { p.Committed, p.Consumption, p.Flag = -1, -1, LagUncommitted }), true},
		"nothing is committed, latest":  {remade(10*time.Minute, func(p *PartitionLag) { p.Committed, p.Consumption, p.Lag, p.Flag = -1, -1, 0, LagUncounted }), true},
		"a moment ago":                  {remade(time.Minute, func(*PartitionLag) {}), false},
		"one partition is read":         {remade(10*time.Minute, func(p *PartitionLag) { p.Consumption = float64(1 - min(p.Partition, 1)) }), false},
		"whether it is read is unknown": {remade(10*time.Minute, func(p *PartitionLag) { p.Consumption = -1 }), false},
		"nothing waits":                 {remade(10*time.Minute, func(p *PartitionLag) { p.Lag = 0 }), false},
	} {
		t.Run(name, func(t *testing.T) {
			d := Diagnose(tt.w.Component, tt.w.Policy, tt.w.s, tt.w.past)
			next := strings.Join(d.Next, "\n")
			if got := strings.Contains(next, "kubectl rollout restart deployment download-worker"); got != tt.unread {
				t.Errorf("advises a restart: %v, want %v; %q, %q", got, tt.unread, d.Headline, next)
			}
			if tt.unread {
				wantText(t, "headline", d.Headline, "xact.downloads.pending was deleted and made again 10 min ago", "read nothing of it")
				wantText(t, "veto", strings.Join(viewOf(tt.w).upVetoTexts(), "\n"), "made again")
			}
		})
	}
	owned := remade(10*time.Minute, func(*PartitionLag) {})
	owned.s.Group.Value = groupOf(6, 20) // four partitions have no owner: that is another trouble
	if d := Diagnose(owned.Component, owned.Policy, owned.s, owned.past); strings.Contains(d.Headline, "made again") {
		t.Errorf("partitions without an owner: %q", d.Headline)
	}
}

func viewOf(w *world) view { return look(w.Component, w.Policy, w.s, w.past) }

func (v view) upVetoTexts() []string {
	var out []string
	for _, x := range v.upVetoes(0) {
		out = append(out, x.why)
	}
	return out
}

package capacity

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// one number for what arrives and another for what waits as well, each told
// for what it is; and why the answer is above the sum.
func TestThePlanSaysWhatItsCountIsFor(t *testing.T) {
	w := measuretest.Spike(60_000)
	n := needs(w, Demand{})
	text := strings.Join(n.Notes, "\n")
	scaletest.WantText(t, "the notes", text, "workers hold what arrives; working off the 60,000 messages that wait in 10 min as well takes")
	if strings.Contains(strings.Join(needs(w, Demand{Rate: 750}).Notes, "\n"), "hold what arrives") {
		t.Error("a typed rate is no question about the backlog")
	}
	scaletest.WantText(t, "a count between two steps", strings.Join(needs(w, Demand{Rate: 750}).Notes, "\n"), "9 workers on 24 partitions are worth 8; 12 is the next count that is enough (T-05)")
	slow := measuretest.CalmWorld().Lag(20_000)
	slow.Now.Signals.Breaker.Value.Open = 6
	if got := needs(slow, Demand{Rate: 1000}).Held; got != "the bottleneck is elsewhere: 6 of 6 circuit breakers are open" {
		t.Errorf("held by %q", got)
	}
	full := measuretest.Spike(60_000)
	full.Now.Room.Value.NodePods = 0
	slow.Now.Signals.Latency.Value = 9
	if got := needs(slow, Demand{Rate: 3000}).Remedies; len(got) > 0 {
		t.Errorf("while the bottleneck is elsewhere: got %q, want nothing about partitions", got)
	}
	slow.Now.Signals.Breaker.Value.Open = 0
	if got := needs(slow, Demand{Rate: 3000}).Remedies; len(got) == 0 {
		t.Error("mended: got nothing about partitions")
	}
	if got := needs(full, Demand{}).Held; got != "12 do not fit: the nodes have room for no more pods of this size, 6 are needed" {
		t.Errorf("held by %q", got)
	}
}

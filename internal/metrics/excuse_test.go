package metrics_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// What nobody configured, what takes a message to be measured while none was handled, and a
// first look are no failures; pods that do not answer and pages without the metric are.
func TestWhatIsMissingAndWhatIsNot(t *testing.T) { // T-28
	const busy = "# TYPE consumed_total counter\nconsumed_total 5\n"
	for name, tt := range map[string]struct {
		first, then                 string
		throughput, errors, latency bool
	}{
		"the first look":           {"", busy, false, false, false},
		"nobody answers":           {"", "", true, true, true},
		"nothing handled":          {busy, busy, false, false, false},
		"no latency, no errors":    {busy, "# TYPE consumed_total counter\nconsumed_total 55\n", false, false, true},
		"pages without the metric": {"other 1\n", "other 1\n", true, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fleet := &fleet{pages: map[string]string{}}
				s := newScraper(t, fleet)
				var got scale.Signals
				for _, page := range []string{tt.first, tt.then} {
					if page != "" {
						fleet.pages["a"] = page
						got = s.Signals(t.Context(), worker(), pods("a"))
						time.Sleep(10 * time.Second)
					}
				}
				if tt.then == "" {
					got = s.Signals(t.Context(), worker(), pods("a"))
				}
				for what, one := range map[string][2]bool{
					"throughput": {got.Throughput.Missing(), tt.throughput}, "errors": {got.Errors.Missing(), tt.errors}, "latency": {got.Latency.Missing(), tt.latency},
				} {
					if one[0] != one[1] {
						t.Errorf("%s is missed: %v, want %v", what, one[0], one[1])
					}
				}
				none := worker()
				none.Metrics = scale.Metrics{}
				if got := s.Signals(t.Context(), none, pods("a")); got.Throughput.Missing() || got.Errors.Missing() || got.Latency.Missing() || got.Writes.Missing() {
					t.Error("what no runbook file names is missed")
				}
			})
		})
	}
}

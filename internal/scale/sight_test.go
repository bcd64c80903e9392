package scale

import (
	"slices"
	"testing"
	"time"
)

// A rule whose data should be there and is not leaves the component unseen;
// what was never configured, what did not happen, and what has only begun does not.
func TestSight(t *testing.T) {
	const gone = "none of 6 pods answered: a cannot be reached"
	metricsGone := func(w *world) {
		w.s.Signals = Signals{
			Latency: Unknown[float64](gone, start, "pods"), Errors: Unknown[ErrorRate](gone, start, "pods"), Throughput: Unknown[float64](gone, start, "pods"),
		}
		w.s.Usage = Unknown[Usage]("the metrics API answers 503", start, "metrics.k8s.io")
	}
	for name, c := range map[string]struct {
		edit  func(*world)
		blind []string
		why   []string
	}{
		"all is known":      {func(*world) {}, nil, nil},
		"metrics are gone":  {metricsGone, []string{"R-002", "R-003", "R-004", "R-005", "R-006"}, []string{gone, "the metrics API answers 503"}},
		"the API alone":     {func(w *world) { w.s.Usage = Unknown[Usage]("down", start, "") }, []string{"R-003", "R-004"}, []string{"down"}},
		"values grown old":  {func(w *world) { w.s.Usage.At = start.Add(-5 * time.Minute) }, []string{"R-003", "R-004"}, []string{"last seen 5 min ago"}},
		"nothing measured":  {func(w *world) { w.s.Usage = Reading[Usage]{} }, []string{"R-003", "R-004"}, []string{"not measured"}},
		"no broker answers": {func(w *world) { w.s.Lag = Unknown[Lag]("no broker answers", start, Broker) }, []string{"R-001"}, []string{"no broker answers"}},
		"two partitions unread": {func(w *world) {
			w.s.Lag.Value.Unknown = 2
		}, []string{"R-001"}, []string{"lag is unknown on 2 of 24 partitions"}},
		"a lower bound over the limit": {func(w *world) { w.lag(14_000).s.Lag.Value.Unknown = 2 }, nil, nil},
		"not configured":               {func(w *world) { w.s.Signals.Latency = None[float64]("no metric is named", start, "") }, nil, nil},
		"no messages":                  {func(w *world) { w.s.Signals.Errors = None[ErrorRate]("no messages", start, "") }, nil, nil},
		"a quotient of nothing":        {func(w *world) { w.s.Signals.Latency.Value = Missing }, nil, nil},
		"the pods set no bounds": {func(w *world) {
			w.s.Usage.Value = Usage{CPULimit: -1, CPURequest: -1, MemoryLimit: -1, MemoryRequest: -1}
		}, nil, nil},
		"a window that still fills": {func(w *world) { w.s.Usage.Value.CPULimit, w.past = 0.9, w.past[len(w.past)-3:] }, nil, nil},
		"no worker is wanted":       {func(w *world) { metricsGone(w); w.workers(0) }, nil, nil},
		"the API server is gone too": {func(w *world) { metricsGone(w); w.s.Workload = Unknown[Workload]("down", start, "") },
			[]string{"R-002", "R-003", "R-004", "R-005", "R-006"}, []string{gone, "the metrics API answers 503"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := calmWorld()
			c.edit(w)
			got := SightOf(w.recommend().Findings)
			if got.Rules != 6 || !slices.Equal(got.Blind, c.blind) || !slices.Equal(got.Why, c.why) {
				t.Errorf("got %+v, want %v because of %v", got, c.blind, c.why)
			}
		})
	}
}

package judge

import (
	"slices"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// A rule whose data should be there and is not leaves the component unseen;
// what was never configured, what did not happen, and what has only begun does not.
func TestSight(t *testing.T) {
	const gone = "none of 6 pods answered: a cannot be reached"
	metricsGone := func(w *measuretest.World) {
		w.Now.Signals = scale.Signals{
			Latency: scale.Unknown[float64](gone, scaletest.Start, "pods"), Errors: scale.Unknown[scale.ErrorRate](gone, scaletest.Start, "pods"), Throughput: scale.Unknown[float64](gone, scaletest.Start, "pods"),
		}
		w.Now.Usage = scale.Unknown[scale.Usage]("the metrics API answers 503", scaletest.Start, "metrics.k8s.io")
	}
	for name, c := range map[string]struct {
		edit  func(*measuretest.World)
		blind []scale.Rule
		why   []string
	}{
		"all is known":     {func(*measuretest.World) {}, nil, nil},
		"metrics are gone": {metricsGone, []scale.Rule{"R-002", "R-003", "R-004", "R-005", "R-006"}, []string{gone, "the metrics API answers 503"}},
		"the API alone":    {func(w *measuretest.World) { w.Now.Usage = scale.Unknown[scale.Usage]("down", scaletest.Start, "") }, []scale.Rule{"R-003", "R-004"}, []string{"down"}},
		"values grown old": {func(w *measuretest.World) { w.Now.Usage.At = scaletest.Start.Add(-5 * time.Minute) }, []scale.Rule{"R-003", "R-004"}, []string{"last seen 5 min ago"}},
		"nothing measured": {func(w *measuretest.World) { w.Now.Usage = scale.Reading[scale.Usage]{} }, []scale.Rule{"R-003", "R-004"}, []string{"not measured"}},
		"no broker answers": {func(w *measuretest.World) {
			w.Now.Lag = scale.Unknown[scale.Lag]("no broker answers", scaletest.Start, scale.Broker)
		}, []scale.Rule{"R-001"}, []string{"no broker answers"}},
		"two partitions unread": {func(w *measuretest.World) {
			w.Now.Lag.Value.Unknown = 2
		}, []scale.Rule{"R-001"}, []string{"lag is unknown on 2 of 24 partitions"}},
		"a lower bound over the limit": {func(w *measuretest.World) { w.Lag(14_000).Now.Lag.Value.Unknown = 2 }, nil, nil},
		"not configured": {func(w *measuretest.World) {
			w.Now.Signals.Latency = scale.None[float64]("no metric is named", scaletest.Start, "")
		}, nil, nil},
		"no messages": {func(w *measuretest.World) {
			w.Now.Signals.Errors = scale.None[scale.ErrorRate]("no messages", scaletest.Start, "")
		}, nil, nil},
		"a quotient of nothing": {func(w *measuretest.World) { w.Now.Signals.Latency.Value = scale.Missing }, nil, nil},
		"the pods set no bounds": {func(w *measuretest.World) {
			w.Now.Usage.Value = scale.Usage{CPULimit: -1, CPURequest: -1, MemoryLimit: -1, MemoryRequest: -1}
		}, nil, nil},
		"a window that still fills": {func(w *measuretest.World) { w.Now.Usage.Value.CPULimit, w.Past = 0.9, w.Past[len(w.Past)-3:] }, nil, nil},
		"no worker is wanted":       {func(w *measuretest.World) { metricsGone(w); w.Workers(0) }, nil, nil},
		"the API server is gone too": {func(w *measuretest.World) {
			metricsGone(w)
			w.Now.Workload = scale.Unknown[scale.Workload]("down", scaletest.Start, "")
		},
			[]scale.Rule{"R-002", "R-003", "R-004", "R-005", "R-006"}, []string{gone, "the metrics API answers 503"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := measuretest.CalmWorld()
			c.edit(w)
			got := SightOf(recommended(w).Findings)
			if got.Rules != 6 || !slices.Equal(got.Blind, c.blind) || !slices.Equal(got.Why, c.why) {
				t.Errorf("got %+v, want %v because of %v", got, c.blind, c.why)
			}
		})
	}
}

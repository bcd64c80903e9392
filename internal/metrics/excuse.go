package metrics

import (
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// excuse marks missing numbers that are no failure: those for which the runbook file names no
// metric; those that need a processed message when none was processed; and an error counter that
// no page has while messages are counted, because many libraries expose a labelled counter only
// once it has counted.
func (f *facts) excuse(m scale.Metrics) {
	counted := f.consumed.why == "" || f.consumed.idle
	still := f.consumed.idle || counted && f.consumed.value == 0 && !f.consumed.atLeast
	for _, n := range []struct {
		number *number
		metric scale.Metric
		needs  bool
	}{
		{&f.consumed, m.Consumed, false}, {&f.writes, m.Writes, false}, {&f.busy, m.Latency, true},
		{&f.latency, m.Latency, true}, {&f.download, m.Download, true},
	} {
		n.number.idle = n.number.why != "" && (n.number.idle || !n.metric.Configured() || n.needs && still)
	}
	uncounted := counted && (f.errors.why == unexposed(m.Errors.Name) || strings.HasPrefix(f.errors.why, noData))
	f.errors.idle = f.errors.why != "" && (f.errors.idle || !m.Errors.Configured() || !m.Consumed.Configured() || still || uncounted)
}

// unexposed is the reason when no page has a metric.
func unexposed(name string) string { return "no pod exposes " + name }

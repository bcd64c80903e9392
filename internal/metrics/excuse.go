package metrics

import (
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// excuse marks the numbers that nobody misses although they are not there: those that the
// runbook file names no metric for, those that take a message to be measured when none was
// handled, and an error counter that no page shows while the messages are counted: many
// libraries show a counter by label once it has counted.
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

// unexposed is why nothing is known of a metric that is on no page.
func unexposed(name string) string { return "no pod exposes " + name }

package doctor

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Lines of a metrics page that were skipped are told, although nothing else is wrong.
func TestSkippedLinesAreTold(t *testing.T) { // T-28
	c := scale.Component{Name: "download-worker", Metrics: scale.Metrics{Consumed: scale.Metric{Name: "consumed_total"}}}
	seen := scale.Signals{
		Throughput: scale.Known(100., time.Unix(1, 0), "1 of 1 pods scraped"),
		Remarks:    []string{"1 line of a could not be read and was left out (line 7: invalid metric type)"},
	}
	lines := summarise(1, "metrics", metricsOf(c, seen))
	if len(lines) != 2 || lines[1].Level != Warn || lines[1].Text != "download-worker: "+seen.Remarks[0] || lines[1].Next == "" {
		t.Errorf("got %+v, want what is read and what was skipped", lines)
	}
}

package measure

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// timingOutVeto: messages time out while the processors have less to do than before, although
// no less arrives. Then the workers wait for the service that times out, and more of them
// would make it slower yet (T-10, R-130). It is there with the first readings, when nothing
// else has had the time to show.
func (v Case) timingOutVeto() string {
	rate, known := v.Now.Signals.Errors.Get()
	if !known || rate.Timeouts <= v.Policy.Up.Errors.Value {
		return ""
	}
	fell := v.cpuFell()
	if fell == "" || !v.arrivesAsBefore() {
		return ""
	}
	return fmt.Sprintf("%s of the messages time out in the workers%s; more workers would wait for it too", scale.Percent(rate.Timeouts), fell)
}

// arrivesAsBefore reports whether no less arrives now than in the time before: processors
// with less to do are no riddle where there is less to do.
func (v Case) arrivesAsBefore() bool {
	past := Until(v.Past, v.Now.At.Add(time.Second))
	cut := v.Now.At.Add(-slowedStretch)
	now, over := Slope(Since(past, cut), Arrivals, v.Policy.Times.Gap)
	then, before := Slope(Since(Until(past, cut), v.Now.At.Add(-comparedFrom)), Arrivals, v.Policy.Times.Gap)
	return over >= LeastRateSpan && before >= slowedBatch && now >= slowedTo*then
}

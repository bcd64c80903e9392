package measure

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// timingOutVeto: messages time out and CPU use falls although no less arrives. The workers then
// wait for the service that times out, and more of them would make it slower still (T-10, R-130).
// The first readings already show this, before any other sign can.
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

// arrivesAsBefore reports whether no less arrives now than before. If less arrives, a lower CPU
// use needs no other explanation.
func (v Case) arrivesAsBefore() bool {
	past := Until(v.Past, v.Now.At.Add(time.Second))
	cut := v.Now.At.Add(-slowedStretch)
	now, over := Slope(Since(past, cut), Arrivals, v.Policy.Times.Gap)
	then, before := Slope(Since(Until(past, cut), v.Now.At.Add(-comparedFrom)), Arrivals, v.Policy.Times.Gap)
	return over >= LeastRateSpan && before >= slowedBatch && now >= slowedTo*then
}

package review

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// The same of reports, over stories that end well, badly and otherwise; and a check that
// passes does not say by its name or note what its numbers deny.
func TestWhatReportsSayIsTrueOfTheirNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 25 {
		st := (&story{arrival: measuretest.Drawn(r, 450.0, 700, 900, 1150), rise: measuretest.Drawn(r, time.Minute, 10*time.Minute), each: measuretest.Drawn(r, 40.0, 80, 100, 120),
			later: measuretest.Drawn(r, 0.0, 0, 300, 1400), to: measuretest.Drawn(r, 8, 12, 24)}).begin()
		for horizon := range st.Policy.Times.Horizons {
			report := st.report(horizon, func(w *measuretest.World) {
				w.Now.Signals.Latency.Value = measuretest.Drawn(r, 1.2, 3, 4.9999, 6)
				w.Now.Signals.Errors.Value.Share = measuretest.Drawn(r, 0.0001, 0.009999, 0.01, 0.013, 0.03)
			})
			name := fmt.Sprintf("%.0f msg/s, then %.0f, to %d at %.0f each, %s", st.arrival, st.later, st.to, st.each, report.Horizon)
			for _, text := range append(measuretest.CheckTexts(report.Checks), report.Why, report.Forecast, report.Next) {
				for _, fault := range scaletest.Untrue(text) {
					t.Errorf("%s: %s", name, fault)
				}
			}
			for _, check := range report.Checks {
				for _, fault := range denied(check) {
					t.Errorf("%s: %s", name, fault)
				}
			}
			if n := len(report.Chart); report.Chart[n-1].Lag != report.Lag.Value {
				t.Errorf("%s: the chart ends at %d, the lag is %d", name, report.Chart[n-1].Lag, report.Lag.Value)
			}
		}
	}
}

// leading is the number a value begins with, and its unit.
var leading = regexp.MustCompile(`^(?:at least )?([\d,]+(?:\.\d+)?)`)

// denied lists what a check says in words and denies in numbers.
func denied(c scale.Check) []string {
	number := func(text string) (float64, bool) {
		m := leading.FindStringSubmatch(text)
		if m == nil {
			return 0, false
		}
		return scaletest.Number(m[1]), true
	}
	var faults []string
	after, known := number(c.After)
	before, had := number(c.Before)
	fault := func(wrong bool, what string) {
		if wrong {
			faults = append(faults, fmt.Sprintf("%s says %q: %s → %s (%s)", c.Rule, what, c.Before, c.After, c.Name+"; "+c.Note))
		}
	}
	if _, limit, named := strings.Cut(c.Name, " under "); named && known && c.Result != scale.ResultUnsure {
		most, _ := number(limit)
		fault((after < most) == (c.Result != scale.Pass), c.Name)
	}
	if known && had {
		fault(strings.Contains(c.Note, "not higher than before") && after > before, "not higher than before")
		fault(strings.HasPrefix(c.Note, "lower than before") && after > before, "lower than before")
		fault(strings.Contains(c.Note, "more than at the write") && after <= before, "more than at the write")
		fault(strings.Contains(c.Name, "improv") && c.Result == scale.Pass && after > before, c.Name)
	}
	if rest, over := strings.CutPrefix(c.Note, "over "); over && known {
		least, _ := number(rest)
		fault(after <= least, c.Note)
	}
	return faults
}

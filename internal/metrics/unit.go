package metrics

import (
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// perSecond is how many of a unit make a second. The words are the unit suffixes of the naming
// rules of Prometheus and OpenMetrics, and the usual abbreviations.
var perSecond = map[string]float64{
	"seconds": 1, "second": 1, "secs": 1, "sec": 1, "s": 1,
	"milliseconds": 1e3, "millisecond": 1e3, "millis": 1e3, "msec": 1e3, "ms": 1e3,
	"microseconds": 1e6, "microsecond": 1e6, "micros": 1e6, "usec": 1e6, "us": 1e6,
	"nanoseconds": 1e9, "nanosecond": 1e9, "nanos": 1e9, "nsec": 1e9, "ns": 1e9,
	"minutes": 1. / 60, "minute": 1. / 60, "hours": 1. / 3600, "hour": 1. / 3600,
}

// unit is how many of its unit make a second, for a metric of times. It comes from the runbook
// file, the UNIT line of the page (declared), or a word of the name. A number without a unit
// cannot be used, and why says what to do about it.
func unit(m scale.Metric, declared string) (divisor float64, why string) {
	for _, word := range []string{m.Unit, declared} {
		if of, known := perSecond[word]; known {
			return of, ""
		}
		if word != "" {
			return 0, m.Name + " is measured in " + quoted(clip(word)) + ", which is no unit of time"
		}
	}
	if of := unitInName(m.Name); of > 0 {
		return of, ""
	}
	return 0, m.Name + " does not tell its unit; name it in the runbook file (unit: seconds or unit: milliseconds)"
}

// unitInName is the unit at the end of a name, otherwise the one among its words: "us" in
// "processing_seconds_us_east" may be a place. Two different units among the words give none,
// which is zero.
func unitInName(name string) float64 {
	words := strings.Split(strings.ToLower(name), "_")
	if of := perSecond[words[len(words)-1]]; of > 0 {
		return of
	}
	found := 0.0
	for _, word := range words {
		switch of := perSecond[word]; {
		case of == 0 || of == found:
		case found > 0:
			return 0
		default:
			found = of
		}
	}
	return found
}

// clip shortens a foreign text that is shown to people.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

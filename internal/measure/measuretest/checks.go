package measuretest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// AtLeast is a lower bound as the metrics package reports it.
func AtLeast(seconds float64) scale.Reading[float64] {
	r := scale.Known(seconds, scaletest.Start, "9 of 9 pods scraped")
	r.AtLeast, r.Note = true, "beyond the largest bucket"
	return r
}

// Line is what people read of a check: its result, the value before and after, and why.
func Line(c scale.Check) string {
	return fmt.Sprintf("%s: %s → %s (%s)", c.Result, c.Before, c.After, c.Note)
}

// Drawn is a random one of the values. Most are near limits, where the wording changes.
func Drawn[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// CheckTexts are all texts of a checklist.
func CheckTexts(checks []scale.Check) []string {
	var texts []string
	for _, c := range checks {
		texts = append(texts, c.Name+": "+c.Before+" → "+c.After, c.Note)
	}
	return texts
}

// WantCheck finds a check by its rule or its name and compares its result.
func WantCheck(t *testing.T, checks []scale.Check, rule string, want scale.Result) scale.Check {
	t.Helper()
	for _, check := range checks {
		if string(check.Rule) == rule || check.Name == rule {
			if check.Result != want {
				t.Errorf("%s (%s): got %s (%s; %s), want %s", rule, check.Name, check.Result, check.After, check.Note, want)
			}
			return check
		}
	}
	t.Errorf("no check for %s", rule)
	return scale.Check{}
}

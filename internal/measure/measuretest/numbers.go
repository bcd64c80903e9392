package measuretest

import (
	"math/rand/v2"

	"github.com/scalebot/scalebot/internal/scale"
)

// Drawn is one of the values; near limits most of them, because there the words decide.
func Drawn[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// CheckTexts are all texts of a checklist.
func CheckTexts(checks []scale.Check) []string {
	var texts []string
	for _, c := range checks {
		texts = append(texts, c.Name+": "+c.Before+" → "+c.After, c.Note)
	}
	return texts
}

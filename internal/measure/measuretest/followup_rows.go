package measuretest

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// Line is what people read of a check: how it went, the value before and after, and why.
func Line(c scale.Check) string {
	return fmt.Sprintf("%s: %s → %s (%s)", c.Result, c.Before, c.After, c.Note)
}

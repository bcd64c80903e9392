package measuretest

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// EveryClass is a policy that wants two people for every class.
var EveryClass = scale.TwoPeople{
	BelowRecommended: true, AboveRecommended: true, LargeChange: true, DownUnderLoad: true, OverrideMinimum: true, Partitions: true, AfterIneffective: true,
}

package doctor

import (
	"context"
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// brokenMost is how many unreadable records are named.
const brokenMost = 20

// records reads everything that is stored. That fails if the custom resources are not installed.
// It names the records that cannot be read, because the bot skips those.
func (s Subject) records(ctx context.Context) []Line {
	if s.Records == nil {
		return well("operations are kept in memory (STORE=memory) and end with the process")
	}
	all, broken, err := s.Records.Unreadable(ctx)
	late := all > 0 && scale.IsFault(err, scale.FaultUnreachable)
	if err != nil && !late {
		return bad(Fail, err, "Apply manifests/crd.yaml and manifests/rbac.yaml.")
	}
	lines := well("operations can be read: %s records", scale.Count(int64(all-len(broken))))
	if late {
		lines[0].Text += "; there are more, which were not looked at for lack of time"
	}
	for _, one := range broken[:min(len(broken), brokenMost)] {
		lines = append(lines, Line{
			Level: Warn, Text: one.Why,
			Next: "The bot steps over it and counts on after it. The version that wrote it can read it; what was written by hand may be deleted by hand.",
		})
	}
	if more := len(broken) - brokenMost; more > 0 {
		lines = append(lines, Line{Level: Warn, Text: fmt.Sprintf("%d more records cannot be read", more), Next: "See whether a newer version of the bot was rolled back."})
	}
	return lines
}

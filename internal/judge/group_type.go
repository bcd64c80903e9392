package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// judgeShared judges the spread of a share group: every partition needs at least one member that
// reads it. How many members read it is up to the group.
func (v View) judgeShared(check scale.Check, c measure.Consumers) scale.Check {
	readers := c.Readers()
	covered, idle := map[string]map[int32]bool{}, 0
	for _, m := range readers {
		if m.Owns == 0 {
			idle++
		}
		for topic, numbers := range m.Partitions {
			if covered[topic] == nil {
				covered[topic] = map[int32]bool{}
			}
			for _, n := range numbers {
				covered[topic][n] = true
			}
		}
	}
	missing := 0
	for _, p := range v.Lag.Partitions {
		if !covered[p.Topic][p.Partition] {
			missing++
		}
	}
	check.After = fmt.Sprintf("%s shared by %s", scale.Several(v.Partitions, "partition"), scale.Several(len(readers), "member"))
	switch {
	case len(readers) == 0:
		check.Result, check.After = scale.Fail, scale.Several(v.Partitions, "partition")+", no member"
	case missing > 0:
		check.Result, check.Note = scale.Fail, scale.Several(missing, "partition")+" that nobody reads"
	case !v.LagKnown:
		check.Result, check.Note = scale.ResultUnsure, "which partitions there are is unknown: "+v.Now.Lag.Why()
	case idle > 0:
		check.Result, check.Note = scale.Warn, scale.Several(idle, "member")+" without a partition"
	}
	return check
}

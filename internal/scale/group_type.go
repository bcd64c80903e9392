package scale

import "fmt"

// groupType is the type of the component's group: as it is read now, else as its lag was
// read, else as it was last seen. A type does not age.
func (s Snapshot) groupType() GroupType {
	if group, known := s.Group.Get(); known && group.Type != "" {
		return group.Type
	}
	if lag, known := s.Lag.Get(); known && lag.Type != "" {
		return lag.Type
	}
	return s.GroupType
}

// judgeShared looks at the spread of a share group: every partition has to have somebody who
// takes its records. How many do is the group's own business.
func (v view) judgeShared(check Check, c Consumers) Check {
	readers := c.readers()
	taken, idle := map[string]map[int32]bool{}, 0
	for _, m := range readers {
		if m.Owns == 0 {
			idle++
		}
		for topic, numbers := range m.Partitions {
			if taken[topic] == nil {
				taken[topic] = map[int32]bool{}
			}
			for _, n := range numbers {
				taken[topic][n] = true
			}
		}
	}
	missing := 0
	for _, p := range v.lag.Partitions {
		if !taken[p.Topic][p.Partition] {
			missing++
		}
	}
	check.After = fmt.Sprintf("%s shared by %s", several(v.partitions, "partition"), several(len(readers), "member"))
	switch {
	case len(readers) == 0:
		check.Result, check.After = Fail, several(v.partitions, "partition")+", no member"
	case missing > 0:
		check.Result, check.Note = Fail, several(missing, "partition")+" that nobody reads"
	case !v.lagKnown:
		check.Result, check.Note = ResultUnsure, "which partitions there are is unknown: "+v.s.Lag.Why()
	case idle > 0:
		check.Result, check.Note = Warn, several(idle, "member")+" without a partition"
	}
	return check
}

// most says what bounds a count that is wanted and not to be had.
func (n *needing) most() string {
	if n.open {
		return fmt.Sprintf("%d is the maximum the team set", n.need.Workers)
	}
	return fmt.Sprintf("%d is all that helps with %s", n.need.Workers, n.parts(n.dealt()))
}

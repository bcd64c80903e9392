package scale

import "fmt"

// partitionsBranch is R-131: the partition count is the ceiling.
func (v view) partitionsBranch() branch {
	check := Check{Rule: "R-131", Name: "workers against partitions", Result: Pass, Source: from(v.s.Partitions, v.s.At)}
	switch {
	case v.open && v.replicasKnown:
		check.After, check.Note = v.named(v.replicas), "a share group: they read the same partitions, which are no ceiling"
		return branch{check: check}
	case v.partitions <= 0:
		return branch{check: lacking(check.Rule, check.Name, v.s.Partitions.Why(), check.Source)}
	case !v.replicasKnown:
		return branch{check: lacking(check.Rule, check.Name, v.s.Workload.Why(), from(v.s.Workload, v.s.At))}
	}
	check.After = fmt.Sprintf("%s for %s", v.named(v.replicas), v.parts(v.dealt()))
	switch {
	case v.c.Single != "":
	case v.replicas > v.ceiling():
		check.Result = Fail
		check.Note = v.idleText(v.replicas) + " sit idle"
		return branch{check, v.idleAmong(v.replicas) + " own no " + v.part() + ".", []string{
			fmt.Sprintf("scale down to %d: the rest does nothing (R-131, R-014)", v.c.highest(v.sharing)),
			"or raise the number of partitions; that cannot be undone easily (R-089, R-091)",
		}}
	case v.replicas >= v.c.highest(v.sharing) && v.highLag(v.upFindings()):
		check.Result, check.Note = Warn, "at the ceiling"
		return branch{check, "The " + v.part() + " count is the ceiling, and it is reached.", []string{
			"raise the number of partitions; that cannot be undone easily (R-089, R-091)",
		}}
	}
	return branch{check: check}
}

// stalledBranch: commits that stand still on some partitions while others move.
func (v view) stalledBranch() branch {
	check := Check{Rule: "T-33", Name: "no partition stands still", Result: Pass, Source: from(v.s.Lag, v.s.At)}
	switch {
	case !v.lagKnown:
		return branch{check: lacking(check.Rule, check.Name, v.s.Lag.Why(), check.Source)}
	case len(v.stalled) > 0:
		check.Result, check.After = Fail, names(v.stalled)
		check.Note = v.stalledSentence()
		return branch{check, Sentence(v.stalledSentence()), []string{
			"find the record that is retried there and move it to the dead-letter topic (R-137)",
			"then restart the worker that owns the partition",
		}}
	case !v.movementKnown():
		check.Result, check.After = ResultUnsure, "unknown"
		check.Note = "the commits of the partitions have not been watched for long enough"
	}
	return branch{check: check}
}

func (v view) movementKnown() bool {
	if !v.watchedLong() {
		return v.lagKnown && v.lag.Total == 0
	}
	for _, p := range v.lag.Partitions {
		if p.Consumption > 0 {
			return true
		}
	}
	return v.lagKnown && v.lag.Total == 0
}

// hotBranch is T-33: few partitions hold the lag.
func (v view) hotBranch() branch {
	check := Check{Rule: "T-33", Name: "lag spread over the partitions", Result: Pass, Source: from(v.s.Lag, v.s.At)}
	if !v.lagKnown {
		return branch{check: lacking(check.Rule, check.Name, v.s.Lag.Why(), check.Source)}
	}
	few, _ := v.hot()
	if len(v.stalled) > 0 {
		check.Result, check.Note = Warn, "because of what stands still"
	}
	check.After = fmt.Sprintf("%s of the lag on %s", Percent(v.p.Sizing.HotShare), of(few, len(v.lag.Partitions), "partition"))
	if few == 0 {
		check.After = "no lag"
	}
	if why := v.hotVeto(); why != "" {
		check.Result, check.Note = Fail, why
		return branch{check, Sentence(why), []string{
			"check the message key: one key or few keys get most of the traffic (T-33)",
			"make processing of one message faster (R-070, R-074)",
		}}
	}
	return branch{check: check}
}

package diagnose

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// partitionsBranch is R-131: the partition count is the ceiling.
func (v view) partitionsBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Partitions, v.Now.At)
	switch {
	case v.Open && v.ReplicasKnown:
		check.After, check.Note = v.Named(v.Replicas), "a share group: they read the same partitions, which are no ceiling"
		return branch{check: check}
	case v.Partitions <= 0:
		return branch{check: judge.Lacking(check, v.Now.Partitions.Why(), check.Source)}
	case !v.ReplicasKnown:
		return branch{check: judge.Lacking(check, v.Now.Workload.Why(), scale.From(v.Now.Workload, v.Now.At))}
	}
	check.After = fmt.Sprintf("%s for %s", v.Named(v.Replicas), v.Parts(v.Dealt()))
	switch {
	case v.Component.Single != "":
	case v.Replicas > v.Ceiling():
		check.Result = scale.Fail
		check.Note = v.IdleText(v.Replicas) + " sit idle"
		return branch{check, v.IdleAmong(v.Replicas) + " own no " + v.Part() + ".", []string{
			fmt.Sprintf("scale down to %d: the rest does nothing (R-131, R-014)", measure.Highest(v.Component, v.Sharing)),
			"or raise the number of partitions; that cannot be undone easily (R-089, R-091)",
		}}
	case v.Replicas >= measure.Highest(v.Component, v.Sharing) && v.HighLag(v.UpFindings()):
		check.Result, check.Note = scale.Warn, "at the ceiling"
		return branch{check, "The " + v.Part() + " count is the ceiling, and it is reached.", []string{
			"raise the number of partitions; that cannot be undone easily (R-089, R-091)",
		}}
	}
	return branch{check: check}
}

// stalledBranch finds commits that do not advance on some partitions while others do.
func (v view) stalledBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Lag, v.Now.At)
	switch {
	case !v.LagKnown:
		return branch{check: judge.Lacking(check, v.Now.Lag.Why(), check.Source)}
	case len(v.Stalled) > 0:
		check.Result, check.After = scale.Fail, measure.Names(v.Stalled)
		check.Note = v.StalledSentence()
		if held := v.Unattended(); held != "" {
			check.Note += "; " + held
		}
		return branch{check, scale.Sentence(check.Note), v.StalledRemedies()}
	case !v.movementKnown():
		check.Result, check.After = scale.ResultUnsure, "unknown"
		check.Note = "the commits of the partitions have not been watched for long enough"
	}
	return branch{check: check}
}

func (v view) movementKnown() bool {
	if !v.WatchedLong() {
		return v.LagKnown && v.Lag.Total == 0
	}
	for _, p := range v.Lag.Partitions {
		if p.Consumption > 0 {
			return true
		}
	}
	return v.LagKnown && v.Lag.Total == 0
}

// hotBranch is T-33: most of the lag is on few partitions.
func (v view) hotBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Lag, v.Now.At)
	if !v.LagKnown {
		return branch{check: judge.Lacking(check, v.Now.Lag.Why(), check.Source)}
	}
	few, _ := v.Hot()
	if len(v.Stalled) > 0 {
		check.Result, check.Note = scale.Warn, "because of what stands still"
	}
	check.After = fmt.Sprintf("%s of the lag on %s", scale.Percent(v.Policy.Sizing.HotShare), scale.Of(few, len(v.Lag.Partitions), "partition"))
	if few == 0 {
		check.After = "no lag"
	}
	if why := v.HotVeto(); why != "" {
		check.Result, check.Note = scale.Fail, why
		return branch{check, scale.Sentence(why), []string{
			"check the message key: one key or few keys get most of the traffic (T-33)",
			"make processing of one message faster (R-070, R-074)",
		}}
	}
	return branch{check: check}
}

// remade reports whether a topic was recreated.
func (v view) remade() bool { return len(v.Lag.Remade) > 0 }

// remadeBranch finds workers that still read a topic as it was before somebody deleted and
// recreated it.
func (v view) remadeBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Lag, v.Now.At)
	check.After = scale.List(slices.Sorted(maps.Keys(v.Lag.Remade)), 3)
	why := v.UnreadSentence()
	switch {
	case why != "":
		check.Result, check.Note = scale.Fail, why
		return branch{check, scale.Sentence(why), []string{v.RestartRemedy()}}
	case !v.Now.Group.Known():
		check.Result, check.Note = scale.ResultUnsure, "who owns its partitions is unknown: "+v.Now.Group.Why()
	}
	return branch{check: check}
}

package review

import (
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// beforeWrite is the length of the stretch before the write from which the rates "before" are
// taken (T-27).
const beforeWrite = 15 * time.Minute

// followup is a report's input: the present case and the change that the report is about.
type followup struct {
	judge.View
	op Scaled
	// prior is the case on which the change was proposed.
	prior scale.Snapshot
	// wrote is the moment of the write, settled the moment from which the new members worked.
	wrote, settled time.Time
	drain          ledger.Drain
	// cleared is when the backlog was gone according to an earlier report; 0 when none saw that.
	cleared time.Duration
}

// MakeReport fills in the checklist of one horizon. past reaches
// back to at least 15 minutes before the write where it exists.
func MakeReport(c scale.Component, p scale.Policy, op Scaled, horizon int, now scale.Snapshot, past []scale.Point) ledger.Report {
	r := reportAt(p, op, horizon)
	f := newFollowup(c, p, op, now, past)
	f.cleared = clearedBefore(op, horizon)
	r.MadeAt = now.At
	at := positionOf(reportTimes(p, op.Operation), horizon)
	r.Checks = f.checks(at.list)
	judged := f.verdict(at, earlier(op, horizon), r.Checks)
	r.Verdict, r.Why, r.Next = judged.verdict, judged.why, judged.next
	r.Suggest, r.RollBack, r.Diagnose = judged.suggest, judged.rollBack, judged.diagnose
	r.Diagnose = r.Diagnose || anyFailed(r.Checks)
	r.Forecast = f.forecastSentence()
	r.Cleared, _ = f.clearedAfter()
	r.Lag, r.Chart = f.Now.TotalLag(), f.chart()
	r.Lag.AtLeast = f.LagKnown && !f.LagComplete()
	return r
}

// reportAt is the stored report of a horizon, or a new one where it is missing.
func reportAt(p scale.Policy, op Scaled, horizon int) ledger.Report {
	if horizon >= 0 && horizon < len(op.Reports) {
		return op.Reports[horizon]
	}
	if horizon < 0 || horizon >= len(p.Times.Horizons) {
		return ledger.Report{}
	}
	h := p.Times.Horizons[horizon]
	return ledger.Report{Horizon: h.Name, Due: op.Rollout().WrittenAt.Add(h.After)}
}

// earlier is the verdict of the newest earlier report that had one.
func earlier(op Scaled, horizon int) scale.Verdict {
	for i := min(horizon, len(op.Reports)) - 1; i >= 0; i-- {
		if op.Reports[i].Verdict != "" {
			return op.Reports[i].Verdict
		}
	}
	return ""
}

// clearedBefore is when the backlog was gone according to earlier reports; 0 when none saw that.
func clearedBefore(op Scaled, horizon int) time.Duration {
	for i := range min(horizon, len(op.Reports)) {
		if op.Reports[i].Cleared > 0 {
			return op.Reports[i].Cleared
		}
	}
	return 0
}

func anyFailed(checks []scale.Check) bool {
	for _, check := range checks {
		if check.Result == scale.Fail {
			return true
		}
	}
	return false
}

// newFollowup makes the view of a report.
func newFollowup(c scale.Component, p scale.Policy, op Scaled, now scale.Snapshot, past []scale.Point) followup {
	f := followup{View: judge.NewView(c, p, now, past), op: op, prior: op.Before, wrote: op.Rollout().WrittenAt}
	f.ConsumersNow = measure.ConsumersSince(c, op.Before, f.Now)
	f.drain = op.Plan.After.Drain
	f.settled = op.Rollout().StableAt
	if f.settled.IsZero() {
		f.settled = f.wrote.Add(p.Sizing.PodStart + p.Sizing.Rebalance)
	}
	return f
}

// before and after are the history before the write, and the history since the new members
// worked.
func (f followup) before() []scale.Point {
	return measure.Since(measure.Until(f.Past, f.wrote), f.wrote.Add(-beforeWrite))
}

func (f followup) after() []scale.Point { return measure.Since(f.Past, f.settled) }

// lagThen is the lag at the write: the last value before it, otherwise the one on the card.
func (f followup) lagThen() float64 {
	if lag := f.LagBefore(f.wrote); !scale.IsMissing(lag) {
		return lag
	}
	if lag, ok := f.prior.TotalLag().Get(); ok {
		return float64(lag)
	}
	return scale.Missing
}

// maxChart bounds the points of a report's chart.
const maxChart = 20

// chart is the lag from some time before the write until now, in at most 20 points. Each point
// but the last is the highest lag of its stretch, so that a peak is not lost. The last is the
// present lag, so that the line ends at the value of the report.
func (f followup) chart() []ledger.ChartPoint {
	start := f.wrote.Add(-f.Now.At.Sub(f.wrote) / 3)
	points := f.untilNow(measure.Since(f.Past, laterOf(start, f.wrote.Add(-beforeWrite))))
	var chart []ledger.ChartPoint
	const stretches = maxChart - 1
	for i := range stretches {
		from, to := i*len(points)/stretches, (i+1)*len(points)/stretches
		if from < to {
			chart = append(chart, peakOf(points[from:to]))
		}
	}
	now := ledger.ChartPoint{At: f.Now.At, Lag: -1, Replicas: f.Replicas}
	if f.LagKnown {
		now.Lag = f.Lag.Total
	}
	if len(chart) == 0 && now.Lag < 0 {
		return nil
	}
	return append(chart, now)
}

// untilNow drops points that are not before the moment of the report.
func (f followup) untilNow(points []scale.Point) []scale.Point {
	for len(points) > 0 && !points[len(points)-1].At.Before(f.Now.At) {
		points = points[:len(points)-1]
	}
	return points
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func peakOf(points []scale.Point) ledger.ChartPoint {
	best := points[len(points)-1]
	for _, p := range points {
		if scale.IsMissing(best.Lag) || p.Lag > best.Lag {
			best = p
		}
	}
	lag := int64(-1)
	if !scale.IsMissing(best.Lag) {
		lag = int64(best.Lag)
	}
	replicas, _ := best.Wanted()
	return ledger.ChartPoint{At: best.At, Lag: lag, Replicas: replicas}
}

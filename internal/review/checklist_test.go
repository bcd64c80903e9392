package review

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// every row has a rule, a name, a list and an answer, and no list has one twice.
func TestEveryCheckAfterAChangeIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range checksAfter {
		if row.rule.Number() == 0 || row.name == "" || row.answers == nil || len(row.at) == 0 {
			t.Errorf("the check %s %q is not whole", row.rule, row.name)
		}
		for _, list := range row.at {
			key := fmt.Sprint(list, row.rule)
			if seen[key] {
				t.Errorf("%s is twice on one list", row.rule)
			}
			seen[key] = true
		}
	}
}

// A further check is one row, on the lists that it names.
func TestAFurtherCheckAfterAChangeIsOneRow(t *testing.T) {
	before := checksAfter
	t.Cleanup(func() { checksAfter = before })
	checksAfter = append(slices.Clone(before), checkAfter{rule: "X-1", name: "nobody complained", at: []stage{shortTerm},
		answers: answer(func(_ followup, check scale.Check) scale.Check { return check })})
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	for i, want := range []bool{false, true, false} {
		r := st.report(i, nil)
		at := slices.IndexFunc(r.Checks, func(c scale.Check) bool {
			return c.Rule == "X-1" && c.Name == "nobody complained" && c.Result == scale.Pass
		})
		if (at >= 0) != want {
			t.Errorf("%s: got the new check %v, want %v", r.Horizon, at >= 0, want)
		}
	}
}

// any number of reports has its lists: the first report the immediate one, the
// last the medium-term one, and those between by their time.
func TestAnyNumberOfReports(t *testing.T) {
	const five, quarter, half, hour = 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour
	for name, c := range map[string]struct {
		after []time.Duration
		want  []position
	}{
		"the runbook's three": {[]time.Duration{five, quarter, hour}, []position{{immediate, false}, {shortTerm, false}, {mediumTerm, true}}},
		"three early ones":    {[]time.Duration{2 * time.Minute, five, quarter}, []position{{immediate, false}, {shortTerm, false}, {mediumTerm, true}}},
		"one more at the end": {[]time.Duration{five, quarter, hour, 4 * hour}, []position{{immediate, false}, {shortTerm, false}, {mediumTerm, false}, {mediumTerm, true}}},
		"one more between":    {[]time.Duration{five, quarter, half, hour}, []position{{immediate, false}, {shortTerm, false}, {shortTerm, false}, {mediumTerm, true}}},
		"two":                 {[]time.Duration{five, hour}, []position{{immediate, false}, {mediumTerm, true}}},
		"one":                 {[]time.Duration{quarter}, []position{{mediumTerm, true}}},
	} {
		for i, want := range c.want {
			if got := positionOf(c.after, i); got != want {
				t.Errorf("%s, report %d: got %+v, want %+v", name, i, got, want)
			}
		}
	}
}

// A fourth report: the one at 1 h keeps its list and says that another follows; what changed
// in the file since does not move the reports of an operation that is under way.
func TestAFourthReport(t *testing.T) {
	st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
	st.op.Reports = nil
	for _, after := range []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 90 * time.Minute} {
		st.op.Reports = append(st.op.Reports, ledger.Report{Horizon: scale.Span(after), Due: st.op.Rollout().WrittenAt.Add(after)})
	}
	var lists []string
	for i := range st.op.Reports {
		w := st.tell(st.op.Reports[i].Due.Sub(st.op.Rollout().WrittenAt))
		r := MakeReport(w.Component, w.Policy, st.op, i, w.Now, w.Past)
		st.op.Reports[i] = r
		lists = append(lists, string(r.Checks[0].Rule))
		if r.Verdict != scale.VerdictWorked {
			t.Errorf("%s: got %s because %q", r.Horizon, r.Verdict, r.Why)
		}
		if follows := strings.Contains(r.Next, "the next report follows"); r.Suggest == 0 && follows != (i < 3) {
			t.Errorf("%s: got next %q", r.Horizon, r.Next)
		}
	}
	if got := strings.Join(lists, " "); got != "R-114 R-118 R-122 R-122" {
		t.Errorf("got lists that begin with %s", got)
	}
}

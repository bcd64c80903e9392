package audit

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

var start = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)

func operation() ledger.Operation {
	ana, ben := scale.Person{ID: "U0ANA", Name: "Ana"}, scale.Person{ID: "U0BEN", Name: "Ben | *bold*"}
	at := func(d time.Duration) time.Time { return start.Add(d) }
	op := ledger.Operation{
		ID: "download-worker-1", Component: "download-worker", Number: 1, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Request: ledger.Request{By: ana, Reason: "lag <!channel> ```", Origin: "command", At: start},
		Events: []ledger.Event{
			{State: ledger.Proposed, At: start, By: ana},
			{At: at(10 * time.Second), By: scale.Person{ID: "U0CARL", Name: "Carl", Team: "T1"}, Code: scale.RefusedNotOnCall, Note: "not on call", Channel: "C1", TS: "1.2", Key: "click-1"},
			{At: at(15 * time.Second), By: ana, Code: ledger.CodeApproval},
			{State: ledger.Approved, At: at(20 * time.Second), By: ben},
			{State: ledger.Applying, At: at(21 * time.Second)},
			{State: ledger.Settling, At: at(22 * time.Second)},
			{State: ledger.Watching, At: at(time.Minute)},
			{At: at(time.Minute), Code: ledger.CodeCardLost, Note: "archived"},
		},
		Reports: []ledger.Report{
			{Horizon: "5 min", Due: at(5 * time.Minute), MadeAt: at(6 * time.Minute), Late: true, Verdict: scale.VerdictWorked, Why: "throughput rose",
				Checks: []scale.Check{{Rule: "R-110", Name: "lag under 5,000", Result: scale.Pass, Before: "14,200", After: "4,200"}}},
			{Horizon: "1 h", Due: at(time.Hour)},
		},
	}
	return op.WithRollout(ledger.Rollout{WrittenAt: at(22 * time.Second), ReadyAt: at(58 * time.Second), Now: ledger.Progress{At: at(time.Minute), Replicas: 9, Members: -1, Lag: 4200}})
}

func trail(t testing.TB, records []Record) []string {
	t.Helper()
	var b bytes.Buffer
	if _, err := Write(&b, records); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// Every event and every made report is one record; one that is still due is none.
func TestRecordsAreWhatHappened(t *testing.T) {
	var kinds []string
	for _, r := range Of(operation()) {
		kinds = append(kinds, r.Kind+" "+r.From+">"+r.To)
	}
	want := []string{
		"transition >proposed", "refusal proposed>", "approval proposed>", "transition proposed>approved", "transition approved>applying",
		"transition applying>settling", "transition settling>watching", "note watching>", "report >",
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("got %q, want %q", kinds, want)
	}
}

// An ephemeral answer in Slack is no record, so the trail has who it was and where, by which
// delivery, what they wanted and what was decided.
func TestARefusalIsRecordedInFull(t *testing.T) {
	got := Of(operation())[1]
	want := Record{
		Time: start.Add(10 * time.Second), Operation: "download-worker-1", Component: "download-worker", Kind: KindRefusal, Index: 1, From: "proposed",
		By: "U0CARL", Name: "Carl", Team: "T1", Code: scale.RefusedNotOnCall, Note: "not on call", Channel: "C1", TS: "1.2", Trigger: "click-1",
		Figures: change.Replicas{From: 6, To: 9}.Figures(),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestFilterAndOrder(t *testing.T) {
	other := operation()
	other.ID, other.Component = "result-processor-1", "result-processor"
	all := Records([]ledger.Operation{other, operation()}, Filter{})
	if len(all) != 18 || all[0].Operation != "download-worker-1" || all[17].Kind != KindReport {
		t.Errorf("got %d records, from %+v to %+v", len(all), all[0], all[len(all)-1])
	}
	few := Records([]ledger.Operation{other, operation()}, Filter{Since: start.Add(time.Minute), Component: "download-worker"})
	if len(few) != 3 || few[0].To != "watching" {
		t.Errorf("got %+v, want watching, its note and its report", few)
	}
}

func TestVerifySaysWhatIsWrong(t *testing.T) {
	whole := trail(t, Records([]ledger.Operation{operation()}, Filter{}))
	last := len(whole) - 1
	swapped := slices.Clone(whole)
	swapped[2], swapped[3] = swapped[3], swapped[2]
	changed := slices.Clone(whole)
	changed[3] = strings.Replace(changed[3], "U0BEN", "U0EVE", 1)
	spaced := slices.Clone(whole)
	spaced[1] = strings.Replace(spaced[1], `"operation":`, `"operation": `, 1)
	exchanged := slices.Clone(whole)
	exchanged[1] = trail(t, Of(operation())[1:])[0]
	for _, test := range []struct {
		name  string
		lines []string
		at    int
		why   string
	}{
		{"changed", changed, 4, "was changed"},
		{"respelled", spaced, 2, "not spelled as it was written"},
		{"removed", slices.Delete(slices.Clone(whole), 2, 3), 3, "removed"},
		{"first removed", whole[1:], 1, "removed"},
		{"reordered", swapped, 3, "order was changed"},
		{"repeated", slices.Insert(slices.Clone(whole), 1, whole[0]), 2, "repeated"},
		{"foreign", exchanged, 2, "order was changed, or it was repeated"},
		{"truncated", whole[:last], last + 1, "truncated"},
		{"end removed", append(slices.Clone(whole[:last-1]), whole[last]), last, "the end was removed"},
		{"appended", append(slices.Clone(whole), whole[0]), last + 2, "was added"},
		{"empty", nil, 1, "truncated"},
		{"not JSON", []string{"hello"}, 1, "was changed"},
	} {
		_, err := Verify(strings.NewReader(strings.Join(test.lines, "\n")))
		broken, ok := errors.AsType[*Broken](err)
		if !ok || broken.Line != test.at || !strings.Contains(broken.Why, test.why) {
			t.Errorf("%s: got %v, want line %d: …%s…", test.name, err, test.at, test.why)
		}
	}
	seal, err := Verify(strings.NewReader(strings.Join(whole, "\n")))
	if err != nil || seal.Count != last {
		t.Errorf("the whole trail: got %+v and %v, want %d records", seal, err, last)
	}
}

func TestAnEmptyTrailIsWhole(t *testing.T) {
	seal, err := Verify(strings.NewReader(strings.Join(trail(t, nil), "\n")))
	if err != nil || seal != (Seal{Head: Genesis}) {
		t.Errorf("got %+v and %v, want the genesis", seal, err)
	}
}

// FuzzVerify changes a whole trail at any place: nothing but the trail itself passes.
func FuzzVerify(f *testing.F) {
	whole := strings.Join(trail(f, Records([]ledger.Operation{operation()}, Filter{})), "\n")
	f.Add(0, "x")
	f.Add(40, "")
	f.Add(len(whole)/2, "\n")
	f.Add(len(whole)-1, " ")
	f.Fuzz(func(t *testing.T, at int, put string) {
		if at < 0 || at >= len(whole) {
			return
		}
		end := min(at+max(1, len(put)), len(whole))
		forged := whole[:at] + put + whole[end:]
		_, err := Verify(strings.NewReader(forged))
		if same := strings.ReplaceAll(strings.TrimRight(forged, "\r\n"), "\r\n", "\n") == whole; err == nil && !same {
			t.Errorf("a changed trail passes: %q put at %d", put, at)
		}
	})
}

// FuzzWrite: whatever people wrote, a trail that was written verifies.
func FuzzWrite(f *testing.F) {
	f.Add("a", "b\xff\n\u2028")
	f.Add("<&>", `"\`)
	f.Fuzz(func(t *testing.T, name, note string) {
		records := []Record{{Time: start, Name: name, Note: note}, {Time: start, Note: note}}
		if seal, err := Verify(strings.NewReader(strings.Join(trail(t, records), "\n"))); err != nil || seal.Count != 2 {
			t.Errorf("%q, %q: got %+v and %v", name, note, seal, err)
		}
	})
}

// The timeline tells who did what when, and foreign text stays text (decision of the
// runbook: unknown is never shown as zero).
func TestTimeline(t *testing.T) {
	got := Timeline(operation())
	for _, part := range []string{
		"# download-worker-1: download-worker from 6 to 9 replicas", "| 2026-03-01 03:00:20 | +0:00:20 | Ben \\| \\*bold\\* | approved |",
		"refused (not\\_on\\_call): not on call", "card lost: archived", "| Group members | unknown | unknown |", "| Lag | unknown | 4,200 |",
		"report at 5 min: worked (late): throughput rose", "| lag under 5,000 (R-110) | pass | 14,200 | 4,200 |", "Report at 1 h: due 2026-03-01 04:00:00 UTC",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("the timeline does not say %q:\n%s", part, got)
		}
	}
	read := operation()
	read.Steps[0].Rollout.Now.Lag, read.Reports[0].Lag = 143_657, scale.Known[int64](1_098, start.Add(5*time.Minute), scale.Broker)
	for _, part := range []string{"| | Before | Last look while it took effect, +", "| 143,657 |", "Lag 1,098, read at 2026-03-01 03:05:00 UTC."} {
		if text := Timeline(read); !strings.Contains(text, part) {
			t.Errorf("the timeline does not say %q, so that two lags seem to contradict each other:\n%s", part, text)
		}
	}
	lapsed := operation()
	lapsed.Events, lapsed.Steps[0].Rollout, lapsed.Reports = append(lapsed.Events[:1:1], ledger.Event{State: ledger.Expired, At: start.Add(time.Hour)}), ledger.Rollout{}, nil
	if text := Timeline(lapsed); strings.Contains(text, "Last look") || !strings.Contains(text, "expired") {
		t.Errorf("the timeline of what never began compares before and after:\n%s", text)
	}
	if strings.Contains(got, "```") || strings.Contains(got, "<!") {
		t.Errorf("foreign text is not escaped:\n%s", got)
	}
}

package ledger

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestStateTableIsTheGoldenOne(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-11s live final effective  may become\n", "state")
	for _, now := range append([]State{""}, States...) {
		var next []string
		for _, s := range States {
			if CanFollow(now, s) {
				next = append(next, string(s))
			}
		}
		name := string(now)
		if now == "" {
			name = "(none)"
		}
		fmt.Fprintf(&b, "%-11s %-4s %-5s %-9s  %s\n", name, yes(now.Live()), yes(now.Final()), yes(now.Effective()), strings.Join(next, " "))
	}
	const file = "testdata/states.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "-"
}

func TestEveryStateCanEnd(t *testing.T) {
	for _, s := range States {
		seen := map[State]bool{}
		var ends func(State) bool
		ends = func(s State) bool {
			if s.Final() {
				return true
			}
			if seen[s] {
				return false
			}
			seen[s] = true
			for _, next := range States {
				if CanFollow(s, next) && ends(next) {
					return true
				}
			}
			return false
		}
		if !ends(s) {
			t.Errorf("%s has no way to an end", s)
		}
	}
}

func TestToFollowsTheTableAndKeepsTheReceiver(t *testing.T) {
	op := Operation{ID: "download-worker-1"}
	proposed, err := op.To(Event{State: Proposed, At: scaletest.Start})
	if err != nil || proposed.State() != Proposed || op.State() != "" {
		t.Fatalf("got %s and %v, the receiver %q", proposed.State(), err, op.State())
	}
	ana, _ := proposed.To(Event{State: Approved, By: scale.Person{ID: "U0ANA"}})
	ben, _ := proposed.To(Event{State: Declined, By: scale.Person{ID: "U0BEN"}})
	if ana.State() != Approved || ben.State() != Declined || len(proposed.Events) != 1 {
		t.Errorf("two ways on from one operation mix: got %s and %s", ana.State(), ben.State())
	}
	if by, ok := ana.ApprovedBy(); !ok || by.ID != "U0ANA" {
		t.Errorf("got approved by %v %v", by, ok)
	}
	if _, ok := ben.ApprovedBy(); ok {
		t.Error("a declined operation was approved")
	}
	same, err := ben.To(Event{State: Applying})
	if err == nil || same.State() != Declined {
		t.Errorf("declined became %s, error %v", same.State(), err)
	}
	if err != nil {
		scaletest.WantText(t, "error", err.Error(), "download-worker-1 is declined and cannot become applying")
	}
	if _, err := op.To(Event{State: Watching}); err == nil {
		t.Error("an operation began in the middle")
	}
	if _, err := proposed.To(Event{}); err == nil {
		t.Error("an event without a state changed it")
	}
}

func TestNotesChangeNoStateAndAreBounded(t *testing.T) {
	op, _ := Operation{}.To(Event{State: Proposed})
	before := op
	for i := range 3 * MaxNotes {
		op = op.Noted(Event{State: Done, Code: scale.RefusedNotOnCall, By: scale.Person{ID: fmt.Sprint("U", i)}})
	}
	if op.State() != Proposed || len(op.Events) != 1+MaxNotes || op.Last().State != Proposed {
		t.Errorf("got %s with %d events", op.State(), len(op.Events))
	}
	if len(before.Events) != 1 {
		t.Errorf("the receiver was changed: got %d events", len(before.Events))
	}
	if next, err := op.To(Event{State: Approved}); err != nil || next.State() != Approved {
		t.Errorf("a full operation still moves on: got %s, %v", next.State(), err)
	}
}

func TestEnteredIsTheFirstTime(t *testing.T) {
	op := Operation{Events: []Event{{State: Proposed}, {State: Approved}, {State: Applying, Note: "first"}, {State: Applying, Note: "again"}}}
	if e, ok := op.Entered(Applying); !ok || e.Note != "first" {
		t.Errorf("got %q %v", e.Note, ok)
	}
	if op.Last().Note != "again" {
		t.Errorf("got %q", op.Last().Note)
	}
	if _, ok := op.Entered(Done); ok {
		t.Error("entered done")
	}
	if (Operation{}).Last() != (Event{}) {
		t.Error("an empty operation has a last event")
	}
}

func TestOperationIDsAreParsedBack(t *testing.T) {
	for _, component := range []string{"download-worker", "x", "a-1"} {
		id := OperationID(component, 17)
		if c, n, err := ParseOperationID(id); err != nil || c != component || n != 17 {
			t.Errorf("%s: got %q %d %v", id, c, n, err)
		}
	}
	for _, bad := range []string{"", "download-worker", "17", "-17", "download-worker-0", "download-worker-017", "download-worker-+17",
		"download-worker-1x", "download-worker-99999999999999999999"} {
		if c, n, err := ParseOperationID(bad); err == nil {
			t.Errorf("%q: got %q %d, want an error", bad, c, n)
		}
	}
}

func TestDeadlineCountsFromTheWrite(t *testing.T) {
	op := Operation{Steps: []Step{{Rollout: Rollout{WrittenAt: scaletest.Start}}}}
	if got := op.Deadline(measuretest.TestPolicy().Rollout); !got.Equal(scaletest.Start.Add(10 * time.Minute)) {
		t.Errorf("got %s", got)
	}
}

func TestEpisodeSnoozeAtTheMoment(t *testing.T) {
	e := Episode{Urgency: scale.UrgencyWarning, SnoozedAt: scale.UrgencyWarning, SnoozedUntil: scaletest.Start}
	if e.Snoozed(scaletest.Start) || !e.Snoozed(scaletest.Start.Add(-time.Second)) {
		t.Error("a snooze ends at its time")
	}
	e.SnoozedForever = true
	if !e.Snoozed(scaletest.Start.Add(time.Hour)) {
		t.Error("a snooze until recovery does not end")
	}
	e.Urgency = scale.UrgencyCritical
	if e.Snoozed(scaletest.Start) {
		t.Error("a snooze hides a higher urgency")
	}
}

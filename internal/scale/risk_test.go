package scale

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// everyClass is a policy that wants two people for every class.
var everyClass = TwoPeople{
	BelowRecommended: true, AboveRecommended: true, LargeChange: true, DownUnderLoad: true, OverrideMinimum: true, Partitions: true, AfterIneffective: true,
}

// guessed is a world whose partition count does not come from the broker.
func guessed() *world {
	w := calmWorld()
	w.s.Partitions.Source, w.s.Partitions.Note = "runbook file", "the runbook's example count"
	return w
}

func classes(risks []Risk) string {
	var all []string
	for _, r := range risks {
		all = append(all, string(r.Class))
	}
	return strings.Join(all, " ")
}

// Issue 3, authority: which change is in which class, by the numbers that are seen. Each
// class has a change that is in it and the nearest one that is not.
func TestRiskClasses(t *testing.T) {
	blind := func() *world { w := calmWorld(); w.s.Lag = Reading[Lag]{}; return w }
	for _, tt := range []struct {
		name  string
		world *world
		to    int
		want  string
		says  string
	}{
		{"routine, up", calmWorld(), 8, "", ""},
		{"routine, as the runbook asks", spike(14_200), 12, "", ""},
		{"R-026 above the recommended range", spike(14_200).workers(10), 13, "above_recommended", "13 is above the recommended 6–12"},
		{"R-026 the upper end is inside", spike(14_200).workers(10), 12, "", ""},
		{"R-026 coming back from above", calmWorld().workers(14), 13, "", ""},
		{"R-026 below the recommended range", calmWorld(), 5, "below_recommended", "5 is below the recommended 6–12"},
		{"R-026 the lower end is inside", calmWorld().workers(7), 6, "", ""},
		{"R-026 coming back from below", calmWorld().workers(4), 5, "", ""},
		{"more than half, unasked", calmWorld(), 10, "large_change", "more than 50 %"},
		{"just half", calmWorld(), 9, "", ""},
		{"more than half down, unasked", calmWorld().workers(9), 4, "below_recommended large_change", "below the recommended"},
		{"from nothing", calmWorld().workers(0), 4, "large_change", "starts from 0"},
		{"R-050 down under load", spike(14_200).workers(9), 8, "down_under_load", "lag is 14,200"},
		{"R-050 down in quiet", idleWorld(), 8, "", ""},
		{"R-053 down while the lag is unknown", func() *world { w := blind().workers(9); return w }(), 8, "down_under_load", "lag is not known"},
		{"R-056 below the minimum", calmWorld().workers(5), 3, "override_minimum", "below the hard minimum of 4"},
		{"R-056 the minimum itself", calmWorld().workers(5), 4, "below_recommended", "below the recommended"},
		{"R-056 back up from below", calmWorld().workers(2), 3, "", ""},
		{"R-025 up on a guessed partition count", guessed(), 8, "partitions", "does not come from the broker"},
		{"R-025 up on an unknown one", func() *world { w := calmWorld(); w.s.Partitions = Reading[int]{}; return w }(), 8, "partitions", "does not come from the broker"},
		{"R-025 up to what the broker said last needs none", func() *world { w := calmWorld(); w.s.Partitions.Note = "as it said 3 min ago"; return w }(), 8, "", ""},
		{"R-025 down needs none", func() *world { w := guessed().workers(9); return w }(), 8, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.world.TwoPeople = everyClass
			risks := tt.world.plan(tt.to, "r").Risks
			if got := classes(risks); got != tt.want {
				t.Fatalf("to %d: got classes %q (%v), want %q", tt.to, got, risks, tt.want)
			}
			if tt.says != "" && !strings.Contains(fmt.Sprint(risks), tt.says) {
				t.Errorf("got %v, want it to say %q", risks, tt.says)
			}
		})
	}
}

// Every class can be switched off by itself in the runbook file, and nothing else goes with
// it; a class that this version does not know wants two people.
func TestEachRiskClassIsPolicy(t *testing.T) {
	for class, off := range map[RiskClass]func(*TwoPeople){
		RiskBelowRecommended: func(p *TwoPeople) { p.BelowRecommended = false },
		RiskAboveRecommended: func(p *TwoPeople) { p.AboveRecommended = false },
		RiskLarge:            func(p *TwoPeople) { p.LargeChange = false },
		RiskDownUnderLoad:    func(p *TwoPeople) { p.DownUnderLoad = false },
		RiskBelowMinimum:     func(p *TwoPeople) { p.OverrideMinimum = false },
		RiskPartitions:       func(p *TwoPeople) { p.Partitions = false },
		RiskAgain:            func(p *TwoPeople) { p.AfterIneffective = false },
	} {
		policy := everyClass
		if !policy.Asks(class) {
			t.Errorf("%s: switched on, it asks for nobody", class)
		}
		if off(&policy); policy.Asks(class) {
			t.Errorf("%s: switched off, it still asks for two", class)
		}
		if kept := policy.of([]Risk{{Class: class}, {Class: "new"}}); len(kept) != 1 || kept[0].Class != "new" {
			t.Errorf("%s: got %v kept, want only what is not known", class, kept)
		}
	}
}

// Who counts once and who twice: the same account, one human with two accounts in an
// organisation (self-approval on Enterprise Grid), and nobody.
func TestApprovalsAreByDifferentPeople(t *testing.T) {
	op := Operation{Approvals: 2}
	op, err := op.To(Event{State: Proposed, At: start})
	if err != nil {
		t.Fatal(err)
	}
	first := Person{ID: "U1", Grid: "W1"}
	for _, tt := range []struct {
		who  Person
		want int
	}{{first, 1}, {Person{ID: "U1"}, 1}, {Person{ID: "U2", Grid: "W1"}, 1}, {Person{ID: "U2", Grid: "W2"}, 2}, {Person{ID: "U2"}, 2}} {
		one, err := op.Approve(Event{At: start, By: first})
		if err != nil || one.State() != Proposed {
			t.Fatalf("got %s and %v, want one of two", one.State(), err)
		}
		two, err := one.Approve(Event{At: start.Add(time.Second), By: tt.who})
		if err != nil || len(two.Approvers()) != tt.want || two.Authorised() != (tt.want == 2) {
			t.Errorf("%+v: got approvers %v (%v), want %d", tt.who, two.Approvers(), err, tt.want)
		}
	}
	if (Person{}).Is(Person{}) {
		t.Error("nobody is taken for somebody")
	}
}

// Every event is one kind of entry, for the audit trail and kubectl alike.
func TestEntriesOfAStory(t *testing.T) {
	for _, tt := range []struct {
		event Event
		want  Entry
	}{
		{Event{State: Approved, Code: CodeBreakGlass}, EntryTransition}, {Event{State: Replaced, Code: RefusedDrift}, EntryTransition},
		{Event{Code: CodeApproval}, EntryApproval}, {Event{Code: RefusedNotOnCall}, EntryRefusal}, {Event{Code: "shared_channel"}, EntryRefusal},
		{Event{Code: CodeCardLost}, EntryNote}, {Event{Code: CodeCardTold}, EntryNote}, {Event{Code: RefusedDrift}, EntryNote}, {Event{Note: "by the way"}, EntryNote},
	} {
		if got := tt.event.Entry(); got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.event, got, tt.want)
		}
	}
}

// refusals are bounded, by person and reason and in all, and what the bot notes of
// itself, which happens once, always finds room.
func TestRefusalsLeaveRoomForOthers(t *testing.T) {
	op := Operation{}
	for i := range 3 * MaxNotes {
		op = op.Noted(Event{By: Person{ID: "U1"}, Code: "external"})
		op = op.Noted(Event{By: Person{ID: fmt.Sprint("U", i)}, Code: RefusedNotOnCall})
	}
	own := 0
	for _, e := range op.Events {
		if e.By.ID == "U1" && e.Code == "external" {
			own++
		}
	}
	if own != MaxAlike || len(op.Events) != MaxNotes {
		t.Errorf("got %d of one person and %d in all, want %d and %d", own, len(op.Events), MaxAlike, MaxNotes)
	}
	if got := op.Noted(Event{By: Person{ID: "scalebot"}, Code: CodeCardLost}); len(got.Events) != MaxNotes+1 {
		t.Error("there is no room for the lost card")
	}
	for i := range 3 * MaxNotes {
		op = op.Noted(Event{By: Person{ID: "scalebot"}, Code: RefusedDrift, Note: fmt.Sprint("set by ", i)})
	}
	if len(op.Events) != 2*MaxNotes {
		t.Errorf("got %d events, want %d refusals and as many notes", len(op.Events), MaxNotes)
	}
}

package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

var ana = scale.Person{ID: "U0ANA", Name: "ana"}

func handler(d *fakeDesk) *Handler {
	return &Handler{Desk: d, Book: runbook.Default(), Version: "1.2.3"}
}

// world is a desk with an alert, a waiting proposal and a finished change.
func world() *fakeDesk {
	done := operation("download-worker-16", ledger.Done)
	done.Steps[0].Rollout.WrittenAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	proposed := operation("download-worker-17", ledger.Proposed)
	alert := ledger.Episode{
		ID: "download-worker-alert-3", Component: "download-worker",
		Message: scale.MessageRef{Channel: "C1", TS: "50.0"},
	}
	return &fakeDesk{
		statuses: []engine.Status{
			{Component: scale.Component{Name: "event-ingester"}},
			{Component: scale.Component{Name: "download-worker"}, Operation: &proposed, Episode: &alert},
		},
		threads: map[string]ledger.Operation{"17.0": proposed},
		waiting: map[string]ledger.Operation{"download-worker": proposed},
		past:    []ledger.Operation{proposed, done},
	}
}

// said prints an answer's kind and what distinguishes it.
func said(a Answer) string {
	switch a := a.(type) {
	case Refused:
		return "refused " + a.Refusal.Code
	case Shown:
		return fmt.Sprintf("looked %s why=%v", a.Status.Component.Name, a.Why)
	case Helped:
		return fmt.Sprintf("helped %q %d", a.Topic, len(a.Pages))
	case Posted:
		return "placed " + a.Operation.ID
	case Notice:
		return "said " + a.Text
	}
	return strings.ToLower(reflect.TypeOf(a).Name())
}

// TestCallsReachTheDesk: every command leads to its order, in a thread and outside.
func TestCallsReachTheDesk(t *testing.T) {
	for _, test := range []struct {
		text, thread string
		calls        []string
		answer       string
	}{
		{"", "", []string{"overview"}, "overview"},
		{"status", "", []string{"overview"}, "overview"},
		{"dw", "", []string{"status download-worker"}, "looked download-worker why=false"},
		{"why dw", "", []string{"status download-worker"}, "looked download-worker why=true"},
		{"why", "", nil, "refused component_needed"},
		{"why", "17.0", []string{"in thread 17.0", "status download-worker"}, "looked download-worker why=true"},
		{"status", "17.0", []string{"in thread 17.0", "status download-worker"}, "looked download-worker why=false"},
		{"status", "99.0", []string{"in thread 99.0", "overview", "overview"}, "overview"},
		{"why", "50.0", []string{"in thread 50.0", "overview", "status download-worker"}, "looked download-worker why=true"},
		{"dw 9", "", []string{"propose download-worker 9"}, "placed download-worker-1"},
		{"dw +2 --dry-run", "", []string{"dry run download-worker +2"}, "drafted"},
		{"approve dw", "", []string{"operation download-worker", "approve download-worker-17"}, "said Approved: download-worker-17 (download-worker from 6 to 9). Its card shows what happens next."},
		{"approve ei", "", []string{"operation event-ingester"}, "refused not_found"},
		{"approve download-worker-17", "", []string{"approve download-worker-17"}, "said Approved: download-worker-17 (download-worker from 6 to 9). Its card shows what happens next."},
		{"approve", "17.0", []string{"in thread 17.0", "approve download-worker-17"}, "said Approved: download-worker-17 (download-worker from 6 to 9). Its card shows what happens next."},
		{"approve", "", []string{"overview"}, "refused component_needed"},
		{"decline", "17.0", []string{"in thread 17.0", "decline download-worker-17"}, "said Declined: download-worker-17 (download-worker from 6 to 9)."},
		{"cancel dw", "", []string{"history download-worker", "cancel download-worker-17"}, "said Cancelled: download-worker-17 (download-worker from 6 to 9)."},
		{"undo dw", "", []string{"history download-worker", "roll back download-worker-16"}, "placed download-worker-16"},
		{"history", "", []string{"history "}, "listed"},
		{"oncall", "", []string{"on call"}, "duty"},
		{"watch dw for 5m", "", []string{"watch download-worker 5m0s"}, "said Watching download-worker for 5 min; the view keeps itself current and ends by itself."},
		{"watch", "17.0", []string{"in thread 17.0", "watch download-worker 10m0s"}, "said Watching download-worker for 10 min; the view keeps itself current and ends by itself."},
		{"diagnose dw", "", []string{"diagnose download-worker"}, "diagnosed"},
		{"snooze dw 30m", "", []string{"overview", "snooze download-worker-alert-3 30m0s"}, "said The alert of download-worker is silent for 30 min, unless it becomes more urgent."},
		{"snooze recovery", "50.0", []string{"in thread 50.0", "overview", "overview", "snooze download-worker-alert-3 0s"}, "said The alert of download-worker is silent until it recovers, unless it becomes more urgent."},
		{"snooze ei 30m", "", []string{"overview"}, "refused not_found"},
		{"help", "", nil, fmt.Sprintf("helped %q %d", "", len(pages()))},
		{"help approve", "", nil, `helped "approve" 1`},
		{"version", "", nil, "said scalebot 1.2.3"},
		{"nonsense", "", nil, "refused unknown_word"},
	} {
		d := world()
		answer := handler(d).Call(t.Context(), Call{By: ana, Text: test.text, Channel: "C1", Thread: test.thread, Key: "k1"})
		if got := said(answer); got != test.answer {
			t.Errorf("%q in thread %q: got answer %q, want %q", test.text, test.thread, got, test.answer)
		}
		if !slices.Equal(d.calls, test.calls) {
			t.Errorf("%q in thread %q: got calls %q, want %q", test.text, test.thread, d.calls, test.calls)
		}
	}
}

// TestClicksReachTheDesk: every action id that outsiders rely on does its work.
func TestClicksReachTheDesk(t *testing.T) {
	for _, test := range []struct {
		click  Click
		call   string
		answer string
	}{
		{Click{Action: "approve", Target: "download-worker-17"}, "approve download-worker-17", "nothing"},
		{Click{Action: "decline", Target: "download-worker-17"}, "decline download-worker-17", "nothing"},
		{Click{Action: "cancel", Target: "download-worker-17"}, "cancel download-worker-17", "nothing"},
		{Click{Action: "adjust", Target: "download-worker-17", Number: 8}, "adjust to 8 download-worker-17", "placed download-worker-17"},
		{Click{Action: "adjust", Target: "download-worker-17"}, "", "refused bad_number"},
		{Click{Action: "adjust", Target: "download-worker-17", Number: 1001}, "", "refused bad_number"},
		{Click{Action: "rollback", Target: "download-worker-17"}, "roll back download-worker-17", "placed download-worker-17"},
		{Click{Action: "scale_recommended", Target: "download-worker-alert-3"}, "scale recommended download-worker-alert-3", "placed download-worker-alert-3"},
		{Click{Action: "snooze", Target: "download-worker-alert-3", Choice: "2h"}, "snooze download-worker-alert-3 2h0m0s", "said The alert of download-worker is silent for 2 h, unless it becomes more urgent."},
		{Click{Action: "snooze", Target: "download-worker-alert-3", Choice: "recovery"}, "snooze download-worker-alert-3 0s", "said The alert of download-worker is silent until it recovers, unless it becomes more urgent."},
		{Click{Action: "snooze", Target: "download-worker-alert-3", Choice: "forever"}, "", "refused bad_length"},
		{Click{Action: "diagnose", Target: "download-worker-17"}, "diagnose download-worker-17", "diagnosed"},
		{Click{Action: "diagnose", Target: "download-worker-alert-3"}, "diagnose download-worker", "diagnosed"},
		{Click{Action: "diagnose", Target: "download-worker-suggestion-3"}, "diagnose download-worker", "diagnosed"},
		{Click{Action: "selfdestruct", Target: "download-worker-17"}, "", "refused unknown_word"},
	} {
		d := world()
		test.click.By, test.click.Channel, test.click.TS, test.click.Key = ana, "C1", "17.0", "k2"
		answer := handler(d).Click(t.Context(), test.click)
		if got := said(answer); got != test.answer {
			t.Errorf("%s: got answer %q, want %q", test.click.Action, got, test.answer)
		}
		if got := strings.Join(d.calls, ", "); got != test.call {
			t.Errorf("%s: got calls %q, want %q", test.click.Action, got, test.call)
		}
	}
}

// TestTheDeskLearnsWhoAskedAndWhere: nothing of a call or click is lost on the way.
func TestTheDeskLearnsWhoAskedAndWhere(t *testing.T) {
	d := world()
	handler(d).Call(t.Context(), Call{By: ana, Text: "dw 9 because lag", Channel: "C1", Thread: "17.0", Key: "k1"})
	want := engine.Ask{
		Component: "download-worker", Target: judge.Exactly(9), Reason: "lag", By: ana,
		Origin: "command", Channel: "C1", Thread: "17.0", Key: "k1",
	}
	if len(d.asks) != 1 || d.asks[0] != want {
		t.Errorf("got asks %+v, want %+v", d.asks, want)
	}
	handler(d).Click(t.Context(), Click{By: ana, Action: ActionDecline, Target: "download-worker-17", Reason: "no", Channel: "C1", TS: "17.0", Key: "k2"})
	handler(d).Call(t.Context(), Call{By: ana, Text: "cancel download-worker-17 because no", Channel: "C1", Key: "k3"})
	acts := []engine.Act{
		{ID: "download-worker-17", By: ana, Reason: "no", Channel: "C1", TS: "17.0", Key: "k2"},
		// Typed text presses no button, so that it names no message but its channel.
		{ID: "download-worker-17", By: ana, Reason: "no", Channel: "C1", Key: "k3"},
	}
	if !slices.Equal(d.acts, acts) {
		t.Errorf("got acts %+v, want %+v", d.acts, acts)
	}
}

// TestNothingIsGuessedOutsideAThread: an approval without a name is refused, and the
// operation that waits is offered by its name.
func TestNothingIsGuessedOutsideAThread(t *testing.T) {
	for text, try := range map[string]string{
		"approve":              "/scale approve download-worker-17",
		"decline because late": `/scale decline download-worker-17 --reason "late"`,
		"cancel":               "/scale cancel download-worker-17",
		"undo":                 "/scale history",
		"why":                  "/scale why event-ingester",
		"diagnose":             "/scale diagnose event-ingester",
		"watch":                "/scale watch event-ingester for 10m",
		"snooze 2h":            "/scale snooze event-ingester 2h",
	} {
		d := world()
		answer, ok := handler(d).Call(t.Context(), Call{By: ana, Text: text, Channel: "C1"}).(Refused)
		if !ok {
			t.Errorf("%q: got an answer that is no refusal", text)
			continue
		}
		if answer.Refusal.Try != try || answer.Refusal.Code != RefusedComponent {
			t.Errorf("%q: got %+v, want code %s and the line %q", text, answer.Refusal, RefusedComponent, try)
		}
		if len(d.acts) > 0 {
			t.Errorf("%q: got acts %+v, want none", text, d.acts)
		}
	}
}

// everyOrder are texts that reach every method of the desk.
func everyOrder() []string {
	return []string{
		"dw", "why", "dw 9", "dw 9 --dry-run", "approve dw", "approve", "approve download-worker-17", "decline download-worker-17",
		"cancel dw", "cancel download-worker-17", "undo dw", "undo download-worker-17", "history", "oncall", "watch dw", "diagnose dw",
	}
}

// TestTroubleIsToldInWords: whatever the desk answers with, people get a sentence and
// a code, never the inside of an error.
func TestTroubleIsToldInWords(t *testing.T) {
	refusal := &scale.Refusal{Code: scale.RefusedNotOnCall, Why: "Only people on call may."}
	notFoundFits := map[string]bool{"why": true, "approve": true}
	for _, test := range []struct {
		name string
		err  error
		code string
		why  string
		next string
	}{
		{"refusal", fmt.Errorf("deciding: %w", refusal), scale.RefusedNotOnCall, refusal.Why, ""},
		{"fault", fmt.Errorf("x: %w", &scale.Fault{Kind: scale.FaultForbidden, Doing: "reading deployment download-worker", Cause: errors.New("secret")}),
			RefusedTrouble, "Reading deployment download-worker: forbidden.", "permissions"},
		{"throttled", &scale.Fault{Kind: scale.FaultThrottled, Doing: "reading lag", After: 90 * time.Second}, RefusedTrouble, "Reading lag: throttled.", "90 s"},
		{"unreachable", &scale.Fault{Kind: scale.FaultUnreachable, Doing: "reading lag"}, RefusedTrouble, "Reading lag: unreachable.", "in a moment"},
		{"unknown outcome", &scale.Fault{Kind: scale.FaultUnknownOutcome, Doing: "scaling"}, RefusedTrouble, "Scaling: unknown_outcome.", "look before"},
		{"conflict", fmt.Errorf("storing: %w", scale.ErrVersion), RefusedTrouble, "Others were changing", "try again"},
		{"deadline", fmt.Errorf("x: %w", context.DeadlineExceeded), RefusedTrouble, "too long", "history"},
		{"not stored", fmt.Errorf("x: %w", scale.ErrNotStored), scale.RefusedNotFound, "", ""},
		{"other", errors.New("pq: password=hunter2 at 0xc000"), RefusedTrouble, "inside the bot", "history"},
	} {
		for _, text := range everyOrder() {
			if test.code == scale.RefusedNotFound && notFoundFits[text] {
				continue // That nothing is stored for the thread is no trouble there.
			}
			d := world()
			d.err = test.err
			answer, ok := handler(d).Call(t.Context(), Call{By: ana, Text: text, Channel: "C1", Thread: "17.0"}).(Refused)
			if !ok {
				t.Errorf("%s: %q: got an answer that is no refusal", test.name, text)
				continue
			}
			r := answer.Refusal
			if r.Code != test.code || !strings.Contains(r.Why, test.why) || !strings.Contains(r.Next, test.next) {
				t.Errorf("%s: %q: got %+v, want code %s, why %q, next %q", test.name, text, r, test.code, test.why, test.next)
			}
			if strings.Contains(r.Error(), "hunter2") || strings.Contains(r.Error(), "secret") {
				t.Errorf("%s: %q: got %q, want nothing of the error's inside", test.name, text, r.Error())
			}
		}
	}
}

// TestAPanicIsAnAnswer: a mistake in the bot costs one answer and not the process.
func TestAPanicIsAnAnswer(t *testing.T) {
	d := world()
	d.panics = true
	for _, text := range append(everyOrder(), "", "snooze dw 2h") {
		if got := said(handler(d).Call(t.Context(), Call{By: ana, Text: text, Thread: "17.0"})); got != "refused trouble" {
			t.Errorf("%q: got %q, want trouble", text, got)
		}
	}
	if got := said(handler(d).Click(t.Context(), Click{By: ana, Action: ActionApprove, Target: "download-worker-17"})); got != "refused trouble" {
		t.Errorf("click: got %q, want trouble", got)
	}
}

// TestTheLogHasTheDetails: what people are not shown can be found by those who run
// the bot.
func TestTheLogHasTheDetails(t *testing.T) {
	var log strings.Builder
	for _, d := range []*fakeDesk{{err: errors.New("connection reset by broker 3")}, {panics: true}} {
		h := handler(d)
		h.Log = slog.New(slog.NewTextHandler(&log, nil))
		h.Call(t.Context(), Call{By: ana, Text: "history"})
	}
	for _, want := range []string{"connection reset by broker 3", "desk on fire", "U0ANA"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("got log %q, want it to contain %q", log.String(), want)
		}
	}
}

// TestAnswersHaveADeadline: the desk is never asked without one.
func TestAnswersHaveADeadline(t *testing.T) {
	h := handler(world())
	var left time.Duration
	h.answer(context.WithoutCancel(t.Context()), "command", engine.Act{By: ana}, func(ctx context.Context) (Answer, error) {
		if deadline, ok := ctx.Deadline(); ok {
			left = time.Until(deadline)
		}
		return Nothing{}, nil
	})
	if left <= 0 || left > patience {
		t.Errorf("got a deadline in %s, want one within %s", left, patience)
	}
}

// TestHelp: every verb has a page, every example works, and the runbook is named
// (R-138, T-38).
func TestHelp(t *testing.T) {
	h := handler(world())
	for _, v := range verbs() {
		for _, name := range v.names {
			helped, ok := h.Call(t.Context(), Call{Text: "help " + name}).(Helped)
			if !ok || len(helped.Pages) == 0 {
				t.Errorf("help %s: got no page", name)
			}
		}
	}
	for _, p := range pages() {
		if p.Summary == "" || len(p.Examples) == 0 {
			t.Errorf("%s: got %+v, want a summary and examples", p.Usage, p.Page)
		}
		for _, example := range p.Examples {
			text, ok := strings.CutPrefix(example, "/scale")
			if _, err := Parse(text, h.Book); err != nil || !ok {
				t.Errorf("example %q: got %v, want a command", example, err)
			}
		}
	}
	footer := h.help(Help{}).Footer
	for _, want := range []string{"Platform Engineering Team", "2024-12-27", "embedded default"} {
		if !strings.Contains(footer, want) {
			t.Errorf("got footer %q, want it to name %q", footer, want)
		}
	}
}

// TestNoComponentCanHideACommand: the runbook refuses names that belong to the language.
func TestNoComponentCanHideACommand(t *testing.T) {
	words := append(verbNames(), because, recovery, "to", "for", "until", "min", "max", "minimum", "maximum", "recommended", "rec", "please", "up", "down", "more", "less", "fewer", "higher", "lower")
	for _, w := range words {
		if w != "?" && !runbook.Reserved(w) {
			t.Errorf("%q begins a command but a component may be called that", w)
		}
	}
}

// What is refused on the way to the desk is handed over for the record, once and with who
// it was; what the desk has refused and recorded itself is not, and trouble is no refusal.
func TestEveryRefusalIsHandedOverOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		text string
		want []string
	}{
		"not understood":       {nil, "frobnicate", []string{"command U0ANA unknown_word"}},
		"nothing to decide on": {nil, "decline event-ingester", []string{"command U0ANA not_found"}},
		"refused by the desk":  {&scale.Refusal{Code: scale.RefusedBusy, Why: "no"}, "download-worker 9", []string{"command U0ANA operation_running"}},
		"trouble":              {errors.New("a broker is away"), "download-worker 9", nil},
		"answered":             {nil, "version", nil},
	} {
		d := world()
		d.err = tt.err
		handler(d).Call(t.Context(), Call{By: ana, Text: tt.text, Channel: "C1"})
		if !slices.Equal(d.turned, tt.want) {
			t.Errorf("%s: got %q handed over, want %q", name, d.turned, tt.want)
		}
	}
	d := world()
	handler(d).Click(t.Context(), Click{By: ana, Action: "from_the_future", Target: "download-worker-1"})
	if len(d.turned) != 1 || !strings.HasPrefix(d.turned[0], "click U0ANA") {
		t.Errorf("an unknown button: got %q handed over, want one", d.turned)
	}
}

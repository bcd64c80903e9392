// Package commands is the language that people type to scalebot, and the buttons they press. It
// parses both, hands them to the engine's desk, and answers with values that a chat surface can
// draw. It knows nothing of Slack.
package commands

import (
	"time"

	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// Call is one typed command.
type Call struct {
	By scale.Person
	// Text is what was typed, without the command's name or the mention.
	Text    string
	Channel string
	// Thread is the thread the text was written in; empty for a slash command.
	Thread string
	// Key identifies the invocation, so that a redelivery does nothing twice.
	Key string
	At  time.Time
	// Mention says that the bot was mentioned in a message, so the answer goes to that thread.
	Mention bool
}

// Click is one pressed button or submitted form.
type Click struct {
	By scale.Person
	// Action is the button's action id, one of the Action constants. Target is the
	// operation's or episode's id.
	Action string
	Target string
	// Number is the count typed into the adjust form; Choice the chosen snooze: "30m",
	// "2h" or "recovery".
	Number  int
	Choice  string
	Reason  string
	Channel string
	TS      string
	Thread  string
	Key     string
	At      time.Time
}

// Answer is what to tell the person who typed or clicked; one of the types below. Only that
// person sees an answer, except where the type says otherwise.
type Answer interface{ answer() }

// Nothing needs no text: the card shows the result.
type Nothing struct{}

// Notice is a plain sentence or two by the bot. Text from outside in it is not escaped yet.
type Notice struct{ Text string }

// Refused is an order that was understood and refused, or not understood.
type Refused struct{ Refusal *scale.Refusal }

// Overview is the status of all components.
type Overview struct{ Statuses []engine.Status }

// Shown is the status of one component with evidence and recommendation. Why asks for all rules
// and reasons.
type Shown struct {
	Status engine.Status
	Why    bool
}

// Posted is an operation whose card was just posted publicly.
type Posted struct{ Operation ledger.Operation }

// Drafted is a dry run: nothing was stored or changed.
type Drafted struct{ Operation ledger.Operation }

// Listed is the list of past changes, newest first.
type Listed struct {
	Component  string
	Operations []ledger.Operation
}

// Duty is who is on call.
type Duty struct{ OnCall scale.OnCall }

// Diagnosed is the troubleshooting of one component; it is public, in the thread.
type Diagnosed struct {
	Diagnosis diagnose.Diagnosis
	// Runbooks are links to further reading.
	Runbooks []runbook.Link
}

// Helped is the help on one command or on all commands.
type Helped struct {
	// Topic is the command asked about; empty for all.
	Topic string
	Pages []Page
	// Footer names the runbook, its owner and date; Runbooks are the related ones
	//
	Footer   string
	Runbooks []runbook.Link
}

// Page is the help on one command.
type Page struct {
	Usage    string
	Summary  string
	Detail   string
	Examples []string
}

func (Nothing) answer()   {}
func (Notice) answer()    {}
func (Refused) answer()   {}
func (Overview) answer()  {}
func (Shown) answer()     {}
func (Posted) answer()    {}
func (Drafted) answer()   {}
func (Listed) answer()    {}
func (Duty) answer()      {}
func (Diagnosed) answer() {}
func (Helped) answer()    {}

// Package commands is the language people type to scalebot and the clicks they make:
// it parses them, hands them to the engine's desk and answers with nouns that a chat
// surface can draw. It knows nothing of Slack.
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
	// Mention says that it came as a mention, so that the answer goes to the thread.
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

// Answer is what to tell the person who called or clicked; one of the types below.
// Answers are private to that person except where the type says otherwise.
type Answer interface{ answer() }

// Nothing needs no words: the card says it all.
type Nothing struct{}

// Notice is a plain sentence or two in the bot's own words; foreign text inside is not
// escaped yet.
type Notice struct{ Text string }

// Refused is an order that was understood and refused, or not understood.
type Refused struct{ Refusal *scale.Refusal }

// Overview is the fleet.
type Overview struct{ Statuses []engine.Status }

// Shown is the status of one component with evidence and recommendation. Why says
// that the rules and reasons are asked for in full.
type Shown struct {
	Status engine.Status
	Why    bool
}

// Posted is an operation whose card is public now.
type Posted struct{ Operation ledger.Operation }

// Drafted is a dry run: nothing was stored or changed.
type Drafted struct{ Operation ledger.Operation }

// Listed is the history, newest first.
type Listed struct {
	Component  string
	Operations []ledger.Operation
}

// Duty is who is on call.
type Duty struct{ OnCall scale.OnCall }

// Diagnosed is the troubleshooting of one component; it is public, in the thread.
type Diagnosed struct {
	Diagnosis diagnose.Diagnosis
	// Runbooks are where to read on.
	Runbooks []runbook.Link
}

// Helped is help, as a whole or on one command.
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

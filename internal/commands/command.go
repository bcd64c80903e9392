package commands

import (
	"time"

	"github.com/scalebot/scalebot/internal/judge"
)

// Command is one order in the language; one of the types below. Printing a command
// gives its shortest complete form, and parsing that gives the command back.
type Command interface {
	String() string
	command()
}

// Fleet asks for the overview of all components.
type Fleet struct{}

// Show asks for one component: status, evidence and recommendation, or with Why all rules and
// reasons. Without a component it means the component of the thread.
type Show struct {
	Component string
	Why       bool
}

// Scale asks for another replica count, or with DryRun what it would do.
type Scale struct {
	Component string
	Target    judge.Target
	Reason    string
	DryRun    bool
	// OverrideMinimum asks for a count below the minimum on purpose. BreakGlass asks to
	// approve a risky change alone.
	OverrideMinimum bool
	BreakGlass      bool
}

// Choice is what somebody decides about an operation.
type Choice string

// The decisions that can be typed.
const (
	Approve Choice = "approve"
	Decline Choice = "decline"
	Cancel  Choice = "cancel"
	Undo    Choice = "undo"
)

// Decide is a decision about an operation. Operation is its id, or a component, or
// empty for the operation of the thread.
type Decide struct {
	Choice    Choice
	Operation string
	Reason    string
	// BreakGlass approves alone a change that needs two people; only with Approve.
	BreakGlass bool
}

// History asks for the last changes; an empty component means all.
type History struct{ Component string }

// OnCall asks who may decide now.
type OnCall struct{}

// Watch asks for a live view that ends by itself after Length.
type Watch struct {
	Component string
	Length    time.Duration
}

// Diagnose asks for the runbook's troubleshooting.
type Diagnose struct{ Component string }

// Snooze silences the alert of a component; a Length of zero means until it recovers.
type Snooze struct {
	Component string
	Length    time.Duration
}

// Help asks for help on one command, or on all with an empty topic.
type Help struct{ Topic string }

// Version asks which version of the bot this is.
type Version struct{}

func (Fleet) command()    {}
func (Show) command()     {}
func (Scale) command()    {}
func (Decide) command()   {}
func (History) command()  {}
func (OnCall) command()   {}
func (Watch) command()    {}
func (Diagnose) command() {}
func (Snooze) command()   {}
func (Help) command()     {}
func (Version) command()  {}

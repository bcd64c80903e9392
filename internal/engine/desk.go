package engine

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// Status is everything known of one component, for people to read.
type Status struct {
	Component scale.Component
	Snapshot  scale.Snapshot
	Advice    ledger.Recommendation
	// Past is the last hour, oldest first.
	Past []scale.Point
	// Operation is the live or watched operation, nil when there is none.
	Operation *ledger.Operation
	// Episode is the open alert, nil when there is none.
	Episode *ledger.Episode
}

// Ask is a request to change a replica count.
type Ask struct {
	Component string
	Target    judge.Target
	Reason    string
	By        scale.Person
	// Origin is "command", "alert", "suggestion", "report", "rollback" or "adjust".
	Origin  string
	Channel string
	Thread  string
	// Key makes the ask idempotent: one key makes at most one operation.
	Key string
	// Episode is the alert that this ask answers; Undoes is the operation that it undoes.
	Episode string
	Undoes  string
	// OverrideMinimum asks for a count below the minimum on purpose. BreakGlass lets the
	// requester, who must be on call, approve a risky change alone. Both need a Reason.
	OverrideMinimum bool
	BreakGlass      bool
}

// The origins of an ask. The bot prepares the counts that alerts, suggestions and reports offer,
// so the person who presses the button is the second to check them.
const (
	FromCommand    = "command"
	FromAlert      = "alert"
	FromSuggestion = "suggestion"
	FromReport     = "report"
	FromRollback   = "rollback"
	FromAdjust     = "adjust"
)

// Act is a decision about an operation or episode.
type Act struct {
	// ID is the operation's or episode's id.
	ID     string
	By     scale.Person
	Reason string
	// Channel and TS identify the message whose button was pressed. For typed text TS is empty,
	// and Channel is where it was typed. A click on a message that is not the operation's card is
	// refused.
	Channel string
	TS      string
	Key     string
	// BreakGlass approves alone a change that needs two people; it needs a Reason.
	BreakGlass bool
}

// Desk takes orders from people. It returns a *scale.Refusal when it understood the order and
// refused it, else a *scale.Fault or a wrapped error.
type Desk struct {
	book   *runbook.Book
	policy scale.Policy
	clock  pace.Clock
	log    *slog.Logger
	meter  Meter
	store  ledger.Store
	hand   Hand

	access    *access
	records   *records
	observer  *observer
	publisher *publisher
	statuses  *statuses
	views     *liveViews
	// recorded bounds how many refusals of one person are logged and noted.
	recorded *quota
}

// component finds a component by its name or an alias.
func (d *Desk) component(word string) (scale.Component, error) {
	component, ok := d.book.Component(word)
	if !ok {
		return component, &scale.Refusal{
			Code: scale.RefusedNotFound, Understood: word, Why: "There is no such component in the runbook.",
			Limit: "components: " + listed(d.book.Names()), Next: "Look at the fleet to see the names.", Try: "/scale",
		}
	}
	return component, nil
}

// get reads an operation, or says that there is none.
func (d *Desk) get(ctx context.Context, id string) (ledger.Operation, error) {
	op, err := d.store.Get(ctx, id)
	if err != nil {
		return op, err
	}
	return op, nil
}

// sameMessage refuses a click on a message that is not the operation's card: an old card of a
// proposal whose card has moved, or a message that somebody else posted.
func sameMessage(op ledger.Operation, act Act) *scale.Refusal {
	if act.TS == "" || op.Message.IsZero() || act.Channel == op.Message.Channel && act.TS == op.Message.TS {
		return nil
	}
	return &scale.Refusal{
		Code: scale.RefusedState, Understood: op.ID, Why: "This button is not on the operation's present card.",
		Next: "Use the newest card.", Try: "/scale history " + op.Component,
	}
}

// stateRefusal says why a decision comes too late, and who decided first.
func stateRefusal(op ledger.Operation, wanted string) *scale.Refusal {
	why := op.ID + " is already " + string(op.State()) + whoDecided(op)
	code := scale.RefusedState
	if op.State() == ledger.Expired {
		code = scale.RefusedExpired
	}
	return &scale.Refusal{
		Code: code, Understood: wanted + " " + op.ID, Why: why + ".",
		Next: "Nothing was changed by this click.", Try: "/scale " + op.Component,
	}
}

// whoDecided names the person whose decision brought the operation to its state.
func whoDecided(op ledger.Operation) string {
	if last := op.Last().By; last.ID != "" && last.ID != bot.ID {
		return " by " + last.Title()
	}
	if by, approved := op.ApprovedBy(); approved {
		return "; " + by.Title() + " approved it"
	}
	return ""
}

// listed joins the names of people.
func listed(names []string) string { return cmp.Or(scale.Listed(names), "nobody") }

package commands

import (
	"context"
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// decide carries out a typed decision.
func (h *Handler) decide(ctx context.Context, call Call, c Decide) (Answer, error) {
	id, err := h.decided(ctx, call, c)
	if err != nil {
		return nil, err
	}
	act := engine.Act{ID: id, By: call.By, Reason: c.Reason, Channel: call.Channel, Key: call.Key, BreakGlass: c.BreakGlass}
	var operation ledger.Operation
	switch c.Choice {
	case Approve:
		operation, err = h.Desk.Approve(ctx, act)
	case Decline:
		operation, err = h.Desk.Decline(ctx, act)
	case Cancel:
		operation, err = h.Desk.Cancel(ctx, act)
	case Undo:
		operation, err = h.Desk.RollBack(ctx, act)
		return Posted{Operation: operation}, err
	}
	return Notice{Text: outcome(c.Choice, operation)}, err
}

// outcome tells the person who typed a decision what it did.
func outcome(choice Choice, op ledger.Operation) string {
	change := fmt.Sprintf("%s (%s %s)", op.ID, op.Component, op.Change())
	switch choice {
	case Approve:
		if op.State() == ledger.Proposed {
			return fmt.Sprintf("Your approval of %s counts: %d of %d. Another on-call person has to approve it.", change, len(op.Approvers()), op.Needed())
		}
		if _, broken := op.BrokeGlass(); broken {
			return "Approved by you alone, and the channel is told: " + change + ". Its card shows what happens next."
		}
		return "Approved: " + change + ". Its card shows what happens next."
	case Decline:
		return "Declined: " + change + "."
	case Cancel:
		return "Cancelled: " + change + "."
	case Undo:
	}
	return change
}

// decided is the id of the operation a decision is about.
func (h *Handler) decided(ctx context.Context, call Call, c Decide) (string, error) {
	if c.Operation == "" {
		return h.decidedHere(ctx, call, c)
	}
	if _, isComponent := h.Book.Component(c.Operation); !isComponent {
		return c.Operation, nil
	}
	switch c.Choice {
	case Approve, Decline:
		operation, err := h.Desk.Operation(ctx, c.Operation)
		if notFound(err) {
			return "", nothingTo(c, "No change of %s waits for a decision.")
		}
		return operation.ID, err
	case Cancel:
		return h.newest(ctx, c, "No change of %s is on its way.", func(op ledger.Operation) bool { return op.State().Live() })
	case Undo:
		return h.newest(ctx, c, "None of the latest changes of %s was carried out, so there is nothing to undo.",
			func(op ledger.Operation) bool { return op.Written() })
	}
	return "", fmt.Errorf("no one carries out %q", c.Choice)
}

// newest is the newest operation of the component for which fits returns true.
func (h *Handler) newest(ctx context.Context, c Decide, none string, fits func(ledger.Operation) bool) (string, error) {
	operations, err := h.Desk.History(ctx, c.Operation, historyLength)
	if err != nil {
		return "", err
	}
	for _, op := range operations {
		if fits(op) {
			return op.ID, nil
		}
	}
	return "", nothingTo(c, none)
}

func nothingTo(c Decide, why string) *scale.Refusal {
	return &scale.Refusal{
		Code: scale.RefusedNotFound, Understood: c.String(), Why: fmt.Sprintf(why, c.Operation),
		Next: "The history lists the latest ones.", Try: line(History{Component: c.Operation}),
	}
}

// decidedHere is the operation of the thread. Outside a thread it does not guess; it offers a
// waiting operation by name.
func (h *Handler) decidedHere(ctx context.Context, call Call, c Decide) (string, error) {
	operation, err := h.threadOperation(ctx, call)
	if err != nil {
		return "", err
	}
	if operation != nil {
		return operation.ID, nil
	}
	refusal := &scale.Refusal{
		Code: RefusedComponent, Understood: string(c.Choice), Why: "It is not said which operation is meant.",
		Next: "Name the component or the operation, or write it in the thread of the card.", Try: line(History{}),
	}
	for _, status := range h.Desk.Overview(ctx) {
		if op := status.Operation; op != nil && waits(c.Choice, *op) {
			refusal.Try = line(Decide{Choice: c.Choice, Operation: op.ID, Reason: c.Reason, BreakGlass: c.BreakGlass})
			break
		}
	}
	return "", refusal
}

// waits reports whether the operation is in a state in which the decision makes sense.
func waits(choice Choice, op ledger.Operation) bool {
	switch choice {
	case Approve, Decline:
		return op.State() == ledger.Proposed
	case Cancel:
		return op.State() == ledger.Proposed || op.State() == ledger.Approved
	case Undo:
		return op.State() == ledger.Watching || lever.Of(op).Hangs()
	}
	return false
}

// silence snoozes an episode and says for how long.
func (h *Handler) silence(ctx context.Context, act engine.Act, length time.Duration) (Answer, error) {
	episode, err := h.Desk.Snooze(ctx, act, length)
	if err != nil {
		return nil, err
	}
	until := "until it recovers"
	if length > 0 {
		until = "for " + scale.Span(length)
	}
	what := "The alert of " + episode.Component
	if episode.Kind == ledger.EpisodeBlindness {
		what = "The note about what cannot be judged"
	}
	return Notice{Text: fmt.Sprintf("%s is silent %s, unless it becomes more urgent.", what, until)}, nil
}

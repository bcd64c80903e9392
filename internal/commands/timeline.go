package commands

import (
	"context"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Timeline asks for the story of one operation, for a post-mortem. Operation is an operation's
// id, or a component, which means its newest operation; empty means the operation of the thread.
type Timeline struct{ Operation string }

func (Timeline) command() {}

// String is "timeline download-worker-17".
func (c Timeline) String() string { return phrase("timeline", c.Operation) }

// Chronicle is the story of one operation, to be copied as Markdown.
type Chronicle struct{ Operation ledger.Operation }

func (Chronicle) answer() {}

func timeline(p parser, words []string) (Command, *scale.Refusal) {
	operation, refusal := p.named("timeline", words, func(id string) Command { return Timeline{Operation: id} })
	if refusal != nil {
		return nil, refusal
	}
	return Timeline{Operation: operation}, nil
}

// timeline finds the operation: by its id, the newest of a component, or the thread's.
func (h *Handler) timeline(ctx context.Context, call Call, c Timeline) (Answer, error) {
	if c.Operation == "" {
		operation, err := h.threadOperation(ctx, call)
		if err != nil {
			return nil, err
		}
		if operation != nil {
			return Chronicle{Operation: *operation}, nil
		}
		return nil, &scale.Refusal{
			Code: RefusedComponent, Understood: "timeline", Why: "It is not said which operation is meant.",
			Next: "Name the operation or the component, or write it in the thread of the card.", Try: line(History{}),
		}
	}
	if _, _, err := ledger.ParseOperationID(c.Operation); err == nil {
		if _, component := h.Book.Component(c.Operation); !component {
			operation, err := h.Desk.Operation(ctx, c.Operation)
			return Chronicle{Operation: operation}, err
		}
	}
	operations, err := h.Desk.History(ctx, c.Operation, 1)
	if err != nil {
		return nil, err
	}
	if len(operations) == 0 {
		return nil, &scale.Refusal{
			Code: scale.RefusedNotFound, Understood: c.String(), Why: "There is no change of " + c.Operation + " yet.",
			Next: "The history lists the latest ones.", Try: line(History{}),
		}
	}
	return Chronicle{Operation: operations[0]}, nil
}

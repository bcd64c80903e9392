package commands

import (
	"context"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/runbook"
)

// STUB: signatures other packages build on; the language follows.

// Handler answers calls and clicks with the help of the desk.
type Handler struct {
	Desk *engine.Desk
	Book *runbook.Book
	// Version is what the version command prints.
	Version string
}

// Call answers one typed command. It always answers.
func (h *Handler) Call(ctx context.Context, call Call) Answer { return Nothing{} }

// Click answers one pressed button or submitted form. It always answers.
func (h *Handler) Click(ctx context.Context, click Click) Answer { return Nothing{} }

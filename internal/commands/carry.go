package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// historyLength is how many operations the history shows.
const historyLength = 10

// carryOut hands a command to the desk.
func (h *Handler) carryOut(ctx context.Context, call Call, command Command) (Answer, error) {
	switch c := command.(type) {
	case Fleet:
		return Overview{Statuses: h.Desk.Overview(ctx)}, nil
	case Show:
		return h.show(ctx, call, c)
	case Scale:
		return h.scale(ctx, call, c)
	case Decide:
		return h.decide(ctx, call, c)
	case History:
		operations, err := h.Desk.History(ctx, c.Component, historyLength)
		return Listed{Component: c.Component, Operations: operations}, err
	case Timeline:
		return h.timeline(ctx, call, c)
	case OnCall:
		duty, err := h.Desk.OnCall(ctx)
		return Duty{OnCall: duty}, err
	case Watch:
		return h.watch(ctx, call, c)
	case Diagnose:
		return h.diagnose(ctx, call, c)
	case Capacity:
		return h.capacity(ctx, call, c)
	case Snooze:
		return h.snooze(ctx, call, c)
	case Help:
		return h.help(c), nil
	case Version:
		return Notice{Text: phrase("scalebot", h.Version)}, nil
	}
	return nil, fmt.Errorf("no one carries out %T", command)
}

// show answers with the status of the named component; without a name, of the thread's component,
// or outside a thread of all components.
func (h *Handler) show(ctx context.Context, call Call, c Show) (Answer, error) {
	component, err := h.about(ctx, call, c.Component, c)
	if err != nil {
		if isMissing(err) && !c.Why {
			return Overview{Statuses: h.Desk.Overview(ctx)}, nil
		}
		return nil, err
	}
	status, err := h.Desk.Status(ctx, component)
	return Shown{Status: status, Why: c.Why}, err
}

func (h *Handler) scale(ctx context.Context, call Call, c Scale) (Answer, error) {
	ask := engine.Ask{
		Component: c.Component, Target: c.Target, Reason: c.Reason, By: call.By,
		Origin: "command", Channel: call.Channel, Thread: call.Thread, Key: call.Key,
		OverrideMinimum: c.OverrideMinimum, BreakGlass: c.BreakGlass,
	}
	if c.DryRun {
		operation, err := h.Desk.DryRun(ctx, ask)
		return Drafted{Operation: operation}, err
	}
	operation, err := h.Desk.Propose(ctx, ask)
	return Posted{Operation: operation}, err
}

func (h *Handler) watch(ctx context.Context, call Call, c Watch) (Answer, error) {
	component, err := h.about(ctx, call, c.Component, c)
	if err != nil {
		return nil, err
	}
	if err := h.Desk.Watch(ctx, component, call.By, call.Channel, call.Thread, c.Length); err != nil {
		return nil, err
	}
	return Notice{Text: fmt.Sprintf("Watching %s for %s; the view keeps itself current and ends by itself.", component, scale.Span(c.Length))}, nil
}

func (h *Handler) diagnose(ctx context.Context, call Call, c Diagnose) (Answer, error) {
	component, err := h.about(ctx, call, c.Component, c)
	if err != nil {
		return nil, err
	}
	diagnosis, err := h.Desk.Diagnose(ctx, component)
	return Diagnosed{Diagnosis: diagnosis, Runbooks: h.Book.Links}, err
}

// snooze silences the open alert of a component.
func (h *Handler) snooze(ctx context.Context, call Call, c Snooze) (Answer, error) {
	component, err := h.about(ctx, call, c.Component, c)
	if err != nil {
		return nil, err
	}
	for _, status := range h.Desk.Overview(ctx) {
		if status.Component.Name == component && status.Episode != nil {
			return h.silence(ctx, engine.Act{ID: status.Episode.ID, By: call.By, Channel: call.Channel, Key: call.Key}, c.Length)
		}
	}
	return nil, &scale.Refusal{
		Code: scale.RefusedNotFound, Understood: c.String(), Why: fmt.Sprintf("There is no open alert for %s.", component),
		Next: "See how it is doing.", Try: line(Show{Component: component}),
	}
}

// about returns the component that a command means: the named one, else the thread's.
func (h *Handler) about(ctx context.Context, call Call, named string, c Command) (string, error) {
	if named != "" {
		return named, nil
	}
	operation, err := h.threadOperation(ctx, call)
	if err != nil {
		return "", err
	}
	if operation != nil {
		return operation.Component, nil
	}
	if call.Thread != "" {
		for _, status := range h.Desk.Overview(ctx) {
			if e := status.Episode; e != nil && e.Message.Channel == call.Channel && e.Message.Root() == call.Thread {
				return status.Component.Name, nil
			}
		}
	}
	return "", &missing{refusal: &scale.Refusal{
		Code: RefusedComponent, Understood: c.String(), Why: "It is not said which component is meant.",
		Next: "The components are " + strings.Join(h.Book.Names(), ", ") + ".", Try: h.suggested(c),
	}}
}

// missing is the error of a command that names no component outside any component's thread.
type missing struct{ refusal *scale.Refusal }

func (m *missing) Error() string { return m.refusal.Error() }
func (m *missing) Unwrap() error { return m.refusal }

func isMissing(err error) bool {
	var m *missing
	return errors.As(err, &m)
}

// suggested is the command with the runbook's first component, as a line to copy.
func (h *Handler) suggested(c Command) string {
	first := h.Book.Names()[0]
	switch c := c.(type) {
	case Show:
		c.Component = first
		return line(c)
	case Watch:
		c.Component = first
		return line(c)
	case Diagnose:
		c.Component = first
		return line(c)
	case Capacity:
		c.Component = first
		return line(c)
	case Snooze:
		c.Component = first
		return line(c)
	case Fleet, Scale, Decide, History, Timeline, OnCall, Help, Version:
	}
	return helpLine("")
}

// threadOperation is the operation whose card began the thread, or nil.
func (h *Handler) threadOperation(ctx context.Context, call Call) (*ledger.Operation, error) {
	if call.Thread == "" {
		return nil, nil
	}
	operation, err := h.Desk.InThread(ctx, call.Channel, call.Thread)
	switch {
	case notFound(err), err == nil && operation.ID == "":
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &operation, nil
}

// notFound reports whether the error means that the desk found no such record.
func notFound(err error) bool {
	var refusal *scale.Refusal
	return errors.Is(err, scale.ErrNotStored) || errors.As(err, &refusal) && refusal.Code == scale.RefusedNotFound
}

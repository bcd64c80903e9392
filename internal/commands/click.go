package commands

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// The action ids of the buttons. Outsiders rely on them.
const (
	ActionApprove          = "approve"
	ActionDecline          = "decline"
	ActionAdjust           = "adjust"
	ActionCancel           = "cancel"
	ActionRollBack         = "rollback"
	ActionSnooze           = "snooze"
	ActionDiagnose         = "diagnose"
	ActionScaleRecommended = "scale_recommended"
)

// SnoozeChoice is how a choice of the snooze menu is spelled in Click.Choice: "30m", or
// "recovery" for a length of zero.
func SnoozeChoice(length time.Duration) string {
	if length == 0 {
		return recovery
	}
	return spell(length)
}

// Act converts the click to the form that the desk takes.
func (c Click) Act() engine.Act {
	return engine.Act{ID: c.Target, By: c.By, Reason: c.Reason, Channel: c.Channel, TS: c.TS, Key: c.Key}
}

// press hands a click to the desk. The card shows what changed, so most clicks need no answer.
func (h *Handler) press(ctx context.Context, click Click, act engine.Act) (Answer, error) {
	var operation ledger.Operation
	var err error
	switch click.Action {
	case ActionApprove:
		_, err = h.Desk.Approve(ctx, act)
		return Nothing{}, err
	case ActionDecline:
		_, err = h.Desk.Decline(ctx, act)
		return Nothing{}, err
	case ActionCancel:
		_, err = h.Desk.Cancel(ctx, act)
		return Nothing{}, err
	case ActionAdjust:
		return h.adjust(ctx, act, click.Number)
	case ActionRollBack:
		operation, err = h.Desk.RollBack(ctx, act)
		return Posted{Operation: operation}, err
	case ActionScaleRecommended:
		operation, err = h.Desk.ScaleRecommended(ctx, act)
		return Posted{Operation: operation}, err
	case ActionSnooze:
		return h.pressSnooze(ctx, act, click.Choice)
	case ActionDiagnose:
		diagnosis, err := h.Desk.Diagnose(ctx, h.diagnosed(click.Target))
		return Diagnosed{Diagnosis: diagnosis, Runbooks: h.Book.Links}, err
	}
	return nil, &scale.Refusal{
		Code: RefusedWord, Why: fmt.Sprintf("The button %s is not known here; the message may be from another version of the bot.", show(click.Action)),
		Next: "Ask for the present state.", Try: line(Fleet{}),
	}
}

// adjust checks the typed number by the rules of the grammar before it asks the desk.
func (h *Handler) adjust(ctx context.Context, act engine.Act, to int) (Answer, error) {
	if to < 1 || to > mostReplicas {
		return nil, &scale.Refusal{
			Code: RefusedNumber, Why: fmt.Sprintf("%d is not a number of replicas that can be asked for.", to),
			Limit: fmt.Sprintf("from 1 to %s", scale.Count(mostReplicas)), Next: "Open the form again and give another number.",
		}
	}
	operation, err := h.Desk.Adjust(ctx, act, to)
	return Posted{Operation: operation}, err
}

func (h *Handler) pressSnooze(ctx context.Context, act engine.Act, choice string) (Answer, error) {
	if choice == recovery {
		return h.silence(ctx, act, 0)
	}
	length, ok := parseLength(choice)
	if !ok || length <= 0 {
		return nil, &scale.Refusal{
			Code: RefusedLength, Why: fmt.Sprintf("%s is not a length of time.", show(choice)), Next: "Choose one from the menu.",
		}
	}
	return h.silence(ctx, act, length)
}

// diagnosed is the component or id to diagnose for a button. An episode's id is its component
// followed by kind and number.
func (h *Handler) diagnosed(target string) string {
	name, _, err := ledger.ParseOperationID(target)
	if err != nil {
		return target
	}
	for _, kind := range []ledger.EpisodeKind{ledger.EpisodeAlert, ledger.EpisodeSuggestion} {
		if component, ok := strings.CutSuffix(name, "-"+string(kind)); ok {
			return component
		}
	}
	return target
}

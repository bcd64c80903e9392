package commands

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// desk is the part of *engine.Desk that takes orders.
type desk interface {
	Overview(ctx context.Context) []engine.Status
	Status(ctx context.Context, component string) (engine.Status, error)
	Propose(ctx context.Context, ask engine.Ask) (ledger.Operation, error)
	DryRun(ctx context.Context, ask engine.Ask) (ledger.Operation, error)
	Approve(ctx context.Context, act engine.Act) (ledger.Operation, error)
	Decline(ctx context.Context, act engine.Act) (ledger.Operation, error)
	Cancel(ctx context.Context, act engine.Act) (ledger.Operation, error)
	Adjust(ctx context.Context, act engine.Act, to int) (ledger.Operation, error)
	RollBack(ctx context.Context, act engine.Act) (ledger.Operation, error)
	ScaleRecommended(ctx context.Context, act engine.Act) (ledger.Operation, error)
	Snooze(ctx context.Context, act engine.Act, length time.Duration) (ledger.Episode, error)
	Operation(ctx context.Context, idOrComponent string) (ledger.Operation, error)
	InThread(ctx context.Context, channel, thread string) (ledger.Operation, error)
	History(ctx context.Context, component string, limit int) ([]ledger.Operation, error)
	Diagnose(ctx context.Context, idOrComponent string) (diagnose.Diagnosis, error)
	Watch(ctx context.Context, component string, by scale.Person, channel, thread string, length time.Duration) error
	OnCall(ctx context.Context) (scale.OnCall, error)
	TurnAway(ctx context.Context, verb string, act engine.Act, refusal *scale.Refusal)
}

var _ desk = (*engine.Desk)(nil)

// Handler answers calls and clicks through the desk. It holds no state, and many goroutines may
// use it at once.
type Handler struct {
	Desk desk
	Book *runbook.Book
	// Version is what the version command prints.
	Version string
	// Log receives details that people are not shown; nil discards it.
	Log *slog.Logger
}

// patience is how long an answer may take. After that nobody waits for it any more; what the desk
// has begun is stored.
const patience = 25 * time.Second

// Call answers one typed command. It always answers.
func (h *Handler) Call(ctx context.Context, call Call) Answer {
	return h.answer(ctx, "command", engine.Act{By: call.By, Channel: call.Channel, Key: call.Key}, func(ctx context.Context) (Answer, error) {
		command, refusal := parse(call.Text, h.Book)
		if refusal != nil {
			return nil, refusal
		}
		return h.carryOut(ctx, call, command)
	})
}

// Click answers one pressed button or submitted form. It always answers.
func (h *Handler) Click(ctx context.Context, click Click) Answer {
	act := click.Act()
	return h.answer(ctx, "click", act, func(ctx context.Context) (Answer, error) {
		return h.press(ctx, click, act)
	})
}

// answer turns the result of an order into an answer: a refusal as it is, a failure as a
// sentence, a panic as a failure of the bot. All refusals pass here, so it also records those
// that never reached the desk.
func (h *Handler) answer(ctx context.Context, what string, act engine.Act, do func(context.Context) (Answer, error)) (a Answer) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			h.log().ErrorContext(ctx, "panic while answering", "what", what, "by", act.By.ID, "panic", p, "stack", string(debug.Stack()))
			a = Refused{Refusal: ownTrouble()}
		}
	}()
	answer, err := do(ctx)
	if err == nil {
		return answer
	}
	refusal := refusalOf(err)
	switch {
	case refusal.Code == RefusedTrouble:
		h.log().WarnContext(ctx, "order not carried out", "what", what, "by", act.By.ID, "error", err)
	case !engine.Recorded(err):
		h.Desk.TurnAway(ctx, what, act, refusal)
	}
	return Refused{Refusal: refusal}
}

func (h *Handler) log() *slog.Logger {
	if h.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return h.Log
}

// RefusedTrouble is the code of an answer about a failure, as opposed to a refused order.
const RefusedTrouble = "trouble"

// refusalOf describes an error in words for people.
func refusalOf(err error) *scale.Refusal {
	var refusal *scale.Refusal
	fault := scale.FaultOf(err)
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, scale.ErrNotStored):
		return &scale.Refusal{
			Code: scale.RefusedNotFound, Why: "There is no such operation.",
			Next: "The history lists the latest ones.", Try: line(History{}),
		}
	case errors.Is(err, scale.ErrUnreadable):
		return &scale.Refusal{
			Code: RefusedTrouble, Why: "That record is stored, but this version of the bot cannot read it: a newer version wrote it, or somebody by hand.",
			Next: "The version that wrote it can carry it on; scalebot doctor names what is wrong with it.", Try: line(History{}),
		}
	case errors.Is(err, scale.ErrVersion):
		return &scale.Refusal{
			Code: RefusedTrouble, Why: "Others were changing the same operation at this moment.",
			Next: "Look at its card and try again.",
		}
	case fault != nil:
		return faultRefusal(fault)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &scale.Refusal{
			Code: RefusedTrouble, Why: "This took too long and was given up.",
			Next: "Look at the history before you try again: it may have been stored.", Try: line(History{}),
		}
	default:
		return ownTrouble()
	}
}

// faultRefusal describes the error of an outside system.
func faultRefusal(fault *scale.Fault) *scale.Refusal {
	r := &scale.Refusal{Code: RefusedTrouble, Why: sentence(fault.Error())}
	switch {
	case fault.Kind == scale.FaultUnknownOutcome:
		r.Next, r.Try = "It may or may not have taken effect; look before you try again.", line(Fleet{})
	case fault.After > 0:
		r.Next = "Try again in " + scale.Span(fault.After) + "."
	case fault.Retryable():
		r.Next = "Try again in a moment."
	case fault.Kind == scale.FaultForbidden:
		r.Next = "The bot's permissions have to be mended first; its log has the details."
	}
	return r
}

func ownTrouble() *scale.Refusal {
	return &scale.Refusal{
		Code: RefusedTrouble, Why: "Something went wrong inside the bot; its log has the details.",
		Next: "Look at the history before you try again: it may have been stored.", Try: line(History{}),
	}
}

// sentence begins a text with a capital letter and ends it with a full stop.
func sentence(text string) string {
	if text == "" {
		return text
	}
	if first := text[0]; first >= 'a' && first <= 'z' {
		text = string(first-'a'+'A') + text[1:]
	}
	if last := text[len(text)-1]; last != '.' && last != '!' && last != '?' {
		text += "."
	}
	return text
}

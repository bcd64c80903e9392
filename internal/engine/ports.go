package engine

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Hand carries out the step of a change; it is the only effect on the pipeline.
type Hand interface {
	// Set writes what the step sets, under the condition that the target still has the
	// version that was seen, and returns the new version. A dry run checks everything and
	// writes nothing. Errors are *scale.Fault: conflict when the condition does not hold or
	// no version was seen (nothing was written), rejected when the hand does not know the
	// kind of change, unknown_outcome when it may or may not have been written.
	Set(ctx context.Context, c scale.Component, step change.Step, seen string, dryRun bool) (version string, err error)
}

// Knowledge is how much the caller of an [Announcer] knows of what Slack shows of a message.
type Knowledge int

const (
	// Known means that nobody but this process has posted or edited the message, so that what it
	// remembers of it holds.
	Known Knowledge = iota
	// MaybePosted means that an earlier post may exist although its location was not stored, after
	// a restart or an unknown outcome, and that another replica may have edited it. It is
	// searched before it is posted, and edited even if this process has sent the same before.
	MaybePosted
)

// Announcer makes Slack show operations and episodes. Every method is idempotent. The returned
// reference is to be stored with the record.
//
// Errors are *scale.Fault: rejected when trying again cannot help (channel archived,
// bot not a member), throttled or unreachable when it may. A method may return before
// Slack shows the newest version: edits are paced and coalesced.
type Announcer interface {
	// Card posts or edits the operation's card.
	Card(ctx context.Context, op ledger.Operation, known Knowledge) (scale.MessageRef, error)
	// Report posts report number i of the operation, counted from 0, in the card's thread.
	Report(ctx context.Context, op ledger.Operation, i int, known Knowledge) (scale.MessageRef, error)
	// Episode posts or edits an episode's card in the alert channel.
	Episode(ctx context.Context, e ledger.Episode, known Knowledge) (scale.MessageRef, error)
	// Remark posts a short sentence in the thread of a message, once per key.
	Remark(ctx context.Context, in scale.MessageRef, key, text string, known Knowledge) error
	// Alarm posts once, in the operation's channel and in the alert channel when that is
	// another, who broke the glass and why, and mentions whoever is on call.
	Alarm(ctx context.Context, op ledger.Operation, known Knowledge) (scale.MessageRef, error)
	// Waiting reports whether an edit of the card of an operation or episode is still on its
	// way to Slack.
	Waiting(id string) bool
	// Lost returns why the newest version of an operation's card did not reach Slack: a definite
	// refusal that came after Card had returned. It is nil when it is shown, or still may be.
	Lost(operation string) error
	// Aside writes in private to the person who asked for an operation what the card cannot show
	// any more, and to the alert channel too when the card is in another one.
	Aside(ctx context.Context, op ledger.Operation, name, text string) error
	// Live posts or edits a live status view (the watch command).
	Live(ctx context.Context, s Status, until time.Time, ref scale.MessageRef) (scale.MessageRef, error)
}

// Directory knows people.
type Directory interface {
	// Grant answers whether the person has the right at this moment. On-call
	// membership is read afresh for RightDecide. A read that fails is a refusal with
	// code "people_unknown": fail closed.
	Grant(ctx context.Context, who scale.Person, right scale.Right) scale.Grant
	// OnCall lists who may decide now.
	OnCall(ctx context.Context) (scale.OnCall, error)
}

// Leader tells whether this process may act. A single process always may.
type Leader interface {
	// Leading reports whether this replica holds the lead now.
	Leading() bool
}

// Meter counts what happens, for the bot's own metrics.
type Meter interface {
	// Decision counts a proposal, approval, refusal, cancellation and so on; outcome
	// is "ok" or a refusal code.
	Decision(component, verb, outcome string)
	// Entered counts an operation entering a state.
	Entered(component string, state ledger.State)
	// Effect counts a write of a step; outcome is "written", "conflict",
	// or a fault kind.
	Effect(component, outcome string)
	// Reported counts a posted report.
	Reported(component, horizon string, verdict scale.Verdict, late bool)
	// Unreported counts a report that will never be seen; why is "superseded", "failed" or
	// "not_posted".
	Unreported(component, horizon, why string)
}

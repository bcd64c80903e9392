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
	// Set writes the value of the step if the target still has the version in seen, and returns
	// the new version. A dry run checks everything and writes nothing. Errors are *scale.Fault:
	// conflict when the version has changed or seen is empty (nothing was written), rejected when
	// the hand does not know the kind of change, unknown_outcome when the value may or may not
	// have been written.
	Set(ctx context.Context, c scale.Component, step change.Step, seen string, dryRun bool) (version string, err error)
}

// Knowledge is how much the caller of an [Announcer] knows of what Slack shows in a message.
type Knowledge int

const (
	// Known means that only this process has posted or edited the message, so what it remembers
	// of the message is right.
	Known Knowledge = iota
	// MaybePosted means that an earlier post may exist whose location was not stored (after a
	// restart or an unknown outcome), and that another replica may have edited it. The announcer
	// searches for the message before it posts, and edits it even if this process has sent the
	// same content before.
	MaybePosted
)

// Announcer makes Slack show operations and episodes. Every method is idempotent. The caller
// stores the returned reference with the record.
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
	// Alarm posts once who broke the glass and why, and mentions whoever is on call. It posts in
	// the operation's channel and, if that is another one, in the alert channel.
	Alarm(ctx context.Context, op ledger.Operation, known Knowledge) (scale.MessageRef, error)
	// Waiting reports whether an edit of the card of an operation or episode has not reached
	// Slack yet.
	Waiting(id string) bool
	// Lost returns why Slack definitely refused the newest version of an operation's card after
	// Card had returned. It is nil when that version is shown, or may still be.
	Lost(operation string) error
	// Aside sends the person who asked for an operation a private message with what the card
	// cannot show any more. If the card is not in the alert channel, it also posts there.
	Aside(ctx context.Context, op ledger.Operation, name, text string) error
	// Live posts or edits a live status view (the watch command).
	Live(ctx context.Context, s Status, until time.Time, ref scale.MessageRef) (scale.MessageRef, error)
}

// Directory knows people.
type Directory interface {
	// Grant answers whether the person has the right at this moment. It reads the on-call list
	// afresh for RightDecide. If that fails, it refuses with code "people_unknown" (fail closed).
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
	// Unreported counts a report that will never be posted; why is "superseded", "failed" or
	// "not_posted".
	Unreported(component, horizon, why string)
}

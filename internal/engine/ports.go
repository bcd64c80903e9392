package engine

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

// Cluster reads workloads and changes their replica count.
type Cluster interface {
	sampler.Cluster
	// SetReplicas writes the scale subresource under the condition that it still is
	// what was seen, and returns the new resource version. Errors are *scale.Fault:
	// conflict when the condition does not hold (nothing was written),
	// unknown_outcome when it may or may not have been written.
	SetReplicas(ctx context.Context, c scale.Component, w ledger.Write) (resourceVersion string, err error)
}

// Store keeps operations and episodes. Both are changed by compare and swap.
type Store interface {
	// Create stores a new operation whose Number must be one more than the newest of
	// its component (1 for the first); scale.ErrVersion when the number is taken or
	// skips one. Where records that cannot be read have taken the number, it is stored under
	// the next free one. The returned operation carries its Number, ID and Version.
	Create(ctx context.Context, op ledger.Operation) (ledger.Operation, error)
	// Update replaces the stored operation if its version still is op.Version;
	// scale.ErrVersion when it is not, scale.ErrNotStored when there is none.
	Update(ctx context.Context, op ledger.Operation) (ledger.Operation, error)
	// Get returns one operation, scale.ErrNotStored, or scale.ErrUnreadable for one that this
	// version cannot read. Whatever returns several steps over those.
	Get(ctx context.Context, id string) (ledger.Operation, error)
	// Newest returns at most limit operations, newest first; an empty component means
	// all of them.
	Newest(ctx context.Context, component string, limit int) ([]ledger.Operation, error)
	// Between returns the operations that were asked for in a span of time, newest first. It
	// costs as much as there are in the days of that span, however many are kept.
	Between(ctx context.Context, from, to time.Time) ([]ledger.Operation, error)
	// Unfinished returns all operations that are not final, oldest first.
	Unfinished(ctx context.Context) ([]ledger.Operation, error)

	// CreateEpisode, UpdateEpisode and Episode are the same for episodes, whose number
	// counts per component and kind.
	CreateEpisode(ctx context.Context, e ledger.Episode) (ledger.Episode, error)
	UpdateEpisode(ctx context.Context, e ledger.Episode) (ledger.Episode, error)
	Episode(ctx context.Context, id string) (ledger.Episode, error)
	// NewestEpisode returns the newest episode of a component and kind, or
	// scale.ErrNotStored.
	NewestEpisode(ctx context.Context, component string, kind ledger.EpisodeKind) (ledger.Episode, error)
	// OpenEpisodes returns the open ones of all components, and EndedEpisodes those that
	// ended in a span of time, both the highest number first. They cost as much as there are
	// of these, however many are kept.
	OpenEpisodes(ctx context.Context) ([]ledger.Episode, error)
	EndedEpisodes(ctx context.Context, from, to time.Time) ([]ledger.Episode, error)

	// Prune deletes final operations and closed episodes ended before the given time
	// beyond the newest keep of each component, never the newest one.
	Prune(ctx context.Context, keep int, before time.Time) error
	// Changes and EpisodeChanges receive a value some time after an operation, or an episode,
	// was changed by any replica. A change to a final state is reported only by the process
	// that made it. One value may stand for many changes.
	Changes() <-chan struct{}
	EpisodeChanges() <-chan struct{}
}

// Announcer makes Slack look like an operation. Every method is idempotent. again says two
// things: an earlier post of the same thing may exist although its place was not stored (after
// a restart or an unknown outcome), so that it is looked up before it is posted; and somebody
// else may have edited it, so that it is edited even if this process has brought it to the same
// look before. The returned reference is to be stored with the operation.
//
// Errors are *scale.Fault: rejected when trying again cannot help (channel archived,
// bot not a member), throttled or unreachable when it may. A method may return before
// Slack has the newest look: edits are paced and coalesced.
type Announcer interface {
	// Card posts or edits the operation's card.
	Card(ctx context.Context, op ledger.Operation, again bool) (scale.MessageRef, error)
	// Report posts report number i of the operation in the card's thread.
	Report(ctx context.Context, op ledger.Operation, i int, again bool) (scale.MessageRef, error)
	// Episode posts or edits an episode's card in the alert channel.
	Episode(ctx context.Context, e ledger.Episode, again bool) (scale.MessageRef, error)
	// Remark posts a short sentence in the thread of a message, once per key.
	Remark(ctx context.Context, in scale.MessageRef, key, text string, again bool) error
	// Alarm says in the operation's channel, and in the alert channel when that is
	// another, who broke the glass and why, mentioning whoever is on call; once.
	Alarm(ctx context.Context, op ledger.Operation, again bool) (scale.MessageRef, error)
	// Waiting reports whether an edit of the card of an operation or episode is still on its
	// way to Slack.
	Waiting(id string) bool
	// Lost returns why the newest look of an operation's card did not reach Slack: a definite
	// refusal that came after Card had returned. It is nil when the look was shown, or still
	// may be.
	Lost(operation string) error
	// Aside tells the person who asked for an operation in private what the card cannot show
	// any more, and the alert channel too when the card is in another one.
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
	// Effect counts a write of the replica count; outcome is "written", "conflict",
	// or a fault kind.
	Effect(component, outcome string)
	// Reported counts a posted report.
	Reported(component, horizon string, verdict scale.Verdict, late bool)
	// Unreported counts a report that will never be seen; why is "superseded", "failed" or
	// "not_posted".
	Unreported(component, horizon, why string)
}

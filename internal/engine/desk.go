package engine

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// STUB: signatures other packages build on; the engine follows.

// Status is everything known of one component for people who look.
type Status struct {
	Component scale.Component
	Snapshot  scale.Snapshot
	Advice    scale.Recommendation
	// Past is the last hour, oldest first.
	Past []scale.Point
	// Operation is the live or watched operation, nil when there is none.
	Operation *scale.Operation
	// Episode is the open alert, nil when there is none.
	Episode *scale.Episode
}

// Ask is a wish to change a replica count.
type Ask struct {
	Component string
	Target    scale.Target
	Reason    string
	By        scale.Person
	// Origin is "command", "alert", "suggestion", "report", "rollback" or "adjust".
	Origin  string
	Channel string
	Thread  string
	// Key makes the ask idempotent: one operation per key.
	Key string
}

// Act is a decision about an operation or episode.
type Act struct {
	// ID is the operation's or episode's id.
	ID     string
	By     scale.Person
	Reason string
	// Channel and TS are the message whose button was pressed, empty for typed text.
	// A click on another message than the operation's is refused.
	Channel string
	TS      string
	Key     string
}

// Desk takes orders. Errors it returns are *scale.Refusal when the order was
// understood and refused, else *scale.Fault or a wrapped error.
type Desk struct{}

// Overview returns the status of every component in the runbook's order, from the
// newest sample.
func (d *Desk) Overview(ctx context.Context) []Status { return nil }

// Status looks at one component afresh.
func (d *Desk) Status(ctx context.Context, component string) (Status, error) { return Status{}, nil }

// Propose makes an operation and its card. A second proposal for a component with an
// undecided one replaces it; with an approved or running one it is refused.
func (d *Desk) Propose(ctx context.Context, ask Ask) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// DryRun does everything Propose does, with a server-side dry run, and stores and
// posts nothing.
func (d *Desk) DryRun(ctx context.Context, ask Ask) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// Approve records an approval by somebody who may, after a fresh look at the world;
// a drifted one is replaced by a new proposal and refused with RefusedDrift.
func (d *Desk) Approve(ctx context.Context, act Act) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// Decline ends a proposal; on-call people may.
func (d *Desk) Decline(ctx context.Context, act Act) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// Cancel ends a proposal, or an approved operation before its write; the requester
// and on-call people may.
func (d *Desk) Cancel(ctx context.Context, act Act) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// Adjust replaces an undecided proposal by one for another count.
func (d *Desk) Adjust(ctx context.Context, act Act, to int) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// RollBack proposes the old count of a finished operation; when the person may
// decide, it is approved with the same click.
func (d *Desk) RollBack(ctx context.Context, act Act) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// ScaleRecommended carries out the prepared change of an episode or of a report's
// suggestion: it proposes it in the name of the person and, when the person may
// decide, approves it with the same click.
func (d *Desk) ScaleRecommended(ctx context.Context, act Act) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// Snooze silences an episode; zero means until recovery.
func (d *Desk) Snooze(ctx context.Context, act Act, length time.Duration) (scale.Episode, error) {
	return scale.Episode{}, nil
}

// Operation returns one operation by id, or the newest undecided one of a component
// by the component's name or alias.
func (d *Desk) Operation(ctx context.Context, idOrComponent string) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// InThread returns the operation whose card started the thread, if there is one.
func (d *Desk) InThread(ctx context.Context, channel, thread string) (scale.Operation, error) {
	return scale.Operation{}, nil
}

// History returns the newest operations, newest first; an empty component means all.
func (d *Desk) History(ctx context.Context, component string, limit int) ([]scale.Operation, error) {
	return nil, nil
}

// Diagnose walks through the runbook's troubleshooting for a component, or for the
// component of an operation id.
func (d *Desk) Diagnose(ctx context.Context, idOrComponent string) (scale.Diagnosis, error) {
	return scale.Diagnosis{}, nil
}

// Watch posts a live view of a component and keeps it current for the given time.
func (d *Desk) Watch(ctx context.Context, component string, by scale.Person, channel, thread string, length time.Duration) error {
	return nil
}

// OnCall tells who may decide now.
func (d *Desk) OnCall(ctx context.Context) (scale.OnCall, error) { return scale.OnCall{}, nil }

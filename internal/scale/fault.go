package scale

import (
	"errors"
	"fmt"
	"time"
)

// FaultKind classifies what an outside system answered, so that the engine can act
// on it without knowing the system.
type FaultKind string

// The kinds of fault adapters report.
const (
	// FaultUnreachable: no answer within the deadline, or the connection failed.
	FaultUnreachable FaultKind = "unreachable"
	// FaultForbidden: the credentials do not allow it.
	FaultForbidden FaultKind = "forbidden"
	// FaultNotFound: the thing does not exist.
	FaultNotFound FaultKind = "not_found"
	// FaultConflict: the thing changed since it was read; nothing was written.
	FaultConflict FaultKind = "conflict"
	// FaultThrottled: too many requests; After says how long to wait.
	FaultThrottled FaultKind = "throttled"
	// FaultRejected: the request was understood and refused for good.
	FaultRejected FaultKind = "rejected"
	// FaultUnknownOutcome: the request may or may not have taken effect.
	FaultUnknownOutcome FaultKind = "unknown_outcome"
)

// Fault is an outside system's failure in words fit for people.
type Fault struct {
	Kind FaultKind
	// Doing is what was attempted, such as "reading deployment download-worker".
	Doing string
	// Detail is the system's own message, without secrets.
	Detail string
	// After is how long to wait before trying again, if the system said so.
	After time.Duration
	// Cause is the underlying error for logs.
	Cause error
}

// Error says what was being done and what came back.
func (f *Fault) Error() string {
	if f.Detail == "" {
		return fmt.Sprintf("%s: %s", f.Doing, f.Kind)
	}
	return fmt.Sprintf("%s: %s", f.Doing, f.Detail)
}

// Unwrap returns the underlying error.
func (f *Fault) Unwrap() error { return f.Cause }

// Retryable reports whether the same request may succeed later and is safe to send
// again.
func (f *Fault) Retryable() bool {
	return f.Kind == FaultUnreachable || f.Kind == FaultThrottled
}

// FaultOf finds the Fault in an error, or nil.
func FaultOf(err error) *Fault {
	var fault *Fault
	if errors.As(err, &fault) {
		return fault
	}
	return nil
}

// IsFault reports whether the error is a fault of the given kind.
func IsFault(err error, kind FaultKind) bool {
	fault := FaultOf(err)
	return fault != nil && fault.Kind == kind
}

// ErrVersion is returned by a store when the stored thing is not the version the
// caller read, or when its number is already taken. Re-read and decide again.
var ErrVersion = errors.New("changed meanwhile")

// ErrUnreadable is returned by a store for a record that it holds and cannot read: a newer
// version of the bot wrote it, or somebody by hand. It is not absence: what the record is
// about may still be under way.
var ErrUnreadable = errors.New("the stored record cannot be read")

// Unreadable is a stored record that was skipped because of ErrUnreadable: its name in the store,
// and why it cannot be read.
type Unreadable struct{ Name, Why string }

// ErrNotStored is returned by a store for an id it does not hold.
var ErrNotStored = errors.New("no such operation")

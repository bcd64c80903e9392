package ledger

import (
	"slices"

	"github.com/scalebot/scalebot/internal/change"
)

// Step is one step of an operation: the change it makes, and what was seen when it was made.
// It has at most one effective write.
type Step struct {
	change.Step
	// Intended is the version of the target when the intent was stored, just before the write;
	// zero until then.
	Intended Seen
	Rollout  Rollout
}

// StepsOf are the steps of a new operation, none of them begun.
func StepsOf(steps ...change.Step) []Step {
	all := make([]Step, 0, len(steps))
	for _, s := range steps {
		all = append(all, Step{Step: s})
	}
	return all
}

// begun reports whether the step's intent or its write was stored.
func (s Step) begun() bool { return s.Intended != (Seen{}) || !s.Rollout.WrittenAt.IsZero() }

// Current is the index of the current step: the last one that was begun, or the first when none
// was.
func (o Operation) Current() int {
	for i := len(o.Steps) - 1; i > 0; i-- {
		if o.Steps[i].begun() {
			return i
		}
	}
	return 0
}

// Step is the current step, or the zero Step, which changes nothing, where the operation has no
// steps.
func (o Operation) Step() Step {
	if len(o.Steps) == 0 {
		return Step{}
	}
	return o.Steps[o.Current()]
}

// Change is what the current step sets; nil where the operation has no steps.
func (o Operation) Change() change.Change { return o.Step().Do }

// Rollout is what was seen while the current step took effect.
func (o Operation) Rollout() Rollout { return o.Step().Rollout }

// Written reports whether the current step has been written.
func (o Operation) Written() bool { return !o.Rollout().WrittenAt.IsZero() }

// WithStep returns the operation with its current step edited. The receiver is not changed. An
// operation without steps is returned as it is.
func (o Operation) WithStep(edit func(*Step)) Operation {
	if len(o.Steps) == 0 {
		return o
	}
	at := o.Current()
	o.Steps = slices.Clone(o.Steps)
	edit(&o.Steps[at])
	return o
}

// WithRollout is [Operation.WithStep] for what was seen of the rollout.
func (o Operation) WithRollout(r Rollout) Operation {
	return o.WithStep(func(s *Step) { s.Rollout = r })
}

package ledger

import (
	"slices"

	"github.com/scalebot/scalebot/internal/change"
)

// Step is one step of an operation: the change it makes, and what was seen when it was made.
// It has at most one effective write.
type Step struct {
	change.Step
	// Intended is what the target was when the intent was stored, just before the write; zero
	// until then.
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

// begun reports whether the intent of the step was stored, or its write.
func (s Step) begun() bool { return s.Intended != (Seen{}) || !s.Rollout.WrittenAt.IsZero() }

// Current is the index of the step that the operation is at: the last one that was begun,
// else the first.
func (o Operation) Current() int {
	for i := len(o.Steps) - 1; i > 0; i-- {
		if o.Steps[i].begun() {
			return i
		}
	}
	return 0
}

// Step is the step that the operation is at; the zero Step, which changes nothing, where the
// operation has none.
func (o Operation) Step() Step {
	if len(o.Steps) == 0 {
		return Step{}
	}
	return o.Steps[o.Current()]
}

// Change is what the step that the operation is at sets; nil where the operation has no step.
func (o Operation) Change() change.Change { return o.Step().Do }

// Rollout is what was seen while the step that the operation is at took effect.
func (o Operation) Rollout() Rollout { return o.Step().Rollout }

// Written reports whether the step that the operation is at has had its effect.
func (o Operation) Written() bool { return !o.Rollout().WrittenAt.IsZero() }

// WithStep returns the operation with the step that it is at edited. The receiver is not
// changed, and an operation without steps stays as it is.
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

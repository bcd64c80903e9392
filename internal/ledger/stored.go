package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/scalebot/scalebot/internal/change"
)

// plain is an operation without its methods, so that encoding/json takes it field by field.
type plain Operation

// storedOperation is an operation as it is stored. A single step that sets a replica count is
// stored flat, beside the other fields: versions of the bot before steps wrote it that way, and
// can still read it. All other steps are stored under steps, with no flat change: older versions
// skip such a record and report its name. See docs/adr/0035-a-change-is-a-list-of-steps.md.
type storedOperation struct {
	plain
	// Kind is never written. A record with a kind was written by a version that knows it.
	Kind     string          `json:"kind,omitempty"`
	Change   json.RawMessage `json:"change,omitempty"`
	Intended Seen            `json:"intended,omitzero"`
	Rollout  Rollout         `json:"rollout,omitzero"`
	Steps    []storedStep    `json:"steps,omitempty"`
}

// storedStep is one of several steps, or one of another kind, as it is stored.
type storedStep struct {
	Do       json.RawMessage `json:"do"`
	Intended Seen            `json:"intended,omitzero"`
	Rollout  Rollout         `json:"rollout,omitzero"`
}

// storedStepFields are the fields of a storedStep. A step with another field must not be carried
// out: that field may change what the step means.
var storedStepFields = []string{"do", "intended", "rollout"}

// MarshalJSON writes the operation as it is stored.
func (o Operation) MarshalJSON() ([]byte, error) {
	stored := storedOperation{plain: plain(o)}
	if bare, ok := flat(o.Steps); ok {
		stored.Change, stored.Intended, stored.Rollout = bare, o.Steps[0].Intended, o.Steps[0].Rollout
		return json.Marshal(stored)
	}
	for i, s := range o.Steps {
		do, err := change.Encode(s.Do)
		if err != nil {
			return nil, fmt.Errorf("encoding step %d of %s: %w", i+1, o.ID, err)
		}
		stored.Steps = append(stored.Steps, storedStep{do, s.Intended, s.Rollout})
	}
	return json.Marshal(stored)
}

// flat is the change of the only step, if it can be stored without its kind.
func flat(steps []Step) (json.RawMessage, bool) {
	if len(steps) != 1 {
		return nil, false
	}
	return change.EncodeBare(steps[0].Do)
}

// UnmarshalJSON reads an operation of this version or an older one. Unknown fields elsewhere in
// the record are ignored, but an unknown kind, value or field of a step is an error: the bot must
// understand in full what it is to change.
func (o *Operation) UnmarshalJSON(data []byte) error {
	var stored storedOperation
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	steps, err := stored.read()
	if err != nil {
		return err
	}
	*o = Operation(stored.plain)
	o.Steps = steps
	return nil
}

func (s storedOperation) read() ([]Step, error) {
	switch {
	case s.Kind != "":
		return nil, fmt.Errorf("this version does not know changes of kind %q", s.Kind)
	case s.Change != nil && s.Steps != nil:
		return nil, errors.New("it has a change and steps, and which of them counts is not known")
	case s.Change != nil:
		do, err := change.DecodeBare(s.Change)
		return []Step{{Step: change.Step{Do: do}, Intended: s.Intended, Rollout: s.Rollout}}, err
	case len(s.Steps) == 0:
		return nil, errors.New("it does not say what is changed")
	}
	var steps []Step
	for _, one := range s.Steps {
		do, err := change.Decode(one.Do)
		if err != nil {
			return nil, err
		}
		steps = append(steps, Step{Step: change.Step{Do: do}, Intended: one.Intended, Rollout: one.Rollout})
	}
	return steps, nil
}

// UnmarshalJSON reads a step, unless it has fields that this version does not know.
func (s *storedStep) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(storedStepFields, name) {
			return fmt.Errorf("this version does not know steps with %q", name)
		}
	}
	type known storedStep
	return json.Unmarshal(data, (*known)(s))
}

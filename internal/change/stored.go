package change

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// kindField is the field of a stored change that names its kind.
const kindField = "kind"

// readers read the values of each kind. A kind without one cannot be read.
var readers = map[Kind]func(values map[string]json.RawMessage) (Change, error){
	KindReplicas: func(values map[string]json.RawMessage) (Change, error) { return read[Replicas](values, "from", "to") },
}

// Encode returns a change as it is stored: its values and its kind,
// {"kind":"replicas","from":6,"to":9}.
func Encode(c Change) ([]byte, error) {
	values, err := split(c)
	if err != nil {
		return nil, err
	}
	values[kindField], err = json.Marshal(c.Kind())
	if err != nil {
		return nil, fmt.Errorf("encoding the kind of a change: %w", err)
	}
	return json.Marshal(values)
}

// Decode reads what [Encode] has written. An unknown kind, a missing value and an extra value are
// errors: to apply only the part that this version understands would be to apply a change that
// nobody has approved.
func Decode(stored []byte) (Change, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(stored, &values); err != nil {
		return nil, fmt.Errorf("decoding a change: %w", err)
	}
	var kind Kind
	if err := json.Unmarshal(values[kindField], &kind); err != nil {
		return nil, fmt.Errorf("decoding the kind of a change: %w", err)
	}
	reader, ok := readers[kind]
	if !ok {
		return nil, fmt.Errorf("this version does not know changes of kind %q", kind)
	}
	delete(values, kindField)
	return reader(values)
}

// EncodeBare returns a replica change in the older form without a kind, {"from":6,"to":9}, in
// which operations were stored before changes had kinds. It returns false for every other kind.
func EncodeBare(c Change) (stored json.RawMessage, ok bool) {
	replicas, ok := c.(Replicas)
	if !ok {
		return nil, false
	}
	stored, err := json.Marshal(replicas)
	return stored, err == nil
}

// DecodeBare reads what [EncodeBare] has written, as strictly as [Decode].
func DecodeBare(stored []byte) (Change, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(stored, &values); err != nil {
		return nil, fmt.Errorf("decoding a change: %w", err)
	}
	if values == nil {
		return nil, errors.New("a change without values")
	}
	return readers[KindReplicas](values)
}

// split returns the values of a change by their names.
func split(c Change) (map[string]json.RawMessage, error) {
	if c == nil {
		return nil, errors.New("encoding a change: there is none")
	}
	encoded, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encoding a change: %w", err)
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &values); err != nil {
		return nil, fmt.Errorf("encoding a change: %w", err)
	}
	return values, nil
}

// read makes a change of a kind that has exactly the named values.
func read[C Change](values map[string]json.RawMessage, known ...string) (Change, error) {
	if got := slices.Sorted(maps.Keys(values)); !slices.Equal(got, known) {
		return nil, fmt.Errorf("this version knows changes with the fields %s, and not %s", strings.Join(known, ", "), strings.Join(got, ", "))
	}
	for _, name := range known {
		if string(values[name]) == "null" {
			return nil, fmt.Errorf("the change has no value for %s", name) // encoding/json would leave it zero.
		}
	}
	whole, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("decoding a change: %w", err)
	}
	var c C
	if err := json.Unmarshal(whole, &c); err != nil {
		return nil, fmt.Errorf("decoding a change: %w", err)
	}
	return c, nil
}

package ledger

import (
	"reflect"
	"time"
)

// Clone returns the operation in memory of its own: whoever changes anything in it, however
// deep, changes nothing of the original. Stores keep what they have read once and hand out
// clones. What readings carry beside the record, such as a pod template ([scale.Workload.Template]),
// is shared: nothing writes to it, and it is not stored.
func (o Operation) Clone() Operation {
	partOperation(reflect.ValueOf(&o).Elem())
	return o
}

// Clone returns the episode in memory of its own; see [Operation.Clone].
func (e Episode) Clone() Episode {
	partEpisode(reflect.ValueOf(&e).Elem())
	return e
}

// parting gives a value that was assigned from another memory of its own, in place. A type
// whose values share nothing after an assignment needs none, and has nil.
type parting func(reflect.Value)

// By hand these would be a function for each of three dozen nouns, and a field forgotten in
// one of them would be shared without anybody noticing. They are made once, because to find
// out what a type consists of takes longer than a copy.
var (
	partOperation = partingOf(reflect.TypeFor[Operation]())
	partEpisode   = partingOf(reflect.TypeFor[Episode]())
)

// partingOf makes the parting of a type. No noun that is stored contains itself.
func partingOf(t reflect.Type) parting {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return nil // its location is shared by all and never changes.
	case t.Kind() == reflect.Struct:
		return ofStruct(t)
	case t.Kind() == reflect.Slice:
		return ofSlice(partingOf(t.Elem()))
	case t.Kind() == reflect.Array:
		return ofArray(partingOf(t.Elem()))
	case t.Kind() == reflect.Map:
		return ofMap(partingOf(t.Elem()))
	case t.Kind() == reflect.Pointer:
		return ofPointer(partingOf(t.Elem()))
	}
	return nil
}

func ofStruct(t reflect.Type) parting {
	type field struct {
		index int
		part  parting
	}
	var fields []field
	for i := range t.NumField() {
		if part := partingOf(t.Field(i).Type); part != nil && t.Field(i).IsExported() {
			fields = append(fields, field{i, part})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return func(v reflect.Value) {
		for _, f := range fields {
			f.part(v.Field(f.index))
		}
	}
}

func ofSlice(element parting) parting {
	return func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		v.Set(own)
		partAll(v, element)
	}
}

func ofArray(element parting) parting {
	if element == nil {
		return nil
	}
	return func(v reflect.Value) { partAll(v, element) }
}

func partAll(v reflect.Value, element parting) {
	if element == nil {
		return
	}
	for i := range v.Len() {
		element(v.Index(i))
	}
}

func ofMap(element parting) parting {
	return func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		own := reflect.MakeMapWithSize(v.Type(), v.Len())
		value := reflect.New(v.Type().Elem()).Elem()
		for entries := v.MapRange(); entries.Next(); {
			value.Set(entries.Value())
			if element != nil {
				element(value)
			}
			own.SetMapIndex(entries.Key(), value)
		}
		v.Set(own)
	}
}

func ofPointer(element parting) parting {
	return func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		own := reflect.New(v.Type().Elem())
		own.Elem().Set(v.Elem())
		if element != nil {
			element(own.Elem())
		}
		v.Set(own)
	}
}

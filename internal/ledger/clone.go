package ledger

import (
	"reflect"
	"time"
)

// Clone returns a deep copy of the operation: no edit of the copy changes the original. Stores
// cache what they have read and hand out clones. Parts of readings that are not stored, such as a
// pod template ([scale.Workload.Template]), are shared, because nothing writes to them.
func (o Operation) Clone() Operation {
	partOperation(reflect.ValueOf(&o).Elem())
	return o
}

// Clone returns a deep copy of the episode; see [Operation.Clone].
func (e Episode) Clone() Episode {
	partEpisode(reflect.ValueOf(&e).Elem())
	return e
}

// parting turns the shallow copy of a value into a deep one, in place. It is nil for a type whose
// values share no memory after an assignment.
type parting func(reflect.Value)

// Written by hand, this would be a function for each of three dozen types, and a forgotten field
// would be shared unnoticed. The functions are derived once per type by reflection and cached,
// because inspecting a type takes longer than copying a value.
var (
	partOperation = partingOf(reflect.TypeFor[Operation]())
	partEpisode   = partingOf(reflect.TypeFor[Episode]())
)

// partingOf derives the parting of a type. No stored type contains itself, so this ends.
func partingOf(t reflect.Type) parting {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return nil // a time.Time is immutable: its location may be shared.
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

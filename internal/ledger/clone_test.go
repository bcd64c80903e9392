package ledger

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
)

// filled makes a value in which nothing is empty: every pointer, slice and map has something.
func filled(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	if t == reflect.TypeFor[change.Change]() {
		v.Set(reflect.ValueOf(change.Replicas{From: 1, To: 2}))
		return v
	}
	switch t.Kind() {
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)))
			return v
		}
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				v.Field(i).Set(filled(t.Field(i).Type))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, 2, 8))
		v.Index(0).Set(filled(t.Elem()))
		v.Index(1).Set(filled(t.Elem()))
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).Set(filled(t.Elem()))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(filled(t.Key()), filled(t.Elem()))
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(filled(t.Elem()))
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1)
	default: // No record has a field of another kind.
	}
	return v
}

// scribble changes everything that can be reached from a value, and counts it.
func scribble(v reflect.Value) int {
	changed := 0
	if v.Type() == reflect.TypeFor[change.Change]() {
		v.Set(reflect.ValueOf(change.Replicas{From: 77, To: 78}))
		return 1
	}
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)))
			return 1
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				changed += scribble(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			changed += scribble(v.Index(i))
		}
		if v.Kind() == reflect.Slice && !v.IsNil() && v.Cap() > v.Len() {
			changed += scribble(v.Slice(0, v.Len()+1).Index(v.Len()))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			inner := reflect.New(v.Type().Elem()).Elem()
			inner.Set(v.MapIndex(key))
			changed += scribble(inner)
			v.SetMapIndex(key, inner)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			changed += scribble(v.Elem())
		}
	case reflect.String:
		v.SetString("scribbled")
		return 1
	case reflect.Bool:
		v.SetBool(false)
		return 1
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(77)
		return 1
	case reflect.Float32, reflect.Float64:
		v.SetFloat(77)
		return 1
	default: // No record has a field of another kind.
	}
	return changed
}

// A clone says the same, and whatever is done to it does not reach the original, nor what
// was appended to beyond its end.
func TestAClonesMemoryIsItsOwn(t *testing.T) {
	op, _ := filled(reflect.TypeFor[Operation]()).Interface().(Operation)
	episode, _ := filled(reflect.TypeFor[Episode]()).Interface().(Episode)
	clonedOp, clonedEpisode := op.Clone(), episode.Clone()
	for _, one := range []struct {
		name            string
		original, clone any
		changeable      reflect.Value
	}{
		{"operation", op, clonedOp, reflect.ValueOf(&clonedOp).Elem()},
		{"episode", episode, clonedEpisode, reflect.ValueOf(&clonedEpisode).Elem()},
	} {
		t.Run(one.name, func(t *testing.T) {
			before, err := json.Marshal(one.original)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(one.original, one.clone) {
				t.Error("the clone says something else than the original")
			}
			if n := scribble(one.changeable); n < 50 {
				t.Fatalf("changed %d values of the clone, want all of a whole record", n)
			}
			if after, _ := json.Marshal(one.original); string(after) != string(before) {
				t.Errorf("the original was changed through its clone:\n got %s\nwant %s", after, before)
			}
		})
	}
}

// Nothing is not the same as something empty: a record that has no reports yet keeps none.
func TestACloneKeepsNothingAsNothing(t *testing.T) {
	op := Operation{ID: "download-worker-1", Reports: []Report{}}
	if got := op.Clone(); !reflect.DeepEqual(got, op) || got.Events != nil || got.Reports == nil {
		t.Errorf("got %#v, want nil to stay nil and empty to stay empty", got)
	}
}

package blockkit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// surface is where blocks are shown; some blocks exist on one surface only.
type surface int

const (
	message surface = iota
	modal
	home
)

// walk goes through one message or view and collects the problems.
type walk struct {
	surface  surface
	problems []Problem
	kinds    map[string]block // the allowed types of blocks

	blockIDs map[string]bool // already used in this message or view
	actions  map[string]bool // already used in the present block
	depth    int             // nesting of containers and layouts.

	markdown, cells int // characters so far.
	charts, tables  int
	inputs          int
}

func newWalk(s surface) *walk {
	return &walk{surface: s, kinds: blocks, blockIDs: map[string]bool{}, actions: map[string]bool{}}
}

func (w *walk) report(at, format string, args ...any) {
	if len(w.problems) < maxProblems {
		w.problems = append(w.problems, Problem{Pointer: at, Message: fmt.Sprintf(format, args...)})
	}
}

// rule checks the value at a JSON pointer.
type rule func(w *walk, at string, v any)

// shape is what an object must look like.
type shape struct {
	need   []string        // required members
	fields map[string]rule // allowed members; "type" is always allowed
	also   func(w *walk, at string, m map[string]any)
}

// check checks an object against the shape.
func (s shape) check(w *walk, at string, v any) {
	m, ok := w.object(at, v)
	if !ok {
		return
	}
	for _, name := range s.need {
		if m[name] == nil {
			w.report(at, "missing required field: %s", name)
		}
	}
	for _, name := range sortedKeys(m) {
		judge, known := s.fields[name]
		switch {
		case known && m[name] != nil:
			judge(w, at+"/"+escape(name), m[name])
		case !known && name != "type":
			w.report(at, "invalid additional property: %s", name)
		}
	}
	if s.also != nil {
		s.also(w, at, m)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// escape writes a member's name as one part of a JSON pointer (RFC 6901).
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func (w *walk) object(at string, v any) (map[string]any, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		w.report(at, "must be a valid object")
	}
	return m, ok
}

// length reports text that is too short or too long, counted in characters.
func (w *walk) length(at, s string, least, most int) {
	switch n := utf8.RuneCountInString(s); {
	case n < least:
		w.report(at, "must be more than %d characters", least-1)
	case n > most:
		w.report(at, "must be less than %d characters", most+1)
	}
}

// str requires a string of least to most characters.
func str(least, most int) rule {
	return func(w *walk, at string, v any) {
		s, ok := v.(string)
		if !ok {
			w.report(at, "must provide a string")
			return
		}
		w.length(at, s, least, most)
	}
}

// oneOf requires one of the given strings.
func oneOf(allowed ...string) rule {
	return func(w *walk, at string, v any) {
		if s, ok := v.(string); !ok || !slices.Contains(allowed, s) {
			w.report(at, "must be one of: %s", strings.Join(allowed, ", "))
		}
	}
}

func boolean(w *walk, at string, v any) {
	if _, ok := v.(bool); !ok {
		w.report(at, "must be a boolean")
	}
}

func number(w *walk, at string, v any) {
	if _, ok := v.(json.Number); !ok {
		w.report(at, "must be a number")
	}
}

// whole requires an integer from least to most.
func whole(least, most int64) rule {
	return func(w *walk, at string, v any) {
		n, _ := v.(json.Number)
		i, err := n.Int64()
		switch {
		case err != nil:
			w.report(at, "must be an integer")
		case i < least:
			w.report(at, "must be greater than or equal to %d", least)
		case i > most:
			w.report(at, "must be less than or equal to %d", most)
		}
	}
}

// anything is for members whose content has no published limit.
func anything(*walk, string, any) {}

// list requires an array of least to most items, and checks each with the same rule.
func list(least, most int, item rule) rule {
	return func(w *walk, at string, v any) {
		items, ok := v.([]any)
		if !ok {
			w.report(at, "must be an array")
			return
		}
		w.count(at, len(items), least, most)
		for i, v := range items[:min(len(items), most)] {
			item(w, fmt.Sprintf("%s/%d", at, i), v)
		}
	}
}

func (w *walk) count(at string, n, least, most int) {
	switch {
	case n > most:
		w.report(at, "no more than %d items allowed", most)
	case n < least:
		w.report(at, "no fewer than %d items allowed", least)
	}
}

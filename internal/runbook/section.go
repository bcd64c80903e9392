package runbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxList bounds every list of a file but that of the components, which may be a large
// fleet: maxFleet of them.
const (
	maxList  = 200
	maxFleet = 1000
)

// section is one mapping of a file. A setting that is read and absent leaves its target
// unchanged: that is how a team's file changes the default. A key that nothing reads is reported
// as unknown.
type section struct {
	layer *layer
	path  string
	node  *yaml.Node
	// whole requires that every setting that is read is there.
	whole bool
	keys  map[string]*yaml.Node
	order []*yaml.Node
	asked []string
}

func newSection(l *layer, path string, node *yaml.Node, whole bool) *section {
	s := &section{layer: l, path: path, node: node, whole: whole, keys: map[string]*yaml.Node{}}
	content := resolve(node)
	if content.Kind != yaml.MappingNode {
		s.fail(node, path, "found "+describe(node)+", want a mapping of settings")
		s.whole = false
		return s
	}
	for i := 0; i+1 < len(content.Content); i += 2 {
		key, value := content.Content[i], content.Content[i+1]
		s.add(key, value)
	}
	return s
}

func (s *section) add(key, value *yaml.Node) {
	switch {
	case key.Kind != yaml.ScalarNode:
		s.fail(key, s.path, "found "+describe(key)+" as a key, want a word")
	case key.Tag == "!!merge":
		s.fail(key, s.path, "merge keys (<<) are not supported; write the settings out")
	case s.keys[key.Value] != nil:
		s.fail(key, s.at(key.Value), fmt.Sprintf("is here a second time; the first is in line %d", s.keys[key.Value].Line))
	default:
		s.keys[key.Value] = value
		s.order = append(s.order, key)
		s.layer.nodes[s.at(key.Value)] = value
	}
}

// at is the dotted path of a key; a key that is no readable word is quoted.
func (s *section) at(key string) string {
	if !lineOf(key, 80) {
		key = quote(key)
	}
	if s.path == "" {
		return key
	}
	return s.path + "." + key
}

func (s *section) fail(at *yaml.Node, key, text string) { s.layer.fail(at, key, text) }

// wrong reports the value of a key.
func (s *section) wrong(key, text string) { s.fail(s.keys[key], s.at(key), text) }

func (s *section) has(key string) bool { return s.keys[key] != nil }

// value is the node of a key, or nil when the file leaves it out.
func (s *section) value(key string) *yaml.Node {
	if !slices.Contains(s.asked, key) {
		s.asked = append(s.asked, key)
	}
	v := s.keys[key]
	if v == nil {
		if s.whole {
			s.fail(s.node, s.at(key), "is missing")
		}
		return nil
	}
	v = resolve(v)
	if isNull(v) {
		s.wrong(key, "has no value; give it one, or take the key out to keep the default")
		return nil
	}
	return v
}

// maybe is value for a key that even the default may leave out.
func (s *section) maybe(key string) *yaml.Node {
	whole := s.whole
	s.whole = false
	defer func() { s.whole = whole }()
	return s.value(key)
}

// sub is the section under a key; it is empty when the key is absent.
func (s *section) sub(key string) *section {
	if s.value(key) == nil {
		return &section{layer: s.layer, path: s.at(key)}
	}
	return newSection(s.layer, s.at(key), s.keys[key], s.whole)
}

// items are the entries of the list under a key. ok is false when the key is absent
// or not a list.
func (s *section) items(key string) (items []*yaml.Node, ok bool) {
	return s.atMost(maxList, key)
}

// atMost are the entries of the list under a key, of which there may be so many.
func (s *section) atMost(most int, key string) (items []*yaml.Node, ok bool) {
	v := s.value(key)
	switch {
	case v == nil:
		return nil, false
	case v.Kind != yaml.SequenceNode:
		s.wrong(key, "found "+describe(v)+", want a list: each entry on a line of its own that begins with a dash, or all in [ ]")
		return nil, false
	case len(v.Content) > most:
		s.wrong(key, fmt.Sprintf("found %d entries, want at most %d", len(v.Content), most))
		return nil, false
	}
	return v.Content, true
}

// thousands is the rest of a number that was written with a comma.
var thousands = regexp.MustCompile(`^\d{3}$`)

// end reports every key that nothing has read.
func (s *section) end() {
	for _, key := range s.order {
		if slices.Contains(s.asked, key.Value) {
			continue
		}
		text := fmt.Sprintf("unknown setting %s", quote(key.Value))
		switch near := Closest(key.Value, s.asked); {
		case near != "":
			text += fmt.Sprintf("; did you mean %q?", near)
		case thousands.MatchString(key.Value):
			text += "; a comma begins a new setting here, so write numbers as 5000 or 5_000"
		default:
			text += "; allowed here: " + strings.Join(s.asked, ", ")
		}
		s.fail(key, s.path, text)
	}
}

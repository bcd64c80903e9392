package runbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile is the largest accepted file in bytes; it is also the most a ConfigMap holds.
const maxFile = 1 << 20

// layer is one file being read: the embedded default, or a team's own on top of it.
type layer struct {
	name string
	// whole demands every setting of the policy: the default has to name them all.
	whole    bool
	root     *yaml.Node
	problems Problems
	// nodes remembers the position of each setting, for checks across settings.
	nodes map[string]*yaml.Node
}

// readLayer parses the YAML; the sections interpret it.
func readLayer(name string, data []byte) *layer {
	l := &layer{name: name, nodes: map[string]*yaml.Node{}}
	if len(data) > maxFile {
		l.fail(nil, "", fmt.Sprintf("found a file of %d bytes, want at most %d", len(data), maxFile))
		return l
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		return l
	case err != nil:
		l.syntax(data, err)
		return l
	}
	l.root = document.Content[0]
	if l.foreign() {
		l.root = nil
		return l
	}
	if err := decoder.Decode(&second); err == nil {
		l.fail(&second, "", `found a second document after "---", want one`)
	} else if !errors.Is(err, io.EOF) {
		l.syntax(data, err)
	}
	return l
}

func (l *layer) fail(at *yaml.Node, key, text string) {
	problem := Problem{File: l.name, Key: key, Text: text}
	if at != nil {
		problem.Line, problem.Column = at.Line, at.Column
	}
	l.problems = append(l.problems, problem)
}

// top is the section of the file's outermost keys.
func (l *layer) top() *section {
	if l.root == nil || isNull(l.root) {
		return &section{layer: l, whole: l.whole}
	}
	return newSection(l, "", l.root, l.whole)
}

// require reports a violated rule between settings, at the first of the named settings that this
// file has. It reports nothing while one of them is unreadable, because the rule would then use
// another value than the one in the file.
func (l *layer) require(holds bool, text string, keys ...string) {
	if !holds && !slices.ContainsFunc(keys, l.broken) {
		l.complain(text, keys...)
	}
}

// complain reports a mistake at the first of the named settings that this file has.
func (l *layer) complain(text string, keys ...string) {
	for _, key := range keys {
		if at := l.nodes[key]; at != nil {
			l.fail(at, key, text)
			return
		}
	}
	l.fail(nil, keys[0], text)
}

// broken reports whether a mistake in the setting, or in a section that contains it, is already
// known.
func (l *layer) broken(key string) bool {
	return slices.ContainsFunc(l.problems, func(p Problem) bool {
		return p.Key != "" && (p.Key == key || strings.HasPrefix(key, p.Key+"."))
	})
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// describe names the kind of a node, for messages. Text from the file is quoted and shortened.
func describe(n *yaml.Node) string {
	switch n = resolve(n); n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		if isNull(n) {
			return "nothing"
		}
		return quote(n.Value)
	default:
		return "something else"
	}
}

func quote(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}

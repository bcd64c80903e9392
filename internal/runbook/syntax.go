package runbook

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// syntaxLine matches the position at the start of the parser's message, where there is one.
var syntaxLine = regexp.MustCompile(`^(yaml: )?(line \d+: )?`)

// syntax reports a mistake in the file's YAML. The parser names the line it has reached, often an
// earlier one, and its message speaks of tokens. People need the right line and what to do.
func (l *layer) syntax(data []byte, err error) {
	message := syntaxLine.ReplaceAllString(err.Error(), "")
	lines := bytes.SplitAfter(data, []byte("\n"))
	line := brokenLine(lines)
	problem := Problem{File: l.name, Line: line, Text: "not readable as YAML: " + message}
	if line > 0 {
		if hint := hintOn(message, string(lines[line-1])); hint != "" {
			problem.Text = "not readable as YAML: " + hint
		}
	}
	l.problems = append(l.problems, problem)
}

// longestConstruct is over how many lines a bracket or a quotation may be open before it counts
// as the mistake.
const longestConstruct = 40

// mostConstructs bounds how many open constructs are followed to their end.
const mostConstructs = 30

// brokenLine finds the line that makes the file unreadable, counted from 1: the first one such that
// the lines up to it cannot be parsed, nor any longer beginning of the file. 0 when there is none.
func brokenLine(lines [][]byte) int {
	good, high := 0, len(lines)
	for range mostConstructs {
		var low int
		low, high = good, len(lines)
		for high-low > 1 {
			if middle := (low + high) / 2; readable(lines[:middle]) {
				low = middle
			} else {
				high = middle
			}
		}
		good = 0
		// A bracket that is closed some lines further down is no mistake.
		for next := high + 1; next < len(lines) && next <= high+longestConstruct; next++ {
			if readable(lines[:next]) {
				good = next
				break
			}
		}
		if good == 0 {
			break
		}
	}
	return min(high, len(lines))
}

func readable(lines [][]byte) bool {
	var node yaml.Node
	return yaml.Unmarshal(bytes.Join(lines, nil), &node) == nil
}

// hintOn explains the parser's message about a line in plain words; empty when the message is
// plain enough.
func hintOn(message, line string) string {
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	switch {
	case strings.Contains(indent, "\t"):
		return "a tab at the start of the line; indent with spaces"
	case strings.Contains(message, "cannot start any token"):
		return `a value that starts with @, % or a backtick; put it in quotes`
	case strings.Contains(message, "unknown anchor"):
		return `a value that starts with *; put it in quotes`
	case strings.Contains(message, "mapping values are not allowed"):
		return "a second colon in a value, or a line that is indented too far; put a value with a colon in quotes"
	case strings.Contains(message, "did not find expected ',' or"):
		return "a bracket that is opened here, or a comma, is missing its other half"
	case strings.Contains(message, "unexpected end of stream"), strings.Contains(message, "unexpected document indicator"):
		return "a quotation mark that is opened here is not closed"
	case strings.Contains(message, "did not find expected"):
		return "the line is indented differently from its neighbours, or a dash or a colon is missing"
	case strings.Contains(message, "control characters"):
		return "a control character; is this a text file in UTF-8?"
	}
	return ""
}

// foreign reports a file that is no runbook at all, instead of reporting each of its keys as
// unknown.
func (l *layer) foreign() bool {
	if l.root == nil || l.root.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(l.root.Content); i += 2 {
		if key := l.root.Content[i]; key.Value == "apiVersion" {
			l.fail(key, "", fmt.Sprintf("found a Kubernetes object, want the runbook itself: what stands under %q of a ConfigMap", "data: runbook.yaml"))
			return true
		}
	}
	return false
}

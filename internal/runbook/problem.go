package runbook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a runbook file.
type Problem struct {
	// File is the name the file was read under; Line and Column count from 1 and are
	// 0 when the mistake is about the file as a whole.
	File   string
	Line   int
	Column int
	// Key is the dotted path of the setting, such as "scaleUp.lag.above"; empty when
	// the mistake is not about one.
	Key string
	// Text says what was found and what is allowed.
	Text string
}

// String is the problem as compilers print theirs: "runbook.yaml:12:5: scaleUp.cpu.above: …".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Column > 0 {
		fmt.Fprintf(&b, ":%d", p.Column)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems are all mistakes of one file in the order of its lines. It is the error
// that Parse and Load return for a file that could be read but not accepted.
type Problems []Problem

// maxProblems bounds how many mistakes are printed, so that a file of another kind
// does not fill the log.
const maxProblems = 100

// Error prints one problem per line.
func (ps Problems) Error() string {
	lines := make([]string, 0, len(ps))
	for i, p := range ps {
		if i == maxProblems {
			lines = append(lines, fmt.Sprintf("%s: and %d more", p.File, len(ps)-i))
			break
		}
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return ps
}

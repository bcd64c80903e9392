package runbook

import (
	_ "embed" // The default runbook is part of the program.
	"fmt"
	"io"
	"os"
)

//go:embed default.yaml
var defaultYAML []byte

const (
	defaultName   = "default.yaml"
	defaultOrigin = "embedded default"
)

// Default is the runbook built into the program.
func Default() *Book {
	book, problems := assemble(embedded())
	if len(problems) > 0 {
		// The default is part of the program, so a mistake in it is a bug.
		panic(problems.Error())
	}
	book.Origin = defaultOrigin
	return book
}

// Parse applies a team's file on top of the default. name precedes every line of the error, which
// is of type Problems and holds every mistake of the file.
func Parse(name string, data []byte) (*Book, error) {
	book, problems := assemble(embedded(), readLayer(name, data))
	if len(problems) > 0 {
		return nil, problems
	}
	book.Origin = name
	return book, nil
}

// Load reads a team's file as Parse does.
func Load(path string) (*Book, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the runbook: %w", err)
	}
	defer file.Close() //nolint:errcheck // Nothing was written.
	// One byte more than allowed is enough to see that the file is too large.
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the runbook: %w", err)
	}
	return Parse(path, data)
}

func embedded() *layer {
	l := readLayer(defaultName, defaultYAML)
	l.whole = true
	return l
}

// assemble applies files on top of each other. The settings shared by all components are read
// before the components, so that a team's change of them reaches the default's components too.
func assemble(layers ...*layer) (*Book, Problems) {
	book := &Book{namespaced: map[string]bool{}}
	shared := &common{}
	tops := make([]*section, 0, len(layers))
	for _, l := range layers {
		top := l.top()
		tops = append(tops, top)
		readHead(top, book)
		readCommon(top, shared)
		readPolicy(top, &book.Policy)
	}
	book.prefix = shared.prefix
	for _, top := range tops {
		readComponents(top, shared, book)
		top.end()
	}
	last := layers[len(layers)-1]
	checkPolicy(last, book.Policy)
	checkComponents(last, book)
	var problems Problems
	for _, l := range layers {
		problems = append(problems, l.problems.sorted()...)
	}
	return book, problems
}

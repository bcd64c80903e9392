package metrics

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// The formats of metrics pages. The Content-Type of the answer decides: some libraries always
// send OpenMetrics, whatever was requested.
const (
	textFormat  = "text/plain"
	openMetrics = "application/openmetrics-text"
	protobuf    = "application/vnd.google.protobuf"
)

// manySkipped is the number of unreadable lines of a page up to which each is retried on its own.
const manySkipped = 1000

// endOfPage ends the input of the OpenMetrics parser; for the text parser it is a comment.
var endOfPage = []byte("# EOF\n")

// grammar reads the lines of a page with Prometheus' own parsers. It skips and counts an
// unreadable line, where Prometheus rejects the whole page: a fault in another metric of the pod
// must not cost the bot the metrics it needs.
type grammar struct {
	format string
	table  *labels.SymbolTable
	// visit is called for each entry that was read.
	visit func(textparse.Parser, textparse.Entry)
	buf   []byte
	line  int
	// ended says that the page had "# EOF".
	ended   bool
	skipped skipped
}

// skipped counts lines that could not be read.
type skipped struct {
	lines int
	// first is the reason for the first of them: `line 7: invalid metric type "x"`.
	first string
}

func (s *skipped) add(lines int, why string) {
	if lines > 0 && s.lines == 0 {
		s.first = why
	}
	s.lines += lines
}

// formatOf is the format that a Content-Type names; without a known one it is the text format, as
// in Prometheus 2.
func formatOf(contentType string) (string, error) {
	media, _, err := mime.ParseMediaType(contentType)
	switch {
	case err == nil && media == openMetrics:
		return openMetrics, nil
	case err == nil && media == protobuf:
		return "", errors.New("serves its metrics as protobuf, where text was asked for")
	}
	return textFormat, nil
}

var errNUL = errors.New("a NUL byte")

// read parses whole lines. Nothing after "# EOF" is read.
func (g *grammar) read(piece []byte) {
	if g.ended {
		return
	}
	g.buf = append(append(g.buf[:0], piece...), endOfPage...)
	if n := len(piece); n > 0 && piece[n-1] != '\n' {
		g.buf = append(append(append(g.buf[:0], piece...), '\n'), endOfPage...)
	}
	rest := g.buf
	// The parsers end at a NUL byte, so lines are then parsed one by one.
	oneByOne := bytes.IndexByte(piece, 0) >= 0
	for len(rest) > len(endOfPage) && !g.ended {
		read, err := 0, errNUL
		if !oneByOne {
			read, err = g.parse(rest, g.format)
		}
		if err == nil {
			g.line += bytes.Count(rest, []byte("\n")) - 1
			return
		}
		var bad []byte
		bad, rest = g.cut(rest, read)
		g.alone(bad, err)
	}
}

// parse reads until the end or the first unreadable line; entries is how many non-blank lines
// came before it.
func (g *grammar) parse(text []byte, format string) (entries int, err error) {
	parser, err := textparse.New(text, format, g.table, textparse.ParserOptions{})
	if err != nil {
		return 0, fmt.Errorf("starting the parser: %w", err)
	}
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return entries, err
		}
		g.visit(parser, entry)
		entries++
	}
}

// cut returns the line after the given number of lines that are not blank, and what
// follows it.
func (g *grammar) cut(text []byte, entries int) (line, rest []byte) {
	for rest = text; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n') + 1
		line, rest = rest[:end], rest[end:]
		g.line++
		if g.format == textFormat && len(bytes.TrimLeft(line, " \t\n")) == 0 {
			continue // the text format allows blank lines, for which its parser returns no entry.
		}
		if entries--; entries < 0 {
			return line, rest
		}
	}
	return nil, nil
}

// alone reads one line that the page's own format does not allow: an exemplar in the text format,
// a comment in OpenMetrics, or a line with a Windows line ending.
func (g *grammar) alone(line []byte, why error) {
	text := bytes.TrimSpace(line)
	switch {
	case len(text) == 0:
		return
	case g.format == openMetrics && bytes.Equal(text, endOfPage[:len(endOfPage)-1]):
		g.ended = true
		return
	}
	if g.skipped.lines >= manySkipped {
		g.skipped.add(1, "")
		return
	}
	single := append(append(bytes.Clone(text), '\n'), endOfPage...)
	for _, format := range []string{g.format, textFormat, openMetrics} {
		if entries, err := g.parse(single, format); err == nil && entries > 0 {
			return
		}
	}
	g.skipped.add(1, fmt.Sprintf("line %d: %s", g.line, clip(why.Error())))
}

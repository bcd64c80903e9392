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

// The formats of metrics pages. The Content-Type decides which one a page has: some
// libraries write OpenMetrics only, whatever they were asked for.
const (
	textFormat  = "text/plain"
	openMetrics = "application/openmetrics-text"
	protobuf    = "application/vnd.google.protobuf"
)

// manySkipped is how many lines of a page that cannot be read are tried in other ways.
const manySkipped = 1000

// endOfPage closes what the OpenMetrics parser is given; to the other one it is a comment.
var endOfPage = []byte("# EOF\n")

// grammar reads the lines of a page with Prometheus' own parsers. A line that cannot be
// read is left out and counted, where Prometheus refuses the whole page: what other
// metrics a pod serves, and how well, is not the bot's affair.
type grammar struct {
	format string
	table  *labels.SymbolTable
	// visit is shown each thing that was read.
	visit func(textparse.Parser, textparse.Entry)
	buf   []byte
	line  int
	// ended says that the page said "# EOF".
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

// formatOf is the format that a Content-Type names; without a known one it is the text
// format, as Prometheus was told in its second version.
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

// read takes over whole lines. After "# EOF" nothing is read any more.
func (g *grammar) read(piece []byte) {
	if g.ended {
		return
	}
	g.buf = append(append(g.buf[:0], piece...), endOfPage...)
	if n := len(piece); n > 0 && piece[n-1] != '\n' {
		g.buf = append(append(append(g.buf[:0], piece...), '\n'), endOfPage...)
	}
	rest := g.buf
	// To the parsers a NUL byte is the end of the page, so that lines are read one by one.
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

// parse reads until the end or the first line that cannot be read; entries tells how many
// lines that were not blank came before it.
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
			continue // the text format allows blank lines, and its parser does not show them.
		}
		if entries--; entries < 0 {
			return line, rest
		}
	}
	return nil, nil
}

// alone reads one line that the page's own format does not allow: an exemplar in the text
// format, a comment in OpenMetrics, a line that ends as those of Windows do.
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

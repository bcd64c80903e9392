package metrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/scalebot/scalebot/internal/scale"
)

// page is what one pod exposes of the wanted metrics.
type page struct {
	reported [metricsOfPod]reported
	breaker  gauges
	// started is when the process began, in seconds of Unix time; zero when not told.
	started float64
	skipped skipped
}

// size is how many numbers of the page are remembered.
func (p page) size() int {
	n := 0
	for _, t := range p.reported {
		for _, s := range t.series {
			n += len(s.values) + seriesSize
		}
	}
	return n
}

// reader parses a page as it arrives. It stores only what the runbook names, so that its memory
// does not depend on what else a pod serves.
type reader struct {
	wanted  *wanted
	grammar grammar
	set     labels.Labels
	// read counts the samples that could be read, starts the start times.
	read, starts int
	started      float64
	// open says that the line being read is the last one and has no newline.
	open bool
}

// readPage reads a page of the given Content-Type. It never panics, whatever a pod serves.
// Its errors complete a sentence about the pod.
func readPage(ctx context.Context, body io.Reader, contentType string, c scale.Component) (page, error) {
	format, err := formatOf(contentType)
	if err != nil {
		return page{}, err
	}
	r := &reader{wanted: newWanted(c.Metrics)}
	r.grammar = grammar{format: format, table: labels.NewSymbolTable(), visit: r.visit}
	from := &lines{from: body}
	for {
		piece, open, err := from.next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return page{}, err
		}
		r.parse(piece, open)
	}
	r.grammar.skipped.add(from.tooLong, fmt.Sprintf("a line is longer than %d KiB", maxLine>>10))
	if skipped := r.grammar.skipped; r.read == 0 && skipped.lines > 0 {
		return page{}, errors.New("serves no readable metrics page: " + skipped.first)
	}
	return r.page(), nil
}

// parse reads whole lines. A last line without a newline is read too, and marked: the page may
// have been truncated in the middle of a number.
func (r *reader) parse(piece []byte, open bool) {
	if !open {
		r.grammar.read(piece)
		return
	}
	last := bytes.LastIndexByte(piece, '\n') + 1
	r.grammar.read(piece[:last])
	r.open = true
	r.grammar.read(piece[last:])
}

func (r *reader) visit(p textparse.Parser, entry textparse.Entry) {
	switch entry {
	case textparse.EntryHelp:
		r.read++
	case textparse.EntryType:
		r.read++
		name, typed := p.Type()
		for _, f := range r.wanted.declares[string(name)] {
			if !f.declared {
				f.declared, f.typed = true, typed
			}
		}
	case textparse.EntryUnit:
		name, unit := p.Unit()
		for _, f := range r.wanted.declares[string(name)] {
			f.unit = string(unit)
		}
	case textparse.EntrySeries:
		r.read++
		r.sample(p)
	case textparse.EntryComment, textparse.EntryHistogram, textparse.EntryInvalid:
	}
}

// sample stores one sample, if it is wanted.
func (r *reader) sample(p textparse.Parser) {
	text, _, value := p.Series()
	name, _, _ := bytes.Cut(text, []byte("{"))
	name = bytes.TrimSpace(name)
	quoted := len(name) == 0 // {"name",label="value"}, a form allowed for any name
	wants := r.wanted.byName[string(name)]
	if !quoted && len(wants) == 0 {
		r.start(string(name) == startTime, value)
		return
	}
	p.Labels(&r.set)
	if quoted {
		wants = r.wanted.byName[r.set.Get(model.MetricNameLabel)]
	}
	if len(wants) == 0 {
		return
	}
	if name, twice := r.set.HasDuplicateLabelNames(); twice {
		r.grammar.skipped.add(1, fmt.Sprintf("label %s is there twice in one sample", quotedClip(name)))
		return
	}
	set := r.set.WithoutEmpty()
	for _, w := range wants {
		if w.of.sample(w.part, set, value, r.open) {
			r.grammar.skipped.add(1, "a sample of "+w.of.metric.Name+" is there twice")
		}
	}
}

// start stores when the process began. A page of several processes has no start time.
func (r *reader) start(is bool, value float64) {
	if is {
		r.starts++
		r.started = value
	}
}

func (r *reader) page() page {
	w := r.wanted
	out := page{breaker: w.breaker.gauge(), skipped: r.grammar.skipped}
	for _, i := range []int{consumed, writes, errorCount} {
		out.reported[i] = w.counters[i].counter()
	}
	for _, i := range []int{latency, download} {
		out.reported[i] = w.durations[i].histogram()
	}
	out.reported[busy] = w.durations[latency].spent()
	if r.starts == 1 && !r.open && countable(r.started) {
		out.started = r.started
	}
	return out
}

func quotedClip(s string) string { return quoted(clip(s)) }

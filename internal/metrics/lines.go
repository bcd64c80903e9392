package metrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

const (
	// pieceSize is how much of a page is held at a time. maxLine is the longest line; a longer
	// one is skipped.
	pieceSize = 32 << 10
	maxLine   = 512 << 10
)

// lines reads a page in pieces of whole lines, so that the whole page is never in memory.
type lines struct {
	from io.Reader
	buf  []byte
	// held is how much of buf is filled, consumed how much of that was returned. read is how much
	// of the page was read in total, and ended says that there is no more.
	held, consumed, read int
	ended                bool
	// tooLong counts the lines that were skipped for their length.
	tooLong int
	// passing says that the rest of such a line is being skipped.
	passing bool
}

// errTooLarge is the error for a page above maxBody. It is not truncated, because counters
// missing at its end would look like counters that are gone.
var errTooLarge = fmt.Errorf("answered with more than %d MiB", maxBody>>20)

// next returns the next whole lines; open says that the last of them has no newline,
// because the page ends there. The piece is valid until the next call. At the end of the
// page the error is io.EOF.
func (l *lines) next(ctx context.Context) (piece []byte, open bool, err error) {
	if l.buf == nil {
		l.buf = make([]byte, pieceSize)
	}
	for {
		l.held, l.consumed = copy(l.buf, l.buf[l.consumed:l.held]), 0
		if err := l.fill(ctx); err != nil {
			return nil, false, err
		}
		if piece, open = l.cut(); len(piece) > 0 {
			return piece, open, nil
		}
		if l.ended {
			return nil, false, io.EOF
		}
	}
}

// fill reads until the buffer is full or the page ends.
func (l *lines) fill(ctx context.Context) error {
	for l.held < len(l.buf) && !l.ended {
		n, err := l.from.Read(l.buf[l.held:])
		l.held += n
		l.read += n
		switch {
		case l.read > maxBody:
			return errTooLarge
		case errors.Is(err, io.EOF):
			l.ended = true
		case err != nil:
			return err
		case ctx.Err() != nil: // a page that arrives slowly is ended by its deadline.
			return ctx.Err()
		}
	}
	return nil
}

// cut takes the whole lines off the front of the buffer.
func (l *lines) cut() (piece []byte, open bool) {
	end := bytes.LastIndexByte(l.buf[:l.held], '\n') + 1
	switch {
	case l.ended:
		end, open = l.held, end < l.held
	case end == 0:
		l.grow()
		return nil, false
	}
	piece, l.consumed = l.buf[:end], end
	if l.passing {
		after := bytes.IndexByte(piece, '\n') + 1
		if after == 0 {
			return nil, false
		}
		l.passing, piece = false, piece[after:]
	}
	return piece, open
}

// grow makes room for a long line, or begins to skip it.
func (l *lines) grow() {
	if len(l.buf) < maxLine {
		bigger := make([]byte, 2*len(l.buf))
		copy(bigger, l.buf[:l.held])
		l.buf = bigger
		return
	}
	if !l.passing {
		l.tooLong++
	}
	l.passing, l.held = true, 0
}

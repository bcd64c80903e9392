package metrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

const (
	// pieceSize is how much of a page is held at a time, and maxLine how long one line may
	// be; a longer one is passed over.
	pieceSize = 32 << 10
	maxLine   = 512 << 10
)

// lines hands out a page in pieces of whole lines, so that no page is ever held whole.
type lines struct {
	from io.Reader
	buf  []byte
	// held is how much of buf is filled and taken how much of that was handed out; read is
	// how much of the page was read in all, and ended that there is no more of it.
	held, consumed, read int
	ended                bool
	// tooLong counts the lines that were passed over for their length.
	tooLong int
	// passing says that the rest of such a line is being passed over.
	passing bool
}

// errTooLarge is what a page above maxBody ends with: it is not cut, because a page
// without its end reads as counters that are gone.
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
		case ctx.Err() != nil: // a page that drips is cut off by its deadline.
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

// grow makes room for a long line, or begins to pass it over.
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

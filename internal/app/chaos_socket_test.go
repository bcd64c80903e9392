package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"syscall"
)

// dialer opens connections that end with the line.
func (l *line) dialer(system string, dial func(ctx context.Context, network, address string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if l.alive.Err() != nil {
			return nil, l.gone(ctx)
		}
		switch l.take(system, "dial", false) {
		case refused, broken, failing:
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		case silent:
			<-ctx.Done()
			return nil, ctx.Err()
		default: // The other faults need a connection first.
		}
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		tied := &tied{Conn: conn, line: l, system: system}
		tied.untie = context.AfterFunc(l.alive, func() { _ = conn.Close() })
		if system == "socket" {
			return &frames{tied: tied, in: bufio.NewReaderSize(conn, 8<<10)}, nil
		}
		return tied, nil
	}
}

// tied is a connection over a line.
type tied struct {
	net.Conn
	line   *line
	system string
	untie  func() bool
}

func (t *tied) Close() error {
	t.untie()
	return t.Conn.Close()
}

// Write sends one request or frame, unless a fault is meant for it.
func (t *tied) Write(p []byte) (int, error) {
	switch t.line.take(t.system, "send", false) {
	case broken, failing, lost:
		_ = t.Close()
		return 0, errCut
	case silent, unanswered:
		return len(p), nil
	default: // The other faults are an answer's.
	}
	return t.Conn.Write(p)
}

// frames is a WebSocket connection whose envelopes may be lost or come twice, and whose
// acks may never arrive.
type frames struct {
	*tied
	in      *bufio.Reader
	out     bytes.Buffer
	greeted bool
}

const textFrame = 1

// Write implements net.Conn; the library writes one frame at a time.
func (f *frames) Write(p []byte) (int, error) {
	if f.greeted && len(p) > 0 && p[0]&0xf == textFrame && f.line.take("socket", "ack", false) == unacked {
		return len(p), nil
	}
	return f.Conn.Write(p)
}

// Read implements net.Conn.
func (f *frames) Read(p []byte) (int, error) {
	for f.out.Len() == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	return f.out.Read(p)
}

// next takes the answer to the handshake, or one frame, off the wire.
func (f *frames) next() error {
	if !f.greeted {
		line, err := f.in.ReadBytes('\n')
		f.out.Write(line)
		f.greeted = len(bytes.TrimSpace(line)) == 0 && err == nil
		return err
	}
	head := make([]byte, 2, 10)
	if _, err := io.ReadFull(f.in, head); err != nil {
		return err
	}
	size := uint64(head[1] & 0x7f)
	if more := map[uint64]int{126: 2, 127: 8}[size]; more > 0 {
		head = head[:2+more]
		if _, err := io.ReadFull(f.in, head[2:]); err != nil {
			return err
		}
		size = binary.BigEndian.Uint64(append(make([]byte, 8-more), head[2:]...))
	}
	payload := make([]byte, size)
	if _, err := io.ReadFull(f.in, payload); err != nil {
		return err
	}
	copies := 1
	if head[0]&0xf == textFrame && bytes.Contains(payload, []byte(`"envelope_id"`)) {
		switch f.line.take("socket", "envelope", false) {
		case lost:
			copies = 0
		case doubled:
			copies = 2
		default: // The other faults are the connection's.
		}
	}
	for range copies {
		f.out.Write(head)
		f.out.Write(payload)
	}
	return nil
}

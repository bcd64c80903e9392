package kubetest

import (
	"context"
	"errors"
	"net"
	"sync"
)

// Wire is a network in memory with one listener, for serving an [API] to real clients in a
// synctest bubble: a real socket would hold the bubble's clock still. Make one with NewWire.
type Wire struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// NewWire returns a network on which nobody listens yet.
func NewWire() *Wire { return &Wire{conns: make(chan net.Conn), done: make(chan struct{})} }

// Accept waits for a connection; net.ErrClosed after Close.
func (w *Wire) Accept() (net.Conn, error) {
	select {
	case conn := <-w.conns:
		return conn, nil
	case <-w.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and lets nobody connect any more. It may be called repeatedly.
func (w *Wire) Close() error { w.once.Do(func() { close(w.done) }); return nil }

// Addr is a name and no address: whatever is dialled arrives here.
func (w *Wire) Addr() net.Addr { return &net.UnixAddr{Name: "wire"} }

// Dial connects, as rest.Config's Dial; it waits until somebody accepts.
func (w *Wire) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case w.conns <- there:
		return here, nil
	case <-w.done:
		return nil, errors.New("nobody listens")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

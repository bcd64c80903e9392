// Package memnet is a network in memory for tests: a server and its real clients meet in a
// synctest bubble, whose clock a real socket would hold still.
package memnet

import (
	"context"
	"errors"
	"net"
	"sync"
)

// Network is a network with one listener. Make one with New.
type Network struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// New returns a network on which nobody listens yet.
func New() *Network { return &Network{conns: make(chan net.Conn), done: make(chan struct{})} }

// Accept waits for a connection; net.ErrClosed after Close.
func (n *Network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and lets nobody connect any more. It may be called repeatedly.
func (n *Network) Close() error { n.once.Do(func() { close(n.done) }); return nil }

// Addr is a name and no address: whatever is dialled arrives here.
func (n *Network) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// Dial connects, as the dialers of http.Transport, rest.Config and websocket do; it waits until somebody accepts.
func (n *Network) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case n.conns <- there:
		return here, nil
	case <-n.done:
		return nil, errors.New("nobody listens")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

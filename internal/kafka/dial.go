package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// dialer opens connections and distinguishes two failures: no connection, and a failed TLS
// handshake.
type dialer struct {
	open    func(ctx context.Context, network, address string) (net.Conn, error)
	tls     bool
	timeout time.Duration // shorter than a request's time limit, so that another broker can be tried
	// trouble is why the newest attempt failed; nil after a success. It is needed because a
	// request that times out while its connection is being opened reports only the time-out.
	trouble atomic.Pointer[dialTrouble]
}

type dialTrouble struct{ err error }

func newDialer(c Config) *dialer {
	return &dialer{open: c.Dialer, tls: c.TLS, timeout: c.Timeout / 2}
}

// dial is the dial function of the client library.
func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	conn, err := d.connect(limited, network, address)
	if err != nil && ctx.Err() == nil { // otherwise the caller's time was up, which says nothing about the broker
		d.trouble.Store(&dialTrouble{err})
	}
	if err != nil {
		return nil, err
	}
	d.trouble.Store(nil)
	return conn, nil
}

func (d *dialer) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.open(ctx, network, address)
	if err != nil {
		return nil, &dialError{address: address, cause: asDial(network, err)}
	}
	if !d.tls {
		return conn, nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	secured := tls.Client(conn, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12})
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, &tlsError{address: address, cause: err}
	}
	return secured, nil
}

// asDial wraps the error of any dialer so that the client library recognises a failed dial and
// tries the next broker.
func asDial(network string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		err = os.ErrDeadlineExceeded // this address's own time was up, not the caller's
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return err
	}
	return &net.OpError{Op: "dial", Net: network, Err: err}
}

// dialError is the error of a connection that could not be opened.
type dialError struct {
	address string
	cause   error
}

func (e *dialError) Error() string { return fmt.Sprintf("connecting to %s: %v", e.address, e.cause) }
func (e *dialError) Unwrap() error { return e.cause }

// tlsError is the error of a failed TLS handshake.
type tlsError struct {
	address string
	cause   error
}

func (e *tlsError) Error() string {
	return fmt.Sprintf("agreeing on TLS with %s: %v", e.address, e.cause)
}
func (e *tlsError) Unwrap() error { return e.cause }

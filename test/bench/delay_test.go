package bench

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// far dials brokers whose every answer arrives later by a round trip. Requests that are
// sent without waiting for each other are delayed together, as on a real network.
type far struct{ roundTrip time.Duration }

func (f far) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil || f.roundTrip == 0 {
		return conn, err
	}
	c := &farConn{Conn: conn, arrivals: make(chan arrival, 1024)}
	go c.receive(f.roundTrip)
	return c, nil
}

// Dial is what the sarama client asks a proxy for.
func (f far) Dial(network, address string) (net.Conn, error) {
	return f.DialContext(context.Background(), network, address)
}

type arrival struct {
	due  time.Time
	data []byte
}

type farConn struct {
	net.Conn
	arrivals chan arrival
	mu       sync.Mutex // guards rest
	rest     []byte
}

// receive ends with the connection.
func (c *farConn) receive(roundTrip time.Duration) {
	defer close(c.arrivals)
	for {
		buf := make([]byte, 64<<10)
		n, err := c.Conn.Read(buf)
		if n > 0 {
			c.arrivals <- arrival{time.Now().Add(roundTrip), buf[:n]}
		}
		if err != nil {
			return
		}
	}
}

func (c *farConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rest) == 0 {
		a, ok := <-c.arrivals
		if !ok {
			return 0, io.EOF
		}
		time.Sleep(time.Until(a.due))
		c.rest = a.data
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// SetReadDeadline does nothing: the connection underneath is read ahead, and a deadline
// of one request must not end it.
func (c *farConn) SetReadDeadline(time.Time) error { return nil }

// SetDeadline is for writing only, for the same reason.
func (c *farConn) SetDeadline(t time.Time) error { return c.SetWriteDeadline(t) }

package stage

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/demo"
)

// wire carries everything that a play sends, in memory. A real socket would hold the
// clock of a bubble still, because nobody can tell from within whether something is about
// to arrive on it.
type wire struct {
	kfake.VirtualNetwork
	ports atomic.Int64
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	return w.DialContext(ctx, network, address)
}

// listen chooses a free port for port 0, as TCP does.
func (w *wire) listen(network, address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if port == "0" {
		port = strconv.FormatInt(20_000+w.ports.Add(1), 10)
	}
	return w.Listen(network, net.JoinHostPort(host, port))
}

// network is the wire for every part of a play. Connections that are kept for another call
// end with the test, and nobody has to save bytes. Kafka has one broker: of three, which
// TestOverLoopback has, every consumer asks each, and computes for it.
func (w *wire) network(t *testing.T) network {
	client := func() *http.Client {
		way := &http.Transport{DialContext: w.dial, DisableCompression: true}
		t.Cleanup(way.CloseIdleConnections)
		return &http.Client{Transport: way}
	}
	return network{
		Listen: w.listen,
		Pods:   func(host string) (net.Listener, error) { return w.listen("tcp", net.JoinHostPort(host, "0")) },
		Kafka:  demo.KafkaNetwork{Listen: w.Listen, Dial: w.dial, Ports: []int{9101}},
		Bot:    app.Network{Slack: client(), SlackSocket: &websocket.Dialer{NetDialContext: w.dial}, Kafka: w.dial, Metrics: client()},
	}
}

package stage

import (
	"context"
	"net"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/demo"
)

// network is where the parts of a play listen and how they reach each other. The zero
// value is real loopback.
type network struct {
	// Listen opens what people and the bot talk to, and the bot's own face; nil means TCP.
	Listen func(network, address string) (net.Listener, error)
	// Pods and Kafka are the pretend world's, and Bot the bot's way out.
	Pods  func(host string) (net.Listener, error)
	Kafka demo.KafkaNetwork
	Bot   app.Network
}

func (n network) listen(ctx context.Context, address string) (net.Listener, error) {
	if n.Listen != nil {
		return n.Listen("tcp", address)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

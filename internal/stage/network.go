package stage

import (
	"context"
	"net"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/demo"
)

// network is where the parts listen and how they reach each other. The zero value is real
// loopback.
type network struct {
	// Listen opens the listeners for people and for the bot's endpoints; nil means TCP.
	Listen func(network, address string) (net.Listener, error)
	// Pods and Kafka are the networks of the simulated world; Bot is what the bot connects
	// through.
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

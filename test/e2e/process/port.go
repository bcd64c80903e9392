package process

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// Loopback is the address everything listens on.
const Loopback = "127.0.0.1"

// Ports are looked for below the range from which the kernel takes those of outgoing connections: one that is free now would else be taken by
// anybody's client before the server that it is meant for has started.
const (
	lowestPort  = 12_000
	highestPort = 32_000
	portTries   = 1_000
)

// FreePorts returns ports on loopback that nobody listened on a moment ago, all different.
func FreePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range portTries {
		if len(ports) == n {
			return ports, nil
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", Loopback, port))
		if err != nil {
			continue
		}
		// All listeners stay open until the last port is found, so that no port comes twice.
		defer l.Close()
		ports = append(ports, port)
	}
	return nil, errors.New("finding free ports: nearly all are taken")
}

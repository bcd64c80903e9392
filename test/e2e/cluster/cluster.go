package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/scalebot/scalebot/test/e2e/process"
)

// startTime is how long one component may take until it is ready; on two busy cores half a minute has been seen.
const startTime = 3 * time.Minute

// Cluster is a running Kubernetes.
type Cluster struct {
	dir     string
	binary  string
	ports   ports
	running []named
}

// named is a running component.
type named struct {
	name    string
	process *process.Process
}

// ports are where the components listen on loopback.
type ports struct{ etcd, etcdPeer, api, kwok, metrics int }

// Start starts a cluster that keeps its state and logs in dir, with nodes, and waits until it serves.
func Start(ctx context.Context, dir string) (*Cluster, error) {
	binary, err := Build()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("starting Kubernetes: %w", err)
	}
	free, err := process.FreePorts(5)
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, binary: binary, ports: ports{free[0], free[1], free[2], free[3], free[4]}}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) error {
	if err := makeCertificates(c.dir); err != nil {
		return err
	}
	for _, user := range []string{"admin", "kwok", "metrics-server", "kube-controller-manager", "kube-scheduler"} {
		if _, err := c.writeKubeconfig(user, c.certificate(user)); err != nil {
			return err
		}
	}
	if err := c.startAndWait(ctx, "etcd", c.etcdFlags(), c.etcdHealthy); err != nil {
		return err
	}
	if err := c.startAndWait(ctx, "kube-apiserver", c.apiServerFlags(), c.apiServerReady); err != nil {
		return err
	}
	for name, flags := range map[string][]string{"kube-controller-manager": c.controllerManagerFlags(), "kube-scheduler": c.schedulerFlags()} {
		if err := c.run(name, flags); err != nil {
			return err
		}
	}
	return c.furnish(ctx)
}

// Server is the address of the API server.
func (c *Cluster) Server() string { return fmt.Sprintf("https://%s:%d", process.Loopback, c.ports.api) }

// Kubeconfig is the path of the administrator's kubeconfig.
func (c *Cluster) Kubeconfig() string { return c.file("admin.kubeconfig") }

// StopAPIServer ends the API server as a crash does; StartAPIServer brings it back at the same address, with the same state.
func (c *Cluster) StopAPIServer() {
	i := slices.IndexFunc(c.running, func(n named) bool { return n.name == "kube-apiserver" })
	c.running[i].process.Kill()
	c.running = slices.Delete(c.running, i, i+1)
}

// StartAPIServer starts the API server and waits until it serves.
func (c *Cluster) StartAPIServer(ctx context.Context) error {
	return c.startAndWait(ctx, "kube-apiserver", c.apiServerFlags(), c.apiServerReady)
}

// Stop ends everything at once: the state is thrown away, and an API server that is asked to end well waits minutes for an etcd that is gone.
func (c *Cluster) Stop() error {
	for _, n := range c.running {
		n.process.Kill()
	}
	c.running = nil
	return nil
}

func (c *Cluster) run(name string, flags []string) error {
	p, err := process.Start(process.Spec{Name: name, Path: c.binary, Args: append([]string{name}, flags...), Log: c.file(name + ".log")})
	if err != nil {
		return err
	}
	c.running = append(c.running, named{name, p})
	return nil
}

func (c *Cluster) startAndWait(ctx context.Context, name string, flags []string, ready func(ctx context.Context) error) error {
	if err := c.run(name, flags); err != nil {
		return err
	}
	return c.running[len(c.running)-1].process.Until(ctx, startTime, ready)
}

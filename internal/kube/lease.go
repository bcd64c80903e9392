package kube

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// The timing of the lease: a leader that was killed is replaced within about 20 s.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 2 * time.Second
)

// Lease elects one replica. client-go says itself that its election does not fence: a
// paused leader may wake and believe that it still leads. So Leading also needs a
// renewal that is younger than the lease, by this process's own clock, and every
// effect is a conditional write besides.
type Lease struct {
	client    kubernetes.Interface
	namespace string
	log       *slog.Logger
	leading   atomic.Bool
	elector   atomic.Pointer[leaderelection.LeaderElector]
}

// NewLease returns a candidate; Run makes it stand.
func NewLease(client kubernetes.Interface, namespace string, log *slog.Logger) *Lease {
	return &Lease{client: client, namespace: namespace, log: log}
}

// Leading reports whether this replica may act now.
func (l *Lease) Leading() bool {
	elector := l.elector.Load()
	return l.leading.Load() && elector != nil && elector.Check(0) == nil
}

// Run stands for election until the context ends, and gives the lease back then.
func (l *Lease) Run(ctx context.Context) error {
	identity, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("naming this replica: %w", err)
	}
	identity = fmt.Sprintf("%s-%d", identity, os.Getpid())
	for ctx.Err() == nil {
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock: &resourcelock.LeaseLock{
				LeaseMeta: metav1.ObjectMeta{Name: "scalebot", Namespace: l.namespace}, Client: l.client.CoordinationV1(),
				LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
			},
			LeaseDuration: leaseDuration, RenewDeadline: renewDeadline, RetryPeriod: retryPeriod, ReleaseOnCancel: true, Name: "scalebot",
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) { l.leading.Store(true); l.log.Info("leading", "identity", identity) },
				OnStoppedLeading: func() { l.leading.Store(false); l.log.Info("not leading", "identity", identity) },
			},
		})
		if err != nil {
			return fmt.Errorf("setting up the election: %w", err)
		}
		l.elector.Store(elector)
		elector.Run(ctx)
	}
	return nil
}

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

// The timing of the lease. A leader that was killed is replaced within about 20 s. A leader that
// cannot renew stops acting renewDeadline after it sent its last successful renewal, which is
// before another replica may take the lease.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 12 * time.Second
	retryPeriod   = 2 * time.Second
	// renewEvery is how often a leader writes the lease. The election alone would write it every
	// retryPeriod, which is most of the load of an idle bot on the API server. Candidates, and a
	// leader whose renewal has failed, keep to retryPeriod.
	renewEvery = 6 * time.Second
	// leaseCall is the deadline of one call. The election sets none while it tries to take the
	// lease, and two calls must fit between the time a renewal is due and renewDeadline.
	leaseCall = (renewDeadline - renewEvery) / 2
)

// Lease elects one replica. client-go's election does not fence, as its documentation says: a
// paused leader may wake up and believe that it still leads. So Leading does not ask the
// election; it checks how long ago this process sent a renewal that the API server accepted. In
// addition, every effect is a conditional write.
type Lease struct {
	client    kubernetes.Interface
	namespace string
	identity  string
	log       *slog.Logger
	fence     fence
}

// NewLease returns a candidate; Run starts its candidacy.
func NewLease(client kubernetes.Interface, namespace string, log *slog.Logger) *Lease {
	return &Lease{client: client, namespace: namespace, log: log}
}

// As names the candidate; empty means host and process.
func (l *Lease) As(identity string) *Lease {
	l.identity = identity
	return l
}

// Leading reports whether this replica may act now.
func (l *Lease) Leading() bool { return l.fence.holds(time.Now()) }

// Run stands for election until the context ends, and then releases the lease.
func (l *Lease) Run(ctx context.Context) error {
	config, err := l.election()
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		elector, err := leaderelection.NewLeaderElector(config)
		if err != nil {
			return fmt.Errorf("setting up the election: %w", err)
		}
		elector.Run(ctx)
	}
	return nil
}

func (l *Lease) election() (leaderelection.LeaderElectionConfig, error) {
	if l.identity == "" {
		host, err := os.Hostname()
		if err != nil {
			return leaderelection.LeaderElectionConfig{}, fmt.Errorf("naming this replica: %w", err)
		}
		l.identity = fmt.Sprintf("%s-%d", host, os.Getpid())
	}
	lock := &resourcelock.LeaseLock{
		LeaseMeta: metav1.ObjectMeta{Name: "scalebot", Namespace: l.namespace}, Client: l.client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: l.identity},
	}
	return leaderelection.LeaderElectionConfig{
		Name: "scalebot", Lock: fencedLock{lock, &l.fence}, ReleaseOnCancel: true,
		LeaseDuration: leaseDuration, RenewDeadline: renewDeadline, RetryPeriod: retryPeriod,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { l.log.Info("leading", "identity", l.identity) },
			OnStoppedLeading: func() { l.log.Info("not leading", "identity", l.identity) },
		},
	}, nil
}

// fence remembers when the last successful renewal was sent; nil when this process does not hold
// the lease.
type fence struct{ renewed atomic.Pointer[time.Time] }

func (f *fence) holds(now time.Time) bool {
	at := f.renewed.Load()
	return at != nil && now.Sub(*at) < renewDeadline
}

// young reports whether the last successful renewal is recent enough to skip the next one. The
// election may ask slightly early or late, so a renewal that is nearly due counts as due.
func (f *fence) young(now time.Time) bool {
	at := f.renewed.Load()
	return at != nil && now.Sub(*at) < renewEvery-retryPeriod/4
}

// fencedLock is a lease lock that updates a fence. It counts from when a renewal was sent, not
// from when it was answered, because other replicas count from when it was stored.
type fencedLock struct {
	resourcelock.Interface
	fence *fence
}

// Get reads the record and clears the fence when another replica holds the lease.
func (l fencedLock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, leaseCall)
	defer cancel()
	record, raw, err := l.Interface.Get(ctx)
	if err == nil && record.HolderIdentity != l.Identity() {
		l.fence.renewed.Store(nil)
	}
	return record, raw, err
}

// Create takes a lease that does not exist yet.
func (l fencedLock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.holding(ctx, record, l.Interface.Create)
}

// Update takes, renews or releases the lease. It does not send a renewal that is not due yet: the
// lease counts from the last renewal that was sent.
func (l fencedLock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if record.HolderIdentity == l.Identity() && l.fence.young(time.Now()) {
		return nil
	}
	return l.holding(ctx, record, l.Interface.Update)
}

// holding writes the record. To release the lease it clears the fence first, so that two replicas
// never lead at once.
func (l fencedLock) holding(ctx context.Context, record resourcelock.LeaderElectionRecord, write func(context.Context, resourcelock.LeaderElectionRecord) error) error {
	ctx, cancel := context.WithTimeout(ctx, leaseCall)
	defer cancel()
	sent := time.Now()
	mine := record.HolderIdentity == l.Identity()
	if !mine {
		l.fence.renewed.Store(nil)
	}
	err := write(ctx, record)
	if err == nil && mine {
		l.fence.renewed.Store(&sent)
	}
	return err
}

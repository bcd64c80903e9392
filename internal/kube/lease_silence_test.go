package kube

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// silentLock is an API server that takes requests and never answers.
type silentLock struct{ resourcelock.Interface }

func (silentLock) Identity() string { return "a" }

func (silentLock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	<-ctx.Done()
	return nil, nil, ctx.Err()
}

func (silentLock) Create(ctx context.Context, _ resourcelock.LeaderElectionRecord) error {
	<-ctx.Done()
	return ctx.Err()
}

func (silentLock) Update(ctx context.Context, _ resourcelock.LeaderElectionRecord) error {
	<-ctx.Done()
	return ctx.Err()
}

// client-go's election gives its calls no deadline while it stands for the lead: one that
// is never answered would keep this replica from leading for ever (found by chaos). Two
// of them fit into the time a leader has to renew.
func TestALeaseCallThatIsNeverAnsweredEnds(t *testing.T) {
	mine := resourcelock.LeaderElectionRecord{HolderIdentity: "a"}
	calls := map[string]func(context.Context, fencedLock) error{
		"get":    func(ctx context.Context, l fencedLock) error { _, _, err := l.Get(ctx); return err },
		"create": func(ctx context.Context, l fencedLock) error { return l.Create(ctx, mine) },
		"update": func(ctx context.Context, l fencedLock) error { return l.Update(ctx, mine) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, ended := time.Now(), make(chan error, 1)
				f := new(fence)
				go func() { ended <- call(t.Context(), fencedLock{silentLock{}, f}) }()
				select {
				case err := <-ended:
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %v, want that time was up", err)
					}
				case <-time.After(time.Hour):
					t.Fatal("still waiting after an hour")
				}
				if took := time.Since(began); took > renewDeadline/2 {
					t.Errorf("it took %v, want at most %v", took, renewDeadline/2)
				}
				if f.holds(time.Now()) {
					t.Error("a call without an answer counts as a renewal")
				}
			})
		})
	}
}

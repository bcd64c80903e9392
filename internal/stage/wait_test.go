package stage

import (
	"context"
	"errors"
	"testing"
)

// Whoever waits is told when a part fails, although the page is still being served.
func TestAFailureEndsTheWaiting(t *testing.T) {
	s, err := StartEmulator(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	failure := errors.New("a part of it fails")
	s.group.Go(func() error { return failure })
	if err := s.Wait(t.Context()); !errors.Is(err, failure) {
		t.Errorf("waiting: got %v, want %v", err, failure)
	}
}

// A stop is no failure, whichever of the two is seen first: the context that is waited with,
// or what runs under it.
func TestAStopEndsTheWaiting(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s, err := StartEmulator(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stop()
	for range 50 {
		if err := s.Wait(ctx); err != nil {
			t.Fatalf("waiting: got %v, want nothing", err)
		}
	}
}

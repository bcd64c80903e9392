package sampler

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// Config says what a sampler reads from, for which components, and by which clock.
type Config struct {
	Book    *runbook.Book
	Policy  scale.Policy
	Kafka   Kafka
	Cluster Cluster
	Metrics Metrics
	// SignalsAtOnce is of how many components the workers' signals are read at the same time.
	SignalsAtOnce int
	Clock         pace.Clock
	Log           *slog.Logger
}

// LongestWindow is how much history the rules need. It includes the point before the window,
// because a window counts as filled from the first point at or before its beginning.
func (f *Config) LongestWindow() time.Duration {
	return max(judge.LongestWindow(f.Policy), FineSpan) + f.Policy.Times.Gap
}

// Survive has to be deferred. It keeps a panic in the work for one component from ending the work
// for all others.
func (f *Config) Survive(ctx context.Context, doing string) {
	if p := recover(); p != nil {
		f.Log.ErrorContext(ctx, "panic", "doing", doing, "panic", p, "stack", string(debug.Stack()))
	}
}

// Package pace is the bot's clock: the wall clock, or the wall clock running N times faster.
//
// The demo plays the runbook's hour in a minute. Dividing every limit and rate of the runbook
// would also change every number that people read. So the demo runs a faster clock instead: five
// minutes stay "5 min" on the card and 100 msg/s stay 100 msg/s; only the waiting is shorter.
// Tests need no fake clock: they run the real one inside a testing/synctest bubble.
package pace

import (
	"context"
	"time"
)

// Clock tells the time and waits. The zero value is the wall clock. A Clock is a
// value: copy it freely.
type Clock struct {
	epoch time.Time
	speed float64
	ahead time.Duration
}

// New returns a clock that starts at the present moment and runs speed times
// faster than the wall. A speed of zero, one or less gives the wall clock.
func New(speed float64) Clock {
	if speed <= 1 {
		return Clock{}
	}
	return Clock{epoch: time.Now(), speed: speed}
}

// Ahead returns the clock set forward by d, or back by a negative d. Tests of several machines
// use it, because their clocks never agree.
func (c Clock) Ahead(d time.Duration) Clock {
	c.ahead += d
	return c
}

// Speed says how many seconds of this clock pass in one second of the wall.
func (c Clock) Speed() float64 {
	if c.speed <= 1 {
		return 1
	}
	return c.speed
}

// Now is the present moment on this clock.
func (c Clock) Now() time.Time {
	now := time.Now()
	if c.speed > 1 {
		now = c.epoch.Add(time.Duration(float64(now.Sub(c.epoch)) * c.speed))
	}
	return now.Add(c.ahead)
}

// Since is the time on this clock that has passed after t.
func (c Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// Wall converts a duration on this clock into the wall time it takes.
func (c Clock) Wall(d time.Duration) time.Duration {
	if c.speed <= 1 {
		return d
	}
	return time.Duration(float64(d) / c.speed)
}

// AtLeast is a duration on this clock that takes at least the given wall time. People, servers
// and networks do not get faster when this clock does.
func (c Clock) AtLeast(d, wall time.Duration) time.Duration {
	return max(d, time.Duration(float64(wall)*c.Speed()))
}

// NewTimer returns a timer that fires once d has passed on this clock.
func (c Clock) NewTimer(d time.Duration) *time.Timer { return time.NewTimer(c.Wall(d)) }

// NewTicker returns a ticker that fires every d on this clock, though never more
// often than every floor of wall time, so that a fast clock cannot turn a sampling
// interval into a busy loop.
func (c Clock) NewTicker(d, floor time.Duration) *time.Ticker {
	return time.NewTicker(max(c.Wall(d), floor, time.Millisecond))
}

// Sleep waits until d has passed on this clock, or returns the context's error.
func (c Clock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := c.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

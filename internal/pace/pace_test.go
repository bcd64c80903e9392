package pace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
)

func TestAFastClockPlaysAnHourInAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock, wall := pace.New(60), time.Now()
		start := clock.Now()
		if err := clock.Sleep(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(wall); got != time.Minute {
			t.Errorf("an hour took %v of wall time, want 1m", got)
		}
		if got := clock.Since(start); got != time.Hour {
			t.Errorf("the clock moved %v, want 1h", got)
		}
	})
}

func TestTheZeroClockIsTheWall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock pace.Clock
		if got, want := clock.Now(), time.Now(); !got.Equal(want) {
			t.Errorf("now = %v, want %v", got, want)
		}
		if got := clock.Wall(time.Minute); got != time.Minute {
			t.Errorf("a minute takes %v, want 1m", got)
		}
		if got := pace.New(0.5).Speed(); got != 1 {
			t.Errorf("a clock slower than the wall runs at %v, want 1", got)
		}
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := pace.New(2).Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v, want deadline exceeded", err)
		}
	})
}

func TestATickerNeverRunsFasterThanItsFloor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := pace.New(1000).NewTicker(time.Second, 200*time.Millisecond)
		defer ticker.Stop()
		start := time.Now()
		<-ticker.C
		if got := time.Since(start); got != 200*time.Millisecond {
			t.Errorf("first tick after %v, want 200ms", got)
		}
	})
}

// Two machines never agree on the time; a clock that is off still counts durations right.
func TestAClockMayBeOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, clock := range []pace.Clock{{}, pace.New(60)} {
			ahead, behind := clock.Ahead(3*time.Second), clock.Ahead(time.Second).Ahead(-3*time.Second)
			if got := ahead.Now().Sub(clock.Now()); got != 3*time.Second {
				t.Errorf("ahead by %v, want 3s", got)
			}
			if got := behind.Now().Sub(clock.Now()); got != -2*time.Second {
				t.Errorf("ahead by %v, want -2s", got)
			}
			began := ahead.Now()
			if err := ahead.Sleep(t.Context(), time.Minute); err != nil || ahead.Since(began) != time.Minute {
				t.Errorf("a minute took %v (%v)", ahead.Since(began), err)
			}
		}
	})
}

func TestALimitOfWallTimeHoldsOnAFastClock(t *testing.T) {
	for speed, want := range map[float64]time.Duration{1: 2 * time.Minute, 60: 20 * time.Minute} {
		if got := pace.New(speed).AtLeast(2*time.Minute, 20*time.Second); got != want {
			t.Errorf("at speed %v: got %v, want %v", speed, got, want)
		}
	}
}

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

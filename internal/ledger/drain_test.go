package ledger

import (
	"testing"
	"time"
)

// A drain of less than a second is not "about under" anything.
func TestAShortDrainReadsWell(t *testing.T) {
	for high, want := range map[time.Duration]string{400 * time.Millisecond: "at most 1 s", 5 * time.Second: "at most 5 s"} {
		if got := (Drain{Expected: 200 * time.Millisecond, High: high}).Words(false, false); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// An interval is told as two ends that differ, and one without use is called uncertain.
func TestAnIntervalIsNoPointAndAUselessOneIsUncertain(t *testing.T) {
	for _, tt := range []struct {
		drain        Drain
		slim, rising bool
		want         string
	}{
		{Drain{Low: 97 * time.Minute, Expected: 97 * time.Minute, High: 97 * time.Minute}, false, false, "about 1 h 37 min"},
		{Drain{Low: 97 * time.Minute, Expected: 97 * time.Minute, High: 97 * time.Minute}, true, false, "slow and uncertain: about 1 h 37 min"},
		{Drain{Low: 97 * time.Minute, Expected: 97 * time.Minute, MayNot: true}, false, true, "about 1 h 37 min by what the workers manage, but that is uncertain: lag rises now"},
		{Drain{Low: 7 * time.Second, Expected: 13 * time.Second, High: 16 * time.Minute}, false, false, "between 7 s and 16 min, which is uncertain"},
		{Drain{Low: 7 * time.Second, Expected: 13 * time.Second, High: 60 * time.Second}, false, false, "about 13 s (7 s to 60 s)"},
		{Drain{Low: 7 * time.Second, Expected: 13 * time.Second, MayNot: true}, false, false, "about 13 s, but that is uncertain: it may not drain"},
	} {
		if got := tt.drain.Words(tt.slim, tt.rising); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

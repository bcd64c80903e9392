package kafka_test

import (
	"testing"

	"github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
)

func TestLagOfAPosition(t *testing.T) {
	const none = kafka.None
	for _, tt := range []struct {
		name      string
		at        kafka.Position
		reset     scale.Reset
		lag, lost int64
		flag      scale.LagFlag
	}{
		{"normal", kafka.Position{80, 10, 100}, scale.ResetEarliest, 20, 0, scale.LagOK},
		{"caught up", kafka.Position{100, 10, 100}, scale.ResetEarliest, 0, 0, scale.LagOK},
		{"commit ahead of the end", kafka.Position{120, 0, 100}, scale.ResetEarliest, 0, 0, scale.LagAhead},
		{"retention passed the commit", kafka.Position{5, 90, 100}, scale.ResetEarliest, 10, 85, scale.LagLost},
		{"emptied topic", kafka.Position{5, 100, 100}, scale.ResetEarliest, 0, 95, scale.LagLost},
		{"no commit, earliest", kafka.Position{none, 10, 30}, scale.ResetEarliest, 20, 0, scale.LagUncommitted},
		{"no commit, latest", kafka.Position{none, 10, 30}, scale.ResetLatest, 0, 0, scale.LagUncounted},
		{"no commit, policy unknown", kafka.Position{none, 10, 30}, scale.ResetUnknown, 0, 0, scale.LagUncounted},
		{"no commit, start not read", kafka.Position{none, none, 30}, scale.ResetEarliest, 0, 0, scale.LagUnknown},
		{"end not read", kafka.Position{80, 10, none}, scale.ResetEarliest, 0, 0, scale.LagUnknown},
		{"start not read", kafka.Position{80, none, 100}, scale.ResetEarliest, 20, 0, scale.LagOK},
		{"last stable offset below the start", kafka.Position{none, 40, 30}, scale.ResetEarliest, 0, 0, scale.LagUncommitted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.at.Lag(tt.reset)
			if got.Lag != tt.lag || got.Lost != tt.lost || got.Flag != tt.flag {
				t.Errorf("got lag %d lost %d flag %q, want %d %d %q", got.Lag, got.Lost, got.Flag, tt.lag, tt.lost, tt.flag)
			}
			if (got.Flag == scale.LagUnknown) != (got.Err != "") {
				t.Errorf("flag %q with reason %q; exactly the unknown have one", got.Flag, got.Err)
			}
			if got.Arrival >= 0 || got.Consumption >= 0 {
				t.Errorf("rates are %v and %v, want unknown", got.Arrival, got.Consumption)
			}
		})
	}
}

// FuzzLag holds the promise that no offsets, however odd, make a negative lag, and
// that a lag never exceeds what can be read.
func FuzzLag(f *testing.F) {
	f.Add(int64(80), int64(10), int64(100), "earliest")
	f.Add(int64(-1), int64(-1), int64(-1), "latest")
	f.Add(int64(5), int64(90), int64(100), "")
	f.Fuzz(func(t *testing.T, committed, start, end int64, reset string) {
		if committed < kafka.None || start < kafka.None || end < kafka.None {
			return // not an offset
		}
		got := kafka.Position{Committed: committed, Start: start, End: end}.Lag(scale.Reset(reset))
		if got.Lag < 0 || got.Lost < 0 || got.Lag > max(0, end) {
			t.Errorf("lag %d, lost %d at commit %d, start %d, end %d", got.Lag, got.Lost, committed, start, end)
		}
	})
}

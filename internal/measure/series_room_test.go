package measure

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// A full series takes no more memory than it keeps points: there are two for each component of a
// fleet, for good.
func TestAFullSeriesHasNoRoomLeft(t *testing.T) {
	for _, limit := range []int{1, 5, 8, 241, 375} {
		s := NewSeries(limit)
		for i := range limit + 3 {
			s.Add(scale.Point{At: scaletest.Start.Add(time.Duration(i) * time.Second), Lag: float64(i)})
			if i < limit && s.Len() != i+1 {
				t.Fatalf("%d points after %d of at most %d", s.Len(), i+1, limit)
			}
		}
		if s.Len() != limit || s.Index(0).Lag != 3 || s.Last().Lag != float64(limit+2) {
			t.Errorf("limit %d: got %d points from %v to %v", limit, s.Len(), s.Index(0).Lag, s.Last().Lag)
		}
		if cap(s.points) != limit {
			t.Errorf("room for %d points, and %d are kept", cap(s.points), limit)
		}
	}
}

// What is taken from a part of a series is what lies in that part, also where the oldest points
// have been written over.
func TestPartsOfASeries(t *testing.T) {
	s := NewSeries(10)
	at := func(i int) time.Time { return scaletest.Start.Add(time.Duration(i) * time.Second) }
	for i := range 14 {
		s.Add(scale.Point{At: at(i), Lag: float64(i)})
	}
	for _, tt := range []struct{ from, until, first, many int }{{0, 20, 4, 10}, {4, 5, 4, 1}, {5, 9, 5, 4}, {13, 13, 0, 0}, {9, 5, 0, 0}, {14, 20, 0, 0}, {0, 4, 0, 0}} {
		got := s.AppendBetween([]scale.Point{{Lag: -1}}, at(tt.from), at(tt.until))
		if len(got) != tt.many+1 || got[0].Lag != -1 || tt.many > 0 && (got[1].Lag != float64(tt.first) || !got[1].At.Equal(at(tt.first))) {
			t.Errorf("from %d until %d: got %+v", tt.from, tt.until, got)
		}
	}
	if got := s.AppendSince(nil, at(6)); len(got) != 8 || len(s.Since(at(6))) != 8 {
		t.Errorf("got %d points since the 6th, want 8", len(got))
	}
}

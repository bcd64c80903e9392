package sampler

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// ageOf plays looks at one partition, [seconds, end, commit] each, and returns the
// partition as the last one shows it.
func ageOf(looks ...[3]int64) scale.PartitionLag {
	var rates partitionRates
	var p scale.PartitionLag
	begin := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, l := range looks {
		p = scale.PartitionLag{Topic: "t", Partition: 7, End: l[1], Committed: l[2], Lag: max(0, l[1]-max(0, l[2]))}
		lag := scale.SumLag([]scale.PartitionLag{p}, nil)
		rates.fill(&lag, begin.Add(time.Duration(l[0])*time.Second))
		p = lag.Partitions[0]
	}
	return p
}

// Decision B.3: the age of the oldest unread message is read off the moments at which
// the end passed the commit.
func TestTheOldestUnreadMessageHasAnAge(t *testing.T) {
	for name, c := range map[string]struct {
		looks   [][3]int64
		want    time.Duration
		atLeast bool
	}{
		"nothing waits": {[][3]int64{{0, 100, 100}, {60, 400, 400}}, 0, false},
		"the end passed the commit between two looks":     {[][3]int64{{0, 100, 100}, {60, 700, 400}}, 30 * time.Second, false},
		"the end passed it long ago":                      {[][3]int64{{0, 0, 0}, {15, 100, 0}, {30, 200, 50}, {90, 200, 150}}, 68 * time.Second, false},
		"it waited before anybody looked":                 {[][3]int64{{0, 500, 100}, {120, 900, 200}}, 120 * time.Second, true},
		"one look says nothing but that it waits":         {[][3]int64{{0, 500, 100}}, 0, false},
		"a quiet topic: since the message came":           {[][3]int64{{0, 100, 100}, {60, 100, 100}, {3600, 100, 100}, {3615, 101, 100}, {3645, 101, 100}}, 45 * time.Second, false},
		"a topic made anew forgets the old one":           {[][3]int64{{0, 900, 100}, {60, 20, 5}, {120, 40, 30}}, 30 * time.Second, false},
		"nobody has committed: from the start":            {[][3]int64{{0, 0, -1}, {15, 30, -1}, {75, 60, -1}}, 75 * time.Second, false},
		"a commit beyond the end waits for nothing":       {[][3]int64{{0, 100, 300}, {60, 120, 300}}, 0, false},
		"two looks at the same moment count as one, once": {[][3]int64{{0, 0, 0}, {60, 600, 300}, {60, 600, 300}}, 30 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := ageOf(c.looks...)
			if got.Oldest.Round(time.Second) != c.want || got.OldestAtLeast != c.atLeast {
				t.Errorf("got %v (at least: %v), want %v (%v)", got.Oldest, got.OldestAtLeast, c.want, c.atLeast)
			}
		})
	}
}

// The memory of a partition is bounded, and still reaches back for hours: a message that
// has waited for five hours is told to be that old, within an eighth.
func TestAgesReachBackForHoursWithFewPoints(t *testing.T) {
	var track endTrack
	begin := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	now := begin
	// Arrivals come and go by the hour, so that a straight line would be wrong.
	var ends []int64
	end := int64(0)
	for i := range int64(10 * 3600 / 15) {
		now = begin.Add(time.Duration(i) * 15 * time.Second)
		end += 50 + 200*(i/240%2)
		ends = append(ends, end)
		track.see(now, end, 0)
		if n := len(track.ends); n > mostEnds {
			t.Fatalf("got %d remembered ends after %v, want %d at most", n, now.Sub(begin), mostEnds)
		}
	}
	for _, want := range []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 5 * time.Hour} {
		i := int64(now.Add(-want).Sub(begin) / (15 * time.Second))
		got, atLeast := track.age(now, scale.PartitionLag{Lag: 1, Committed: ends[i]})
		if off := (got - want).Abs(); off > max(want/8, 15*time.Second) || atLeast {
			t.Errorf("got %v (at least: %v) for a message that is %v old", got, atLeast, want)
		}
	}
	if got, atLeast := track.age(now, scale.PartitionLag{Lag: 1, Committed: 0}); !atLeast || got < 4*time.Hour {
		t.Errorf("got %v (at least: %v) for a message older than is remembered, want at least hours", got, atLeast)
	}
}

// Decision B.1: how often commits move is told only where sampling can see it.
func TestHowOftenCommitsMove(t *testing.T) {
	var fast, slow endTrack
	fast.commit, slow.commit = -1, -1
	begin := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for i := range int64(40) {
		at := begin.Add(time.Duration(i) * 15 * time.Second)
		fast.see(at, 100*i, 90*i)
		slow.see(at, 100*i, 200*(i/2))
	}
	if got := fast.commitEvery(); got != 0 {
		t.Errorf("got %v for commits that every sample sees moved, want 0: they may be more frequent", got)
	}
	if got := slow.commitEvery(); got != 30*time.Second {
		t.Errorf("got %v for commits at every other sample, want 30s", got)
	}
}

// Decision B.2: for how long a commit has not moved is counted from the look that saw it move.
func TestForHowLongACommitStandsStill(t *testing.T) {
	for _, c := range []struct {
		looks [][3]int64
		want  time.Duration
	}{
		{[][3]int64{{0, 100, 50}}, 0},
		{[][3]int64{{0, 100, 50}, {15, 200, 60}}, 0},
		{[][3]int64{{0, 100, 50}, {15, 200, 60}, {30, 300, 60}}, 15 * time.Second},
		{[][3]int64{{0, 100, 60}, {15, 200, 60}, {600, 300, 60}}, 10 * time.Minute},
		{[][3]int64{{0, 100, 60}, {300, 200, 60}, {315, 300, 40}}, 0},
		{[][3]int64{{0, 100, -1}, {300, 200, -1}}, 0},
	} {
		if got := ageOf(c.looks...).Still; got != c.want {
			t.Errorf("%v: got %s, want %s", c.looks, got, c.want)
		}
	}
}

// Where a scaled clock or many looks fill the memory, what is forgotten is what stands
// closest together for its age: a partition that became busy 15 min ago shows lag of 13
// min, not that of the quiet hour before.
func TestAgesOfAPartitionThatBecameBusy(t *testing.T) {
	for _, every := range []time.Duration{15 * time.Second, 5 * time.Second, 20 * time.Second} {
		var track endTrack
		begin := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
		now, end, commit := begin, 0.0, 0.0
		for now.Sub(begin) < 75*time.Minute {
			now = now.Add(every)
			rate := 19.0
			if now.Sub(begin) > time.Hour {
				rate = 300
			}
			end += rate * every.Seconds()
			commit = min(end, commit+50*every.Seconds())
			// Now and then two readings come together, with nothing between them.
			track.see(now, int64(end), int64(commit))
			if int(now.Sub(begin)/every)%4 == 0 {
				track.see(now.Add(300*time.Millisecond), int64(end), int64(commit))
			}
		}
		p := scale.PartitionLag{End: int64(end), Committed: int64(commit), Lag: int64(end - commit)}
		want := time.Duration((end - commit) / 300 * float64(time.Second))
		if got, _ := track.age(now, p); got < want*7/8 || got > want*5/4 {
			t.Errorf("looking every %v: got %v with %d points, want about %v", every, got, len(track.ends), want)
		}
	}
}

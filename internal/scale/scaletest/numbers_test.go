package scaletest

import "testing"

// The examination finds what was once told, and leaves alone what is true.
func TestUntrueFindsWhatDoesNotHold(t *testing.T) {
	for text, want := range map[string]int{
		"lag 1,206 < 1,000 for 1 h":                                       1,
		"lag 1,206, of which 1,152 are between commits: 54 < 1,000":       0,
		"throughput 100 msg/s < 100 msg/s per worker":                     1,
		"throughput 99 msg/s < 100 msg/s per worker":                      0,
		"CPU 80 % of limit > 80 % for 5 min → Warning":                    1,
		"p95 latency 5.001 s > 5.0 s":                                     0,
		"about 13 s (7 s to 16 min)":                                      1,
		"between 7 s and 16 min, which is uncertain":                      0,
		"about 1 h 37 min (1 h 37 min to 1 h 37 min)":                     1,
		"about 3 min (2 min to 4 min)":                                    0,
		"2–4 partitions per worker → 6–6":                                 1,
		"as predicted. Arrivals moved, so the forecast no longer applies": 1,
	} {
		if got := Untrue(text); len(got) != want {
			t.Errorf("%q: got %q, want %d faults", text, got, want)
		}
	}
}

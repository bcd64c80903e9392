package scale

import "testing"

// A number beside a limit never reads like the limit unless it is the limit, whatever
// little lies between them.
func TestANumberBesideItsLimitIsNotTheLimit(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{besideSeconds(5.0000001, 5), "5.0000001 s"},
		{besideSeconds(5, 5), "5.0 s"},
		{besidePercent(0.80000001, 0.8), "80.000001 %"},
		{besidePercent(0.010001, 0.01), "1.0001 %"},
		{besidePercent(0.804, 0.8), "80.4 %"},
		{besidePercent(0.84, 0.8), "84 %"},
		{besideWhole(999.6, 1000), "999.6"},
		{besideWhole(54, 1000), "54"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// A lag that is held against a limit without what waits for the next commit ends with the
// number that is compared.
func TestALagBeyondCommitsIsComparedByWhatCounts(t *testing.T) {
	for _, tt := range []struct {
		total       int64
		floor, from float64
		want        string
	}{
		{1206, 1152, 1000, "1,206, of which 1,152 are between commits: 54"},
		{1100, 1152, 1000, "1,100, all of it between commits: 0"},
		{120, 300, 1000, "120"},
		{2151, 1151.4, 1000, "2,151, of which 1,151 are between commits: 999.6"},
		{14_200, 0, 1000, "14,200"},
	} {
		if got := beyondCommits(tt.total, tt.floor, tt.from); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

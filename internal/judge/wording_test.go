package judge

import (
	"testing"
)

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

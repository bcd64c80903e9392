package scale

import (
	"testing"
)

// A number beside a limit never reads like the limit unless it is the limit, whatever
// little lies between them.
func TestANumberBesideItsLimitIsNotTheLimit(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{BesideSeconds(5.0000001, 5), "5.0000001 s"},
		{BesideSeconds(5, 5), "5.0 s"},
		{BesidePercent(0.80000001, 0.8), "80.000001 %"},
		{BesidePercent(0.010001, 0.01), "1.0001 %"},
		{BesidePercent(0.804, 0.8), "80.4 %"},
		{BesidePercent(0.84, 0.8), "84 %"},
		{BesideWhole(999.6, 1000), "999.6"},
		{BesideWhole(54, 1000), "54"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

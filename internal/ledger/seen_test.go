package ledger

import (
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
)

// A write whose answer was lost and that was set back has the count of before; only what
// is proven to be unchanged is written again.
func TestSeenBeforeAWrite(t *testing.T) {
	seen := Seen{ResourceVersion: "7", Generation: 3}
	for _, c := range []struct {
		name string
		seen Seen
		now  scale.Workload
		want bool
	}{
		{"the same object", seen, scale.Workload{ResourceVersion: "7", Generation: 3}, false},
		{"only its status changed", seen, scale.Workload{ResourceVersion: "9", Generation: 3}, false},
		{"written and set back", seen, scale.Workload{ResourceVersion: "11", Generation: 5}, true},
		{"made anew", seen, scale.Workload{ResourceVersion: "12", Generation: 1}, true},
		{"stored by an older version", Seen{}, scale.Workload{ResourceVersion: "7", Generation: 3}, true},
		{"a server without generations, same version", Seen{ResourceVersion: "7"}, scale.Workload{ResourceVersion: "7"}, false},
		{"a server without generations, other version", Seen{ResourceVersion: "7"}, scale.Workload{ResourceVersion: "8"}, true},
	} {
		if got := c.seen.Changed(c.now); got != c.want {
			t.Errorf("%s: got %t, want %t", c.name, got, c.want)
		}
	}
}

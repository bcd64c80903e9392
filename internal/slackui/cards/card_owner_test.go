package cards_test

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// T-01: who else sets the count stands first among the warnings with the way out, and the
// card tells an owner that undoes the change from one that leaves it alone.
func TestTheOwnerOnTheCard(t *testing.T) {
	for _, c := range []struct {
		plan ledger.Plan
		want []string
	}{
		{ledger.Plan{Reverter: "HPA h sets the count", WayOut: "raise minReplicas"}, []string{"♻️ *Will be undone:* HPA h sets the count. The way out: raise minReplicas."}},
		{ledger.Plan{Keeper: "HPA h stands still (<no metrics>)", WayOut: "mend its metrics"}, []string{"🧭 *Who else sets the count:* HPA h stands still (&lt;no metrics&gt;). The way out: mend its metrics."}},
		{ledger.Plan{Keeper: "ScaledObject so is paused"}, []string{"🧭 *Who else sets the count:* ScaledObject so is paused."}},
		{ledger.Plan{WayOut: "nothing to get out of"}, nil},
	} {
		rows := cards.OwnerRow(c.plan)
		if strings.Join(rows, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("got %q, want %q", rows, c.want)
		}
		if all := cards.WarningRows(ledger.Operation{Plan: c.plan}); len(rows) > 0 && all[0] != rows[0] {
			t.Errorf("got %q first, want the owner", all[0])
		}
	}
}

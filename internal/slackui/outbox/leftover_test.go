package outbox

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// After a start the newest finished operations are shown again, in case nobody did. The
// card of what goes on now does not wait for them.
func TestNewsGoBeforeLeftovers(t *testing.T) {
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		for i := range 20 {
			op := slackuitest.Operation(ledger.Declined)
			op.ID = ledger.OperationID("event-ingester", i+1)
			op.Events[len(op.Events)-1].At = time.Now().Add(-time.Hour)
			card(t, a, &op, engine.Known)
		}
		news := slackuitest.Operation(ledger.Approved)
		news.Events[len(news.Events)-1].At = time.Now()
		card(t, a, &news, engine.Known)
		time.Sleep(20 * leftoverPause)
		time.Sleep(time.Minute)
	})
	at, want := -1, cards.DrawOperation(slackuitest.Operation(ledger.Approved)).Text
	edits := f.Made("chat.update")
	for i, e := range edits {
		if e.Form.Get("text") == want {
			at = i
		}
	}
	if len(edits) != 21 || at != 0 {
		t.Fatalf("the news is edit %d of %d, want the first of 21", at+1, len(edits))
	}
	if pause := edits[20].At.Sub(edits[19].At); pause < leftoverPause {
		t.Errorf("the pause between two leftovers is %v, want at least %v: the limit on edits is the workspace's", pause, leftoverPause)
	}
}

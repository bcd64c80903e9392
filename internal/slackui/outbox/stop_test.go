package outbox

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// A channel with nothing new to send does not hold up the stop, so that a rolling update
// goes from one replica to the next without a pause.
func TestAnIdleChannelDoesNotHoldUpTheStop(t *testing.T) {
	var stopping time.Time
	var took time.Duration
	f := &slackuitest.FakeSlack{}
	announce(t, f, func(t *testing.T, a *Announcer) {
		op := slackuitest.Unposted(ledger.Proposed)
		card(t, a, &op, engine.Known)
		for i := range 20 {
			old := slackuitest.Operation(ledger.Declined)
			old.ID = ledger.OperationID("event-ingester", i+1)
			old.Events[len(old.Events)-1].At = time.Now().Add(-time.Hour)
			card(t, a, &old, engine.Known)
		}
		time.Sleep(2 * spacing)
		stopping = time.Now()
		t.Cleanup(func() { took = time.Since(stopping) })
	})
	if took > spacing {
		t.Errorf("stopping took %v with nothing new to send, want at most the pause between two messages", took)
	}
}

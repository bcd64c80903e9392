package cards_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/cards/cardstest"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// A finished card outlives what was seen when the pods settled: its lag is that of the last
// report, and it says when it was read.
func TestAFinishedCardSaysWhenItsLagWasRead(t *testing.T) {
	op := slackuitest.Operation(ledger.Done)
	op.Steps[0].Rollout.Now.Lag, op.Reports = 143_657, nil
	if text := lookText(t, cards.DrawOperation(op)); !strings.Contains(text, "*Lag* 143,657, read at <!date") {
		t.Errorf("without a report: got %s", text)
	}
	op.Reports = []ledger.Report{{Horizon: "5 min"}, {Horizon: "15 min"}, {Horizon: "1 h"}}
	for i, lag := range []int64{9_000, 2_100, 1_098} {
		op.Reports[i].Lag = scale.Known(lag, slackuitest.At(time.Duration(5+20*i)*time.Minute), scale.Broker)
	}
	text := lookText(t, cards.DrawOperation(op))
	if !strings.Contains(text, "*Lag* 1,098 in the 1 h report, read at <!date^1795524300^{time}|12:45 UTC>, was 14,200") || strings.Contains(text, "143,657") {
		t.Errorf("after the last report: got %s", text)
	}
	op.Reports[2].Lag = scale.Unknown[int64]("Kafka does not answer", slackuitest.At(time.Hour), scale.Broker)
	op.Reports[1].Lag.AtLeast = true
	if text := lookText(t, cards.DrawOperation(op)); !strings.Contains(text, "*Lag* at least 2,100 in the 15 min report, read at <!date") {
		t.Errorf("after a report without a lag: got %s", text)
	}
}

// lookText is all that a message shows.
func lookText(t *testing.T, l cards.Content) string {
	t.Helper()
	return string(cardstest.Wire(t, l))
}

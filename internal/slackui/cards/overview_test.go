package cards_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// shownText is everything that a look shows, as Slack gets it.
func shownText(t *testing.T, look cards.Content) string {
	t.Helper()
	data, err := json.Marshal(look.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fleetOf is a fleet in which nothing has to be looked at.
func fleetOf(n int) []engine.Status {
	var all []engine.Status
	for i := range n {
		name := fmt.Sprintf("worker-%03d", i)
		lag := scale.Known(scale.Lag{Total: 7, Partitions: []scale.PartitionLag{{Topic: name, Lag: 7, End: 7}}}, slackuitest.Noon, "Kafka")
		all = append(all, engine.Status{Component: scale.Component{Name: name}, Snapshot: scale.Snapshot{Component: name, At: slackuitest.Noon, Lag: lag}})
	}
	return all
}

// Of 500 components those are shown that somebody has to look at, the most urgent first,
// wherever they stand in the runbook; and it is said how many of the others there are.
func TestWhatNeedsAttentionIsShownOfALargeFleet(t *testing.T) {
	all := fleetOf(500)
	all[490].Episode = &ledger.Episode{ID: "worker-490-alert-1", Component: "worker-490", Kind: ledger.EpisodeAlert, OpenedAt: slackuitest.Noon}
	all[300].Operation = &ledger.Operation{ID: "worker-300-1", Component: "worker-300", Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Events: []ledger.Event{{State: ledger.Proposed, At: slackuitest.Noon}}}
	all[499].Advice = ledger.Recommendation{Action: scale.ScaleUp, From: 6, To: 9, Urgency: scale.UrgencyWarning}
	all[480].Snapshot.Lag = scale.Unknown[scale.Lag]("no broker answers", slackuitest.Noon, "Kafka")
	text := shownText(t, cards.DrawOverview(all))
	last := -1
	for _, name := range []string{"worker-490", "worker-300", "worker-499", "worker-480", "worker-000"} {
		i := strings.Index(text, "*"+name+"*")
		if i < last || i < 0 {
			t.Errorf("%s is at %d, want it shown after the one before at %d", name, i, last)
		}
		last = i
	}
	if !strings.Contains(text, "and 453 more; name one to see it") || strings.Contains(text, "of them have") {
		t.Error("it is not said that there are 453 more of which none has to be looked at")
	}
	for i := range all {
		all[i].Advice = ledger.Recommendation{Action: scale.ScaleUp, From: 6, To: 9, Urgency: scale.UrgencyCritical}
	}
	if text := shownText(t, cards.DrawOverview(all)); !strings.Contains(text, "453 of them have an alert") {
		t.Error("it is not said that the others have to be looked at too")
	}
}

// A fleet that fits keeps the runbook's order.
func TestASmallFleetKeepsItsOrder(t *testing.T) {
	all := fleetOf(5)
	all[4].Episode = &ledger.Episode{ID: "worker-004-alert-1", Component: "worker-004", Kind: ledger.EpisodeAlert, OpenedAt: slackuitest.Noon}
	text := shownText(t, cards.DrawOverview(all))
	if strings.Index(text, "*worker-000*") > strings.Index(text, "*worker-004*") {
		t.Error("the one with an alert comes first, want the runbook's order")
	}
}

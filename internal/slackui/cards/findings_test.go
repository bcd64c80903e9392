package cards_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// every trigger has its line on an alert: what fired, and what cannot be judged where it
// asks for more workers. On a suggestion those for fewer stand too.
func TestEveryTriggerHasItsLineOnAnAlert(t *testing.T) {
	at := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	for _, row := range judge.Triggers() {
		sentence := row.Metric + " 1 > 2 cannot be judged: nobody answers"
		for kind, want := range map[ledger.EpisodeKind]bool{ledger.EpisodeAlert: row.Advises == scale.ScaleUp, ledger.EpisodeSuggestion: true} {
			e := ledger.Episode{ID: "download-worker-alert-1", Component: "download-worker", Kind: kind, OpenedAt: at, At: at, Lag: 1, Advice: ledger.Recommendation{
				Findings: []scale.Finding{{Rule: row.Rule, Metric: row.Metric, Outcome: scale.Unclear, Sentence: sentence}},
			}}
			drawn, err := cards.DrawEpisode(e, nil).Args()
			if err != nil {
				t.Fatal(err)
			}
			if shown := strings.Contains(drawn.Get("blocks"), string(row.Rule)); shown != want {
				t.Errorf("%s on a card of kind %s: got shown %v, want %v", row.Rule, kind, shown, want)
			}
		}
		fired := cards.FindingRows([]scale.Finding{{Rule: row.Rule, Metric: row.Metric, Outcome: scale.Fires, Urgency: scale.UrgencyWarning, Sentence: row.Metric + " 3 > 2"}}, 9)
		if len(fired) != 1 || !strings.Contains(strings.ToLower(fired[0]), strings.ToLower(row.Metric)+" 3") || !strings.Contains(fired[0], "("+string(row.Rule)+")") {
			t.Errorf("%s: got %q, want what fired with its rule", row.Rule, fired)
		}
	}
}

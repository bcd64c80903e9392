package cards_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/cards/cardstest"
)

// The answer to a typed order repeats how it was understood: whoever reads it may have
// edited their words since.
func TestARefusalEchoesWhatWasUnderstood(t *testing.T) {
	look, _ := cards.DrawAnswer(commands.Refused{Refusal: &scale.Refusal{Code: "x", Understood: "scale download-worker to 9", Why: "no"}})
	if got := fmt.Sprint(cardstest.MrkdwnOf(t, look)); !strings.Contains(got, "Understood: scale download-worker to 9") {
		t.Errorf("got %s, want what was understood", got)
	}
}

package cards_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// A timeline of any length fits Slack's limits, and nothing in it ends the code block.
func TestTimelinesFit(t *testing.T) {
	blocks, left := cards.Fenced(strings.Repeat("| a | "+strings.Repeat("<``` &", 300)+" |\n", 80))
	if len(blocks) != cards.ChronicleBlocks || left == 0 {
		t.Errorf("got %d blocks and %d lines left, want %d blocks and some", len(blocks), left, cards.ChronicleBlocks)
	}
	for _, b := range blocks {
		if n := utf8.RuneCountInString(b); n > blockkit.SectionText || strings.Count(b, "```") != 2 {
			t.Errorf("a block has %d characters and %d fences", n, strings.Count(b, "```"))
		}
	}
	if blocks, left = cards.Fenced("# one\n\n| two |\n"); len(blocks) != 1 || left != 0 || blocks[0] != "```\n# one\n\n| two |\n```" {
		t.Errorf("got %q and %d left", blocks, left)
	}
}

func TestTimelineIsAnswered(t *testing.T) {
	look := cards.DrawTimeline(slackuitest.Operation(ledger.Done))
	if !strings.Contains(look.Text, "Timeline of download-worker-") || len(look.Blocks) < 2 {
		t.Errorf("got %q and %d blocks", look.Text, len(look.Blocks))
	}
}

package cards_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/cards/cardstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestEveryMessageLooksAsAgreed compares every message with its golden file and holds
// it against Slack's limits.
func TestEveryMessageLooksAsAgreed(t *testing.T) {
	for name, l := range cardstest.Pictures(t) {
		t.Run(name, func(t *testing.T) {
			got := cardstest.Wire(t, l)
			for _, p := range blockkit.CheckMessage(got) {
				t.Errorf("Slack would refuse %s: %s", p.Pointer, p.Message)
			}
			path := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; run the test with -update and look at the difference\ngot:\n%s", path, got)
			}
		})
	}
}

// TestNoGoldenFileIsLeftOver finds pictures that nothing draws any more.
func TestNoGoldenFileIsLeftOver(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("golden files: %v, %v", files, err)
	}
	drawn := cardstest.Pictures(t)
	for _, file := range files {
		name := filepath.Base(file[:len(file)-len(".json")])
		if _, ok := drawn[name]; !ok {
			t.Errorf("nothing draws %s", file)
		}
	}
}

// actionsOf lists action ids and values of a look.
func actionsOf(l cards.Content) map[string]string {
	found := map[string]string{}
	for _, b := range l.Blocks {
		row, ok := b.(*slack.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range row.Elements.ElementSet {
			switch e := e.(type) {
			case *slack.ButtonBlockElement:
				found[e.ActionID] = e.Value
			case *slack.SelectBlockElement:
				found[e.ActionID] = row.BlockID
			}
		}
	}
	return found
}

package runbook_test

import (
	"os"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/runbook"
)

// The example people copy from the README has to work.
func TestTheReadmesExampleIsValid(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "```yaml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("the README has no yaml example")
	}
	book, err := runbook.Parse("README.md", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	worker, ok := book.Component("download-worker")
	if !ok || worker.Min != 6 || worker.Group != "downloads-v2" || book.Policy.Up.Lag.Value != 25_000 {
		t.Errorf("got %+v and a lag limit of %v, want what the example says", worker, book.Policy.Up.Lag.Value)
	}
}

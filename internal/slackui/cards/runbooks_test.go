package cards_test

import (
	"testing"

	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// the related runbooks are links where they have an address, and never anything else.
func TestRunbooksAreLinked(t *testing.T) {
	for _, tt := range []struct {
		link runbook.Link
		want string
	}{
		{runbook.Link{Name: "Consumer Lag", URL: "https://wiki.example/lag?a=1&b=2"}, "<https://wiki.example/lag?a=1&amp;b=2|Consumer Lag>"},
		{runbook.Link{Name: "Consumer Lag", URL: "./consumer-lag.md"}, "Consumer Lag (`./consumer-lag.md`)"},
		{runbook.Link{Name: "<!channel>", URL: "https://wiki.example/a|b>c"}, "<https://wiki.example/a%7Cb%3Ec|&lt;!channel&gt;>"},
		{runbook.Link{Name: "a|b", URL: "http://wiki.example"}, "<http://wiki.example|a¦b>"},
		{runbook.Link{Name: "Files", URL: "file:///etc/hosts"}, "Files (`file:///etc/hosts`)"},
		{runbook.Link{Name: "Nothing", URL: "://"}, "Nothing (`://`)"},
	} {
		if got := cards.RunbookLink(tt.link); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.link, got, tt.want)
		}
	}
	if got := cards.RunbookLinks(nil); got != "" {
		t.Errorf("no runbooks: got %q, want nothing", got)
	}
	two := []runbook.Link{{Name: "A", URL: "a.md"}, {Name: "B", URL: "https://b.example"}}
	if got, want := cards.RunbookLinks(two), "Runbooks: A (`a.md`) · <https://b.example|B>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

package outbox

import (
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// texts are the stored messages' texts.
func texts(f *slackuitest.FakeSlack) []string {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	var out []string
	for _, m := range f.Messages {
		out = append(out, m["text"].(string))
	}
	return out
}

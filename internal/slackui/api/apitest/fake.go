package apitest

import (
	"net/http"
	"testing"

	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// Connect returns a client of the fake that knows who it is.
func Connect(t *testing.T, f *slackuitest.FakeSlack) *api.Client {
	t.Helper()
	c := api.NewClient(api.Config{BotToken: "xoxb-secret", AppToken: "xapp-secret", APIURL: "http://slack.test/api/", HTTP: &http.Client{Transport: f}, Clock: pace.Clock{}})
	if _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

package app_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/gorilla/websocket"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/slackemu"
)

// place is where a test plays the bot apart from everything real: a Slack in memory, an
// empty cluster, and nobody who answers as Kafka.
type place struct {
	*testing.T
	slack  *slackemu.Server
	url    string
	http   *http.Client
	config app.Config
	parts  app.Parts
}

// apart runs a test in a bubble: what is sent goes through memory, and time passes only while
// nobody has anything to do, so that no verdict hangs on how busy the machine is.
func apart(t *testing.T, test func(p *place)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := new(kfake.VirtualNetwork)
		client := func() *http.Client {
			way := &http.Transport{DialContext: network.DialContext, DisableCompression: true}
			t.Cleanup(way.CloseIdleConnections)
			return &http.Client{Transport: way}
		}
		p := &place{T: t, slack: slackemu.New(slackemu.Config{}), url: "http://127.0.0.1:9001", http: client(), parts: emptyCluster()}
		p.slack.SetBaseURL(p.url)
		web, err := network.Listen("tcp", "127.0.0.1:9001")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: p.slack.Handler()}
		go func() { _ = server.Serve(web) }()
		t.Cleanup(func() { p.slack.Close(); _ = server.Close() })
		if p.parts.Listener, err = network.Listen("tcp", "127.0.0.1:9002"); err != nil {
			t.Fatal(err)
		}
		p.parts.Network = app.Network{
			Slack: client(), SlackSocket: &websocket.Dialer{NetDialContext: network.DialContext}, Kafka: network.DialContext, Metrics: client(),
		}
		p.config = settings(p.slack, p.url)
		test(p)
	})
}

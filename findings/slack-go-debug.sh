#!/bin/sh
# OptionDebug of slack-go does more than log: it asks Slack for short connections (debug_reconnects, 360 s by Slack's
# page on Socket Mode), so that a bot whose log level was raised reconnects every six minutes. OptionDebug of the
# socketmode package, which is named alike, only logs.
set -eu
version=v0.35.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"ok":true,"url":"wss://wss.slack.com/link/?ticket=1&app_id=A1"}`)
	}))
	defer server.Close()
	silent := log.New(io.Discard, "", 0)
	for _, c := range []struct {
		name   string
		api    []slack.Option
		socket []socketmode.Option
	}{
		{"plain", nil, nil},
		{"socketmode.OptionDebug", nil, []socketmode.Option{socketmode.OptionDebug(true)}},
		{"slack.OptionDebug", []slack.Option{slack.OptionDebug(true)}, nil},
	} {
		api := slack.New("xoxb-0", append(c.api, slack.OptionAPIURL(server.URL+"/"), slack.OptionAppLevelToken("xapp-0"), slack.OptionLog(silent))...)
		_, address, err := socketmode.New(api, append(c.socket, socketmode.OptionLog(silent))...).OpenContext(context.Background())
		fmt.Printf("%s: %s, error %v\n", c.name, address, err)
	}
}
GO
cat >expected <<'SEEN'
plain: wss://wss.slack.com/link/?ticket=1&app_id=A1, error <nil>
socketmode.OptionDebug: wss://wss.slack.com/link/?ticket=1&app_id=A1, error <nil>
slack.OptionDebug: wss://wss.slack.com/link/?app_id=A1&debug_reconnects=true&ticket=1, error <nil>
SEEN
{ go mod init finding && go get "github.com/slack-go/slack@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "slack-go $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }

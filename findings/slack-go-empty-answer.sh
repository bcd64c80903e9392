#!/bin/sh
# An answer that says neither that it worked nor why not is success for slack-go: {} and {"ok":false},
# which gateways between Slack and a bot are able to answer.
set -eu
version=v0.35.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/slack-go/slack"
)

func main() {
	body := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
	defer server.Close()
	api := slack.New("xoxb-0", slack.OptionAPIURL(server.URL+"/"))
	for _, body = range []string{`{}`, `{"ok":false}`, `{"ok":false,"error":"x"}`} {
		_, ts, post := api.PostMessage("C1", slack.MsgOptionText("x", false))
		_, history := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C1"})
		user, who := api.GetUserInfo("U1")
		members, group := api.GetUserGroupMembers("S1")
		fmt.Printf("%s: post %q %v, history %v, user known %v %v, members %d %v\n", body, ts, post, history, user != nil, who, len(members), group)
	}
}
GO
cat >expected <<'SEEN'
{}: post "" <nil>, history <nil>, user known true <nil>, members 0 <nil>
{"ok":false}: post "" <nil>, history <nil>, user known true <nil>, members 0 <nil>
{"ok":false,"error":"x"}: post "" x, history x, user known false x, members 0 x
SEEN
{ go mod init finding && go get "github.com/slack-go/slack@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "slack-go $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }

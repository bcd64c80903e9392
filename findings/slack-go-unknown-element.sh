#!/bin/sh
# An element that slack-go does not know, inside a block that it knows, fails the whole page of
# history, the mention, the click and the answer to a post. An unknown block does not.
set -eu
version=v0.35.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

func main() {
	body := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
	defer server.Close()
	api := slack.New("xoxb-0", slack.OptionAPIURL(server.URL+"/"))
	for _, c := range []struct{ name, blocks string }{
		{"unknown block", `[{"type":"new"}]`},
		{"unknown accessory", `[{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"new"}}]`},
		{"unknown rich text", `[{"type":"rich_text","elements":[{"type":"new"}]}]`},
		{"unknown element of actions", `[{"type":"actions","elements":[{"type":"new"}]}]`},
		{"unknown element of context", `[{"type":"context","elements":[{"type":"new"}]}]`},
		{"unknown table cell", `[{"type":"table","rows":[[{"type":"new"}]]}]`},
		{"unknown chart", `[{"type":"data_visualization","title":"x","chart":{"type":"new"}}]`},
	} {
		body = `{"ok":true,"messages":[{"ts":"1.1","blocks":` + c.blocks + `},{"ts":"1.2","text":"ours"}]}`
		_, history := api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C1"})
		body = `{"ok":true,"channel":"C1","ts":"1.1","message":{"ts":"1.1","blocks":` + c.blocks + `}}`
		_, _, post := api.PostMessage("C1", slack.MsgOptionText("x", false))
		_, mention := slackevents.ParseEvent(json.RawMessage(`{"type":"event_callback","event":{"type":"app_mention","text":"x","blocks":`+c.blocks+`}}`), slackevents.OptionNoVerifyToken())
		click := json.Unmarshal([]byte(`{"type":"block_actions","message":{"blocks":`+c.blocks+`}}`), &slack.InteractionCallback{})
		fmt.Printf("%s: history failed %v, post %v, mention %v, click %v\n", c.name, history != nil, post != nil, mention != nil, click != nil)
	}
}
GO
cat >expected <<'SEEN'
unknown block: history failed false, post false, mention false, click false
unknown accessory: history failed false, post false, mention false, click false
unknown rich text: history failed false, post false, mention false, click false
unknown element of actions: history failed true, post true, mention true, click true
unknown element of context: history failed true, post true, mention true, click true
unknown table cell: history failed true, post true, mention true, click true
unknown chart: history failed true, post true, mention true, click true
SEEN
{ go mod init finding && go get "github.com/slack-go/slack@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "slack-go $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }

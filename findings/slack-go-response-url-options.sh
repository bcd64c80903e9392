#!/bin/sh
# By a response URL slack-go leaves out, without an error, what the same call says by token: that links and media are
# not to unfold and that the text is plain. And it always says metadata and blocks, empty where none were given.
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
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/slack-go/slack"
)

func main() {
	said := map[string]any{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clear(said)
		if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
			r.ParseForm()
			for name := range r.PostForm {
				said[name] = r.PostForm.Get(name)
			}
		} else if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
			log.Fatal(err)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"ok":true,"channel":"C1","ts":"1.1"}`)
	}))
	defer server.Close()
	api := slack.New("xoxb-0", slack.OptionAPIURL(server.URL+"/"))
	text := slack.MsgOptionText("*see* https://example.com", false)
	for _, c := range []struct {
		name    string
		options []slack.MsgOption
	}{
		{"text only", []slack.MsgOption{text}},
		{"nothing unfolds, plain", []slack.MsgOption{text, slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(), slack.MsgOptionDisableMarkdown()}},
	} {
		for _, way := range []struct {
			name   string
			option []slack.MsgOption
		}{{"token", nil}, {"response URL", []slack.MsgOption{slack.MsgOptionResponseURL(server.URL, "ephemeral")}}} {
			_, _, err := api.PostMessage("C1", append(way.option, c.options...)...)
			fmt.Printf("%s, by %s: %v, blocks %v, metadata %v, error %v\n", c.name, way.name, slices.Sorted(maps.Keys(said)), said["blocks"], said["metadata"], err)
		}
	}
}
GO
cat >expected <<'SEEN'
text only, by token: [channel text token], blocks <nil>, metadata <nil>, error <nil>
text only, by response URL: [blocks delete_original metadata replace_original response_type text], blocks <nil>, metadata map[event_payload:<nil> event_type:], error <nil>
nothing unfolds, plain, by token: [channel mrkdwn text token unfurl_links unfurl_media], blocks <nil>, metadata <nil>, error <nil>
nothing unfolds, plain, by response URL: [blocks delete_original metadata replace_original response_type text], blocks <nil>, metadata map[event_payload:<nil> event_type:], error <nil>
SEEN
{ go mod init finding && go get "github.com/slack-go/slack@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "slack-go $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }

#!/bin/sh
# A response URL refuses with HTTP 404 and says why in the body. slack-go drops the body: an address
# that is used up and blocks that are refused are the same error.
set -eu
version=v0.35.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/slack-go/slack"
)

func main() {
	code := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"ok":false,"error":%q}`, code)
	}))
	defer server.Close()
	api := slack.New("xoxb-0", slack.OptionAPIURL(server.URL+"/"))
	for _, code = range []string{"used_url", "invalid_blocks"} {
		_, _, err := api.PostMessage("C1", slack.MsgOptionResponseURL(server.URL+"/r", "ephemeral"), slack.MsgOptionText("x", false))
		var why slack.SlackErrorResponse
		fmt.Printf("%s: %v, with its reason: %v\n", code, err, errors.As(err, &why))
	}
}
GO
cat >expected <<'SEEN'
used_url: slack server error: 404 Not Found, with its reason: false
invalid_blocks: slack server error: 404 Not Found, with its reason: false
SEEN
{ go mod init finding && go get "github.com/slack-go/slack@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "slack-go $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }

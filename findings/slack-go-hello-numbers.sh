#!/bin/sh
# Fields that Slack puts into hello for debugging make the whole frame unreadable for slack-go when
# they are no whole number, and with it the hello.
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

	"github.com/slack-go/slack/socketmode"
)

func main() {
	for _, hello := range []string{
		`{"type":"hello"}`,
		`{"type":"hello","num_connections":null,"debug_info":null}`,
		`{"type":"hello","num_connections":1,"debug_info":{"approximate_connection_time":18060}}`,
		`{"type":"hello","num_connections":1,"debug_info":{"approximate_connection_time":18060.5}}`,
		`{"type":"hello","num_connections":1,"debug_info":{"build_number":""}}`,
		`{"type":"hello","num_connections":"1"}`,
	} {
		var frame socketmode.Request
		fmt.Printf("%s readable: %v\n", hello, json.Unmarshal([]byte(hello), &frame) == nil)
	}
}
GO
cat >expected <<'SEEN'
{"type":"hello"} readable: true
{"type":"hello","num_connections":null,"debug_info":null} readable: true
{"type":"hello","num_connections":1,"debug_info":{"approximate_connection_time":18060}} readable: true
{"type":"hello","num_connections":1,"debug_info":{"approximate_connection_time":18060.5}} readable: false
{"type":"hello","num_connections":1,"debug_info":{"build_number":""}} readable: false
{"type":"hello","num_connections":"1"} readable: false
SEEN
{ go mod init finding && go get "github.com/slack-go/slack@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "slack-go $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }

#!/bin/sh
# One odd line about somebody else's metric, or no newline at the end, and expfmt of prometheus/common
# refuses the whole text page, our own metrics in it too. Prometheus itself reads such a page.
set -eu
common=v0.72.1 prometheus=v0.316.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

func read(page string) (samples int, err error) {
	p, err := textparse.New([]byte(page), "text/plain; version=0.0.4", labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		return 0, err
	}
	for {
		entry, err := p.Next()
		if err == io.EOF {
			return samples, nil
		} else if err != nil {
			return samples, err
		}
		if entry == textparse.EntrySeries {
			samples++
		}
	}
}

func main() {
	ours := "# TYPE ours counter\nours 1\n"
	for _, c := range []struct{ name, page string }{
		{"plain", ours},
		{"a second TYPE", ours + "# TYPE theirs gauge\n# TYPE theirs gauge\ntheirs 2\n"},
		{"a second HELP", ours + "# HELP theirs x\n# HELP theirs x\ntheirs 2\n"},
		{"TYPE after the sample", ours + "theirs 2\n# TYPE theirs gauge\n"},
		{"no last newline", ours + "theirs 2"},
	} {
		parser := expfmt.NewTextParser(model.UTF8Validation)
		_, err := parser.TextToMetricFamilies(strings.NewReader(c.page))
		n, other := read(c.page)
		fmt.Printf("%s: expfmt refuses the page: %v; Prometheus reads %d samples, error %v\n", c.name, err != nil, n, other)
	}
}
GO
cat >expected <<'SEEN'
plain: expfmt refuses the page: false; Prometheus reads 1 samples, error <nil>
a second TYPE: expfmt refuses the page: true; Prometheus reads 2 samples, error <nil>
a second HELP: expfmt refuses the page: true; Prometheus reads 2 samples, error <nil>
TYPE after the sample: expfmt refuses the page: true; Prometheus reads 2 samples, error <nil>
no last newline: expfmt refuses the page: true; Prometheus reads 2 samples, error <nil>
SEEN
{ go mod init finding && go get "github.com/prometheus/common/expfmt@$common" "github.com/prometheus/prometheus/model/textparse@$prometheus"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "prometheus/common $common, Prometheus $prometheus:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }

package archtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what is printed into the documents")

// root is the repository as seen from this package.
var root = filepath.Join("..", "..")

// The lines between which ARCHITECTURE.md has the table.
const (
	tableBegins = "<!-- The table is printed from internal/archtest/arrows_test.go: go test ./internal/archtest -update -->\n"
	tableEnds   = "<!-- end of the table -->\n"
)

// printArrows is the table of arrows in Markdown.
func printArrows() string {
	var out strings.Builder
	out.WriteString("| package | subject | may import: why |\n|---|---|---|\n")
	for _, row := range arrows {
		var imports []string
		for _, a := range row.ours {
			imports = append(imports, fmt.Sprintf("`%s`: %s", a.to, a.why))
		}
		for _, a := range row.outside {
			imports = append(imports, fmt.Sprintf("*%s*: %s", strings.TrimSuffix(a.to, "/"), a.why))
		}
		if imports == nil {
			imports = []string{"only the standard library"}
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", strings.TrimPrefix(row.path, "internal/"), row.subject, strings.Join(imports, "; "))
	}
	return out.String()
}

func TestArchitectureHasTheTableOfArrows(t *testing.T) {
	path := filepath.Join(root, "ARCHITECTURE.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), tableBegins)
	_, after, ended := strings.Cut(rest, tableEnds)
	if !begun || !ended {
		t.Fatalf("ARCHITECTURE.md needs these two lines around its table of packages:\n%s%s", tableBegins, tableEnds)
	}
	keep(t, path, before+tableBegins+"\n"+printArrows()+"\n"+tableEnds+after)
}

// keep holds a document against what it has to be, or rewrites it under -update.
func keep(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) == want {
		return
	}
	name := filepath.Base(path)
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(want, "\n")
	for i, line := range wantLines {
		if i >= len(gotLines) || gotLines[i] != line {
			t.Fatalf("%s is not what the code says; go test ./internal/archtest -update prints it anew. Line %d should be\n%s", name, i+1, line)
		}
	}
	t.Fatalf("%s has lines at its end that the code does not say; go test ./internal/archtest -update prints it anew", name)
}

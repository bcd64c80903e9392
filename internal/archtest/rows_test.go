package archtest

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// row is one line of the runbook as testdata/rows.txt has it.
type row struct {
	id, says string
	// chapter is the heading it stands under.
	chapter string
	// open is why nothing proves the row yet; empty means that something has to.
	open string
}

var (
	rowLine = regexp.MustCompile(`^([RT]-\d{2,3}) (.*?)(?: \(open: (.*)\))?$`)
	// rowName is an id in a comment or a table, or in a test's name (TestR007Card).
	rowName = regexp.MustCompile(`\b([RT])-(\d{2,3})\b|\bTest([RT])(\d{2,3})[A-Z_]`)
)

// readRows reads the list and checks that no row is missing or there twice.
func readRows(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "rows.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	seen, chapter := map[string]bool{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if heading, is := strings.CutPrefix(line, "## "); is {
			chapter = heading
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := rowLine.FindStringSubmatch(line)
		if parts == nil || seen[parts[1]] {
			t.Fatalf("rows.txt: %q is no row, or is there twice", line)
		}
		seen[parts[1]] = true
		rows = append(rows, row{id: parts[1], says: parts[2], open: parts[3], chapter: chapter})
	}
	if len(rows) != 144+40 {
		t.Fatalf("rows.txt has %d rows, want R-001 to R-144 and T-01 to T-40", len(rows))
	}
	return rows
}

// named collects the ids that a test source names. A range such as "R-034 to R-040" names
// its two ends only: whoever proves a row in between says so.
func named(source string) []string {
	var ids []string
	for _, m := range rowName.FindAllStringSubmatch(source, -1) {
		ids = append(ids, m[1]+m[3]+"-"+m[2]+m[4])
	}
	return ids
}

// proof is where a test names a row: the test function, or only the file when the row stands
// outside of any, as in a table or a helper that several tests share.
type proof struct{ file, test string }

// proofs maps the ids to the tests that name them. This package proves nothing.
func proofs(t *testing.T, root string) map[string][]proof {
	t.Helper()
	found := map[string][]proof{}
	for _, path := range sources(t, root, func(path string) bool { return strings.HasSuffix(path, "_test.go") }) {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		if named(string(text)) == nil {
			continue
		}
		for test, part := range parts(t, path, string(text)) {
			for _, id := range named(part) {
				found[id] = append(found[id], proof{file: path, test: test})
			}
		}
	}
	for _, all := range found {
		slices.SortFunc(all, func(a, b proof) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.test, b.test)) })
	}
	return found
}

// parts cuts a test file into its test functions, each with the comment above it and the one
// behind it, and under no name the rest.
func parts(t *testing.T, path, text string) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	done := 0
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !testName.MatchString(f.Name.Name) {
			continue
		}
		from, to := files.Position(f.Pos()).Offset, files.Position(f.End()).Offset
		if f.Doc != nil {
			from = files.Position(f.Doc.Pos()).Offset
		}
		out[""] += text[done:from] + "\n"
		out[f.Name.Name] = text[from:to]
		done = to
	}
	out[""] += text[done:]
	return out
}

// testName is the name of a function that go test runs.
var testName = regexp.MustCompile(`^(Test|Fuzz|Benchmark|Example)([A-Z_]|$)`)

// sources lists the Go files below root that are wanted, by their paths from there with
// slashes. Hidden folders and this package are left out.
func sources(t *testing.T, root string, wanted func(path string) bool) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if strings.HasPrefix(entry.Name(), ".") && path != root || entry.Name() == "archtest" {
				return filepath.SkipDir
			}
			return nil
		}
		from, err := filepath.Rel(root, path)
		if slashed := filepath.ToSlash(from); strings.HasSuffix(slashed, ".go") && wanted(slashed) {
			paths = append(paths, slashed)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// TestEveryRowOfTheRunbookHasItsProof prints the rows that no test names, and those that
// are called open although a test names them.
func TestEveryRowOfTheRunbookHasItsProof(t *testing.T) {
	found := proofs(t, root)
	for _, r := range readRows(t) {
		switch where := found[r.id]; {
		case r.open == "" && len(where) == 0:
			t.Errorf("%s has no test that names it: %s", r.id, r.says)
		case r.open != "" && len(where) > 0:
			t.Errorf("%s is called open (%s), and %s names it: %s", r.id, r.open, where[0].file, r.says)
		case r.open != "":
			t.Logf("%s is open, %s: %s", r.id, r.open, r.says)
		}
	}
}

func TestIdsAreFoundInNamesAndComments(t *testing.T) {
	got := strings.Join(named("// T-24, R-034 to R-040 and R-0071.\nfunc TestR007CardShowsIt(t *testing.T) {}\nvar R019 = 1"), " ")
	if want := "T-24 R-034 R-040 R-007"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

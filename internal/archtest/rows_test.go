package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// row is one line of the runbook as testdata/rows.txt has it.
type row struct {
	id, says string
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
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := rowLine.FindStringSubmatch(line)
		if parts == nil || seen[parts[1]] {
			t.Fatalf("rows.txt: %q is no row, or is there twice", line)
		}
		seen[parts[1]] = true
		rows = append(rows, row{id: parts[1], says: parts[2], open: parts[3]})
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

// proofs maps the ids to the test files that name them. This test and its list prove
// nothing.
func proofs(t *testing.T, root string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && path != root || entry.Name() == "archtest"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		for _, id := range named(string(text)) {
			found[id] = append(found[id], path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestEveryRowOfTheRunbookHasItsProof prints the rows that no test names, and those that
// are called open although a test names them.
func TestEveryRowOfTheRunbookHasItsProof(t *testing.T) {
	found := proofs(t, filepath.Join("..", ".."))
	for _, r := range readRows(t) {
		switch where := found[r.id]; {
		case r.open == "" && len(where) == 0:
			t.Errorf("%s has no test that names it: %s", r.id, r.says)
		case r.open != "" && len(where) > 0:
			t.Errorf("%s is called open (%s), and %s names it: %s", r.id, r.open, where[0], r.says)
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

package runbook

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

const problemsFile = "testdata/problems.txt"

// TestProblems: every mistake of a file is reported at once, with line and column,
// what was found and what is allowed. What is said stands in the golden file under
// the same name with ".said".
func TestProblems(t *testing.T) {
	data, err := os.ReadFile(problemsFile)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(data)
	said := map[string]string{}
	var files []txtar.File
	for _, f := range archive.Files {
		if name, ok := strings.CutSuffix(f.Name, ".said"); ok {
			said[name] = string(f.Data)
		} else {
			files = append(files, f)
		}
	}
	archive.Files = nil
	for _, f := range files {
		got := complaints(t, f)
		if got != said[f.Name] && !*update {
			t.Errorf("%s: got\n%s\nwant\n%s", f.Name, got, said[f.Name])
		}
		archive.Files = append(archive.Files, f, txtar.File{Name: f.Name + ".said", Data: []byte(got)})
	}
	if len(files) < 10 {
		t.Fatalf("got %d files, want all of them", len(files))
	}
	if *update {
		if err := os.WriteFile(problemsFile, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func complaints(t *testing.T, f txtar.File) string {
	t.Helper()
	book, err := Parse(f.Name, f.Data)
	var problems Problems
	if !errors.As(err, &problems) || book != nil {
		t.Errorf("%s: got %v, want problems and no book", f.Name, err)
		return ""
	}
	return problems.Error() + "\n"
}

// TestProblemsAreBounded: a file of another kind does not fill the log.
func TestProblemsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "key%d: x\n", i)
	}
	_, err := Parse("big.yaml", []byte(b.String()))
	if err == nil {
		t.Fatal("got no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != maxProblems+1 || !strings.HasSuffix(lines[maxProblems], "and 900 more") {
		t.Errorf("got %d lines ending in %q, want %d and the number of the rest", len(lines), lines[len(lines)-1], maxProblems+1)
	}
}

// TestFilesAreBounded: neither size nor aliases make the bot work or swell.
func TestFilesAreBounded(t *testing.T) {
	_, err := Parse("huge.yaml", slices.Repeat([]byte("# filler\n"), maxFile/9+1))
	if err == nil || !strings.Contains(err.Error(), "at most 1048576") {
		t.Errorf("got %v, want a complaint about the size", err)
	}
	_, err = Parse("long.yaml", []byte("access: {channels: ["+strings.Repeat("C0A, ", maxList+1)+"]}"))
	if err == nil || !strings.Contains(err.Error(), "found 201 entries, want at most 200") {
		t.Errorf("got %v, want a complaint about the list", err)
	}
	if _, err = Parse("fleet.yaml", []byte(fleet(500))); err != nil {
		t.Errorf("got %v, want a fleet of 500 components taken", err)
	}
	_, err = Parse("fleet.yaml", []byte(fleet(maxFleet+1)))
	if err == nil || !strings.Contains(err.Error(), "found 1001 entries, want at most 1000") {
		t.Errorf("got %v, want a complaint about the fleet", err)
	}
	_, err = Parse("wide.yaml", []byte("owner: {"+strings.Repeat("x", 5000)+": y}\nupdated: "+strings.Repeat("x", 5000)))
	if err == nil || len(err.Error()) > 500 {
		t.Errorf("got %v, want foreign text cut", err)
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Join(slices.Repeat([]string{"*" + string(c-1)}, 10), ","))
	}
	bomb += "components: *z\naccess: {channels: *z}\n"
	if _, err := Parse("bomb.yaml", []byte(bomb)); err == nil || len(err.Error()) > 20_000 {
		t.Errorf("got %v, want a short complaint", err)
	}
}

// fleet is a file that adds so many components.
func fleet(n int) string {
	var b strings.Builder
	b.WriteString("components:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {name: w-%d, deployment: w-%d, selector: app=w-%d, group: g-%d, topics: [t-%d], reset: earliest, min: 1, low: 2, high: 12}\n", i, i, i, i, i)
	}
	return b.String()
}

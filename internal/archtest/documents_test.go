package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var recordTitle = regexp.MustCompile(`^# (\d+)\. (.+)\n`)

// TestEveryDecisionRecordIsComplete holds the records in docs/adr against their index: each
// is listed by its title, under its number, and has its context, decision and consequences.
func TestEveryDecisionRecordIsComplete(t *testing.T) {
	folder := filepath.Join(root, "docs", "adr")
	index := read(t, filepath.Join(folder, "README.md"))
	records, err := filepath.Glob(filepath.Join(folder, "[0-9]*.md"))
	if err != nil || len(records) < 20 {
		t.Fatalf("found only %d decision records (%v)", len(records), err)
	}
	for i, path := range records {
		name, text := filepath.Base(path), read(t, path)
		title := recordTitle.FindStringSubmatch(text)
		if title == nil {
			t.Errorf("%s does not begin with its number and title", name)
			continue
		}
		if number := strings.TrimLeft(name[:4], "0"); title[1] != number || number != strconv.Itoa(i+1) {
			t.Errorf("%s has the title %q: numbers follow each other, and the title has the one of the file", name, title[0])
		}
		if line := title[1] + ". [" + title[2] + "](" + name + ")\n"; !strings.Contains(index, line) {
			t.Errorf("the index of docs/adr lacks the line\n%s", line)
		}
		at := -1
		for _, heading := range []string{"\n## Context\n", "\n## Decision\n", "\n## Consequences\n"} {
			next := strings.Index(text, heading)
			if next <= at || strings.Count(text, heading) != 1 {
				t.Errorf("%s has no heading %q in its place", name, strings.TrimSpace(heading))
			}
			at = next
		}
	}
	for _, listed := range regexp.MustCompile(`\]\((\d{4}-[^)]*)\)`).FindAllStringSubmatch(index, -1) {
		if !slices.Contains(records, filepath.Join(folder, listed[1])) {
			t.Errorf("the index of docs/adr lists %s, which is not there", listed[1])
		}
	}
}

// The documents a reader begins with.
var documents = []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/adr/*.md"}

var (
	link = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	// named paths are those in back quotes that begin at the root.
	namedPath = regexp.MustCompile("`((?:internal|cmd|docs|manifests|test|findings)/[^`\\s]*)`")
	// namedGo is an exported name of one of our packages, as `scale.Recommend`.
	namedGo = regexp.MustCompile("`([a-z]+)\\.([A-Z]\\w*)(?:\\.([A-Z]\\w*))?`")
)

// What a document links to or names exists: files, folders, and exported names of packages.
func TestDocumentsNameWhatExists(t *testing.T) {
	for _, pattern := range documents {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no document %s (%v)", pattern, err)
		}
		for _, path := range paths {
			text := read(t, path)
			for _, m := range link.FindAllStringSubmatch(text, -1) {
				if !strings.Contains(m[1], ":") && !exists(filepath.Join(filepath.Dir(path), m[1])) {
					t.Errorf("%s links to %s, which does not exist", path, m[1])
				}
			}
			for _, m := range namedPath.FindAllStringSubmatch(text, -1) {
				if !exists(filepath.Join(root, m[1])) {
					t.Errorf("%s names %s, which does not exist", path, m[1])
				}
			}
			for _, m := range namedGo.FindAllStringSubmatch(text, -1) {
				for _, name := range m[2:] {
					if name != "" && !declares(t, m[1], name) {
						t.Errorf("%s names %s.%s, which package %s does not have", path, m[1], name, m[1])
					}
				}
			}
		}
	}
}

// exists reports whether there is a file or folder; a star stands for any name.
func exists(path string) bool {
	found, err := filepath.Glob(path)
	return err == nil && len(found) > 0
}

// declares reports whether a package of ours has an exported name, as a declaration, a
// method or a field; a package that is not ours has every name.
func declares(t *testing.T, pkg, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "internal", pkg, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	declaration := regexp.MustCompile(`(?m)^(func (\([^)]*\) )?|type |var |const |\t)` + name + `\b`)
	return len(files) == 0 || slices.ContainsFunc(files, func(path string) bool {
		return !strings.HasSuffix(path, "_test.go") && declaration.MatchString(read(t, path))
	})
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	citedPage = regexp.MustCompile(`\b([A-Za-z][\w/-]*\.md)\b`)
	// citedSection is a section of a document that nobody names.
	citedSection = regexp.MustCompile(`§|\b\d\.\d+ step \d|\((?:requirements|design)\b`)
)

// A comment cites only what a reader of the repository can open: its own documents, and the
// rows of the runbook that docs/runbook.md has.
func TestCommentsCiteWhatIsThere(t *testing.T) {
	rows := map[string]bool{}
	for _, r := range readRows(t) {
		rows[r.id] = true
	}
	for _, path := range sources(t, root, func(string) bool { return true }) {
		text := read(t, filepath.Join(root, path))
		for _, id := range named(text) {
			if !rows[id] {
				t.Errorf("%s names %s, which is no row of the runbook", path, id)
			}
		}
		for line := range strings.Lines(text) {
			_, comment, is := strings.Cut(line, "//")
			if !is || strings.Contains(line, "://") {
				continue
			}
			if citedSection.MatchString(comment) {
				t.Errorf("%s cites a section of a document that it does not name: %s", path, strings.TrimSpace(line))
			}
			for _, m := range citedPage.FindAllStringSubmatch(comment, -1) {
				if !exists(filepath.Join(root, m[1])) && !exists(filepath.Join(root, "docs", m[1])) {
					t.Errorf("%s cites %s, which the repository does not have", path, m[1])
				}
			}
		}
	}
}

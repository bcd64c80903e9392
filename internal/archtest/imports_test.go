package archtest

import (
	"go/ast"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestMain lets the collector rest: memory is not what these tests are short of.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

const module = "github.com/scalebot/scalebot/"

// loaded is the module, type-checked without tests against the export data of what it imports;
// to load it takes seconds.
var loaded = sync.OnceValues(func() ([]*packages.Package, error) {
	return packages.Load(&packages.Config{
		Dir:  "../..",
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports,
	}, "./...")
})

func loadModule(t *testing.T) []*packages.Package {
	t.Helper()
	module, err := loaded()
	if err != nil {
		t.Fatalf("loading the packages: %v", err)
	}
	for _, p := range module {
		for _, problem := range p.Errors {
			t.Fatalf("loading %s: %v", p.PkgPath, problem)
		}
	}
	return module
}

func TestImportsFollowTheTable(t *testing.T) {
	loaded := loadModule(t)
	if len(loaded) < 10 {
		t.Fatalf("only %d packages were loaded", len(loaded))
	}
	used := map[string]bool{}
	for _, p := range loaded {
		name := strings.TrimPrefix(p.PkgPath, module)
		at := slices.IndexFunc(arrows, func(row packageRow) bool { return row.path == name })
		if at < 0 {
			t.Errorf("%s has no row in the table of arrows", name)
			continue
		}
		for imported := range p.Imports {
			to, ok := arrows[at].allows(imported)
			used[name+" "+to] = true
			if !ok || slices.Contains(banned[name], imported) {
				t.Errorf("%s must not import %s", name, imported)
			}
		}
	}
	for _, row := range arrows {
		for _, a := range slices.Concat(row.ours, row.outside) {
			if !used[row.path+" "+a.to] {
				t.Errorf("%s may import %s and does not: the arrow, or the package, is no longer there", row.path, a.to)
			}
		}
	}
}

// allows reports whether the package may import the path, and by which arrow; the standard
// library needs none.
func (row packageRow) allows(imported string) (to string, ok bool) {
	if name, ours := strings.CutPrefix(imported, module); ours {
		to = strings.TrimPrefix(name, "internal/")
		return to, slices.ContainsFunc(row.ours, func(a arrow) bool { return a.to == to })
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return "", true
	}
	for _, a := range row.outside {
		if strings.HasPrefix(imported, a.to) {
			return a.to, true
		}
	}
	return "", false
}

// A package imports only what stands above it in the table, so that there is no circle and
// reading from the top never needs what comes later. Every row and every arrow says why it
// is there.
func TestArrowsPointToTheGround(t *testing.T) {
	above := map[string]bool{}
	for _, row := range arrows {
		name := strings.TrimPrefix(row.path, "internal/")
		if above[name] || row.subject == "" {
			t.Errorf("%s is there twice, or has no subject", row.path)
		}
		for _, a := range row.ours {
			if !above[a.to] {
				t.Errorf("%s may import %s, which is not above it in the table", row.path, a.to)
			}
		}
		for _, a := range slices.Concat(row.ours, row.outside) {
			if a.why == "" {
				t.Errorf("%s may import %s for no reason", row.path, a.to)
			}
		}
		above[name] = true
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range loadModule(t) {
		if !slices.ContainsFunc(p.Syntax, func(file *ast.File) bool { return file.Doc.Text() != "" }) {
			t.Errorf("%s has no package comment", strings.TrimPrefix(p.PkgPath, module))
		}
	}
}

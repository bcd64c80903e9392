package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// unread are settings that only the runbook's own package uses, each with what for.
var unread = map[string]string{
	"Book.Components.Title":                 "one of the words by which people call the component",
	"Book.Components.Aliases":               "the other words by which people call the component",
	"Book.Components.Metrics.Consumed.Kind": "what a metric is for fixes its kind; a file may repeat it and is checked",
}

// A setting of the runbook file that nothing reads promises what the bot does not do: a team
// sets it, sees the file accepted, and waits for an effect. So every field that the file
// fills is read somewhere outside the package that fills it.
func TestEverySettingOfTheRunbookIsRead(t *testing.T) {
	module := loadModule(t)
	settings := settingsOf(t, module)
	if len(settings) < 80 {
		t.Fatalf("found only %d settings", len(settings))
	}
	read := map[string]bool{}
	for _, p := range module {
		if !strings.HasSuffix(p.PkgPath, "internal/runbook") {
			markReads(p, read)
		}
	}
	for place, name := range settings {
		if reason, kept := unread[name]; !read[place] && !kept {
			t.Errorf("%s is filled by the runbook file and read by nothing", name)
		} else if read[place] && kept {
			t.Errorf("%s is read, and still listed as unread (%s)", name, reason)
		}
	}
}

// settingsOf lists the fields below runbook.Book that hold values, by the place of their
// declaration.
func settingsOf(t *testing.T, loaded []*packages.Package) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, p := range loaded {
		if strings.HasSuffix(p.PkgPath, "internal/runbook") {
			book := p.Types.Scope().Lookup("Book").Type()
			collectSettings(p.Fset, book, "Book", found, map[types.Type]bool{})
		}
	}
	return found
}

// collectSettings goes down into structs of the module; everything else is a value.
func collectSettings(fset *token.FileSet, of types.Type, path string, found map[string]string, seen map[types.Type]bool) {
	structure, ok := inner(of).Underlying().(*types.Struct)
	if !ok || seen[inner(of)] {
		return
	}
	seen[inner(of)] = true
	for field := range structure.Fields() {
		if !field.Exported() {
			continue
		}
		name := path + "." + field.Name()
		if below, ok := inner(field.Type()).(*types.Named); ok && ours(below) && isStruct(below) {
			collectSettings(fset, field.Type(), name, found, seen)
			continue
		}
		found[place(fset, field)] = name
	}
}

// inner is the element of a slice, array or map, or the type itself.
func inner(of types.Type) types.Type {
	switch of := of.(type) {
	case *types.Slice:
		return inner(of.Elem())
	case *types.Map:
		return inner(of.Elem())
	}
	return of
}

func ours(named *types.Named) bool {
	return named.Obj().Pkg() != nil && strings.HasPrefix(named.Obj().Pkg().Path(), module)
}

func isStruct(named *types.Named) bool {
	_, ok := named.Underlying().(*types.Struct)
	return ok
}

// markReads notes the fields that a package reads: selected anywhere but on the left of an
// assignment.
func markReads(p *packages.Package, read map[string]bool) {
	written := map[ast.Expr]bool{}
	for _, file := range p.Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					written[left] = n.Tok == token.ASSIGN
				}
			case *ast.SelectorExpr:
				selection, ok := p.TypesInfo.Selections[n]
				if ok && selection.Kind() == types.FieldVal && !written[n] {
					read[place(p.Fset, selection.Obj())] = true
				}
			}
			return true
		})
	}
}

// place is where a field is declared: the same for the package that declares it and for one
// that knows it from export data.
func place(fset *token.FileSet, field types.Object) string {
	at := fset.Position(field.Pos())
	return fmt.Sprintf("%s:%d %s", filepath.Base(at.Filename), at.Line, field.Name())
}

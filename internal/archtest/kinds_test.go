package archtest

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// knowsKinds are the files that may name a kind of change, with the reason. Everybody else asks
// package lever or prints what the change says of itself, so that the next kind is added here
// and nowhere else (docs/adr/0035-a-change-is-a-list-of-steps.md).
var knowsKinds = []struct{ file, why string }{
	{"internal/change/", "defines them"},
	{"internal/lever/", "judges them"},
	{"internal/slackui/cards/change.go", "picks who draws a kind"},
	{"internal/slackui/cards/change_replicas.go", "draws replica counts"},
	{"internal/kube/hand.go", "picks who writes a kind"},
	{"internal/kube/hand_replicas.go", "writes replica counts"},
	{"internal/slackui/slackuitest/", "makes up operations for tests"},
	{"internal/slackui/cards/cardstest/", "makes up operations for tests"},
	{"internal/ledger/ledgertest/", "makes up operations for tests"},
}

// kinds are the names that package change exports for one of its kinds: the types that are
// changes, and their Kind constants.
func kinds(t *testing.T) map[types.Object]bool {
	t.Helper()
	for _, p := range loadModule(t) {
		if p.PkgPath != module+"internal/change" {
			continue
		}
		scope := p.Types.Scope()
		set, _ := scope.Lookup("Change").Type().Underlying().(*types.Interface)
		all := map[types.Object]bool{}
		for _, name := range scope.Names() {
			object := scope.Lookup(name)
			_, isType := object.(*types.TypeName)
			_, isConst := object.(*types.Const)
			if isType && name != "Change" && types.Implements(object.Type(), set) || isConst && strings.HasPrefix(name, "Kind") {
				all[object] = true
			}
		}
		return all
	}
	t.Fatal("there is no package change")
	return nil
}

func TestWhoKnowsAKindOfChange(t *testing.T) {
	known, used := kinds(t), map[string]bool{}
	if len(known) < 2 {
		t.Fatalf("package change has %d names of kinds, want a type and a constant at least", len(known))
	}
	for _, p := range loadModule(t) {
		for i, file := range p.Syntax {
			name := p.GoFiles[i]
			name = name[strings.LastIndex(name, "/"+strings.TrimPrefix(p.PkgPath, module)+"/")+1:]
			at := slices.IndexFunc(knowsKinds, func(k struct{ file, why string }) bool { return strings.HasPrefix(name, k.file) })
			ast.Inspect(file, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if !ok || !known[p.TypesInfo.Uses[id]] && !known[p.TypesInfo.Defs[id]] {
					return true
				}
				if at < 0 {
					t.Errorf("%s names the kind %s of a change: ask package lever, or print Kind, Ends or String", name, id.Name)
				} else {
					used[knowsKinds[at].file] = true
				}
				return true
			})
		}
	}
	for _, k := range knowsKinds {
		if !used[k.file] {
			t.Errorf("%s may name a kind of change (%s), and does not", k.file, k.why)
		}
	}
}

package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// A rule is named by its constant: an id that is written out can be mistyped, and is not found
// where the constant is used.
func TestRulesAreNamedByTheirConstants(t *testing.T) {
	id := regexp.MustCompile(`^"[RT]-\d{2,3}"$`)
	for _, p := range loadModule(t) {
		for _, file := range p.Syntax {
			path := p.Fset.Position(file.Pos()).Filename
			if strings.HasSuffix(path, ruleNames) {
				continue
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if text, is := n.(*ast.BasicLit); is && text.Kind == token.STRING && id.MatchString(text.Value) {
					t.Errorf("%s: %s is written out; name the constant of package scale", p.Fset.Position(text.Pos()), text.Value)
				}
				return true
			})
		}
	}
}

package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whoever reads "decision B.6" in the code finds it in docs/decisions.md.
func TestEveryDecisionThatIsCitedIsWritten(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "decisions.md"))
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^## (B\.\d+) `).FindAllStringSubmatch(string(text), -1) {
		written[heading[1]] = true
	}
	cited := regexp.MustCompile(`decision ([A-Z]\.\d+)`)
	err = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasPrefix(path, filepath.Join("..", "archtest")) {
			return err
		}
		source, err := os.ReadFile(path)
		for _, c := range cited.FindAllStringSubmatch(string(source), -1) {
			if !written[c[1]] {
				t.Errorf("%s cites decision %s, which docs/decisions.md does not have", path, c[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

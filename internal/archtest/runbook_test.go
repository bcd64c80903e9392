package archtest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// defaults is the runbook file that is built into the program.
var defaults = filepath.Join("internal", "runbook", "default.yaml")

const runbookHead = `# The runbook, row by row

What the bot does comes from a written runbook, "Scaling Operations". Its rows (R) and the traps in it (T: places where it contradicts itself, or the systems it is about) are cited by number in code,
tests, messages and on cards. Here is each of them in our own words: the value it has in [the runbook file](../internal/runbook/default.yaml), which a team's own file may change, the code that carries it
out, and the tests that prove it. How the bot measures and decides where the runbook leaves something open is in [decisions.md](decisions.md).

This page is printed from the list of rows, the runbook file, the code and the tests: ` + "`go test ./internal/archtest -update`" + `.
`

// TestTheRunbookPageSaysWhatTheCodeSays keeps docs/runbook.md equal to the rows, the values,
// the code and the tests.
func TestTheRunbookPageSaysWhatTheCodeSays(t *testing.T) {
	carried, proved, values := carriedOut(t), proofs(t, root), configured(t)
	var page strings.Builder
	page.WriteString(runbookHead)
	chapter := ""
	for _, r := range readRows(t) {
		if r.chapter != chapter {
			chapter = r.chapter
			fmt.Fprintf(&page, "\n## %s\n", chapter)
		}
		if r.open == "" && len(carried[r.id]) == 0 {
			t.Errorf("%s is named by no code: say in the comment of what carries it out that it does (%s)", r.id, r.says)
		}
		page.WriteString(printRow(r, values[r.id], carried[r.id], proved[r.id]))
	}
	keep(t, filepath.Join(root, "docs", "runbook.md"), page.String())
}

// printRow is one row with all that is known of it.
func printRow(r row, values []setting, carried []string, proved []proof) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n### %s\n\n%s%s.\n\n", r.id, strings.ToUpper(r.says[:1]), r.says[1:])
	if r.open != "" {
		fmt.Fprintf(&out, "- **Not done yet**: %s\n", r.open)
	}
	if len(values) > 0 {
		var written []string
		for _, v := range values {
			written = append(written, v.String())
		}
		fmt.Fprintf(&out, "- **Value** %s\n", strings.Join(written, " · "))
	}
	if len(values) == 0 && r.open == "" && strings.ContainsAny(r.says, "0123456789") {
		out.WriteString("- **Value** fixed in the code\n")
	}
	if len(carried) > 0 && r.open == "" {
		fmt.Fprintf(&out, "- **Code** %s\n", links(carried, func(path string) string { return strings.TrimPrefix(path, "internal/") }))
	}
	if len(proved) > 0 {
		fmt.Fprintf(&out, "- **Tests** %s\n", printProofs(proved))
	}
	return out.String()
}

// links are Markdown links from docs/ to files of the repository.
func links(paths []string, name func(path string) string) string {
	var out []string
	for _, path := range paths {
		out = append(out, fmt.Sprintf("[%s](../%s)", name(path), path))
	}
	return strings.Join(out, ", ")
}

// printProofs names the tests file by file.
func printProofs(proved []proof) string {
	byFile := map[string][]string{}
	var files []string
	for _, p := range proved {
		if _, there := byFile[p.file]; !there {
			files = append(files, p.file)
		}
		tests := byFile[p.file]
		if p.test != "" && !slices.Contains(tests, p.test) {
			tests = append(tests, p.test)
		}
		byFile[p.file] = tests
	}
	return links(files, func(path string) string {
		if tests := byFile[path]; len(tests) > 0 {
			return strings.Join(tests, ", ")
		}
		return strings.TrimPrefix(path, "internal/")
	})
}

// pretended are the packages that play the world or hold tests, so that nothing in them
// carries out a row.
var pretended = []string{"archtest", "demo", "kubetest", "memnet", "scaletest", "slackemu", "stage", "storetest", "testdata"}

var rowRange = regexp.MustCompile(`\b([RT])-(\d{2,3}) to ([RT])-(\d{2,3})\b`)

// ruleNames gives the rows their names in code, and carries out none of them.
const ruleNames = "internal/scale/rule.go"

// carriedOut maps the ids to the source files that name them, tests aside. A range such as
// "R-034 to R-040" names every row in it.
func carriedOut(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, path := range sources(t, root, func(path string) bool {
		return !strings.HasSuffix(path, "_test.go") && path != ruleNames && (strings.HasPrefix(path, "internal/") || strings.HasPrefix(path, "cmd/")) &&
			!slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool { return slices.Contains(pretended, part) })
	}) {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range slices.Concat(named(string(text)), between(string(text))) {
			if !slices.Contains(found[id], path) {
				found[id] = append(found[id], path)
			}
		}
	}
	return found
}

// between lists the rows of all ranges in a text, ends included.
func between(text string) []string {
	var ids []string
	for _, m := range rowRange.FindAllStringSubmatch(text, -1) {
		first, _ := strconv.Atoi(m[2]) // the pattern has digits only
		last, _ := strconv.Atoi(m[4])
		for n := first; n <= last && m[1] == m[3]; n++ {
			ids = append(ids, fmt.Sprintf("%s-%0*d", m[1], len(m[2]), n))
		}
	}
	return ids
}

// setting is a value of the runbook file.
type setting struct {
	key   string // "scaleUp.lag"; entries of a list by their name, as components.download-worker.min
	value string // as the file writes it; empty for a whole block
}

func (s setting) String() string {
	if s.value == "" {
		return fmt.Sprintf("`%s` (a section)", s.key)
	}
	return fmt.Sprintf("`%s: %s`", s.key, s.value)
}

// configured maps the ids to the settings of the default runbook file that cite them: in the
// comment behind the setting, or in the one right above it.
func configured(t *testing.T) map[string][]setting {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, defaults))
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	byLine := map[int]setting{}
	settingsIn(document.Content[0], "", lines, byLine)
	found := map[string][]setting{}
	var cited []string
	for i, line := range lines {
		_, comment, commented := strings.Cut(line, "# ")
		if commented {
			cited = append(cited, slices.Concat(named(comment), between(comment))...)
		}
		s, there := byLine[i+1]
		for _, id := range cited {
			if there && !slices.Contains(found[id], s) {
				found[id] = append(found[id], s)
			}
		}
		if there || strings.TrimSpace(line) == "" {
			cited = nil
		}
	}
	for id, all := range found { // A whole section says less than a setting in it, or another one.
		if small := slices.DeleteFunc(slices.Clone(all), func(s setting) bool { return s.value == "" }); len(small) > 0 {
			found[id] = small
		}
	}
	return found
}

// settingsIn notes each key of a mapping, and of those below it, by its line.
func settingsIn(node *yaml.Node, path string, lines []string, byLine map[int]setting) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		s := setting{key: strings.TrimPrefix(path+"."+key.Value, ".")}
		if value.Kind == yaml.ScalarNode || value.Style&yaml.FlowStyle != 0 {
			written, _, _ := strings.Cut(lines[value.Line-1][value.Column-1:], " #")
			s.value = strings.TrimSpace(written)
		}
		byLine[key.Line] = s
		switch {
		case value.Kind == yaml.MappingNode && s.value == "":
			settingsIn(value, s.key, lines, byLine)
		case value.Kind == yaml.SequenceNode && s.value == "":
			for _, entry := range value.Content {
				if entry.Kind == yaml.MappingNode && entry.Style&yaml.FlowStyle == 0 {
					settingsIn(entry, s.key+"."+entry.Content[1].Value, lines, byLine)
				}
			}
		}
	}
}

func TestRangesNameEveryRowBetween(t *testing.T) {
	got := strings.Join(between("R-034 to R-036, T-09 to T-11 and R-001 to T-04"), " ")
	if want := "R-034 R-035 R-036 T-09 T-10 T-11"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A value stands on the page as the file has it, under the key by which a team changes it.
func TestValuesComeWithTheirKey(t *testing.T) {
	values := configured(t)
	for id, want := range map[string]string{
		"R-001": "`scaleUp.lag: {above: 10000, for: 0s, within: 0s, urgency: critical}`",
		"R-049": "`scaleDown.maxStep: 2`",
		"R-055": "`access.twoPeople.overrideMinimum: true` `components.event-ingester.min: 2` `components.download-worker.min: 4` `components.result-processor.min: 2`",
		"R-117": "`times.reports: [5m, 15m, 1h]`",
		"R-121": "`metrics.breaker: {name: circuit_breaker_open, kind: gauge}` `times.reports: [5m, 15m, 1h]`",
	} {
		var got []string
		for _, v := range values[id] {
			got = append(got, v.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", id, got, want)
		}
	}
}

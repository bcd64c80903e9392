package doctor

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// detailMost is up to how many components the report has a line for every healthy component.
	// With more components it lists only problems.
	detailMost = 20
	// namedMost is how many components with the same problem one line names.
	namedMost = 5
)

// finding is the result of a check on one component.
type finding struct {
	level     Level
	component string
	// what is the finding, and next what to do about it. alike and nextAlike are the same texts
	// for several components, without the details of one.
	// several components, without what concerns one of them only.
	what, next, alike, nextAlike string
}

// summarise makes lines of the findings of a fleet. For a small fleet it prints all of them. For
// a large one it prints each problem once, for all components that have it, and one line about
// the rest.
func summarise(components int, about string, found []finding) []Line {
	var lines []Line
	if components <= detailMost {
		for _, f := range found {
			lines = append(lines, Line{Level: f.level, Text: f.component + ": " + f.what, Next: f.next})
		}
		return lines
	}
	type sort struct {
		level Level
		what  string
	}
	var order []sort
	alike, wrong := map[sort][]finding{}, map[string]bool{}
	for _, f := range found {
		if f.level == OK {
			continue
		}
		wrong[f.component] = true
		of := sort{f.level, cmp.Or(f.alike, f.what)}
		if alike[of] == nil {
			order = append(order, of)
		}
		alike[of] = append(alike[of], f)
	}
	if well := components - len(wrong); well > 0 {
		lines = append(lines, Line{Level: OK, Text: fmt.Sprintf("%s of %s components are as they should be", about, scale.Count(int64(well)))})
	}
	for _, of := range order {
		lines = append(lines, together(alike[of]))
	}
	return lines
}

// together is one line about components with the same problem.
func together(alike []finding) Line {
	first := alike[0]
	if len(alike) == 1 {
		return Line{Level: first.level, Text: first.component + ": " + first.what, Next: first.next}
	}
	var names []string
	for _, f := range alike[:min(namedMost, len(alike))] {
		names = append(names, f.component)
	}
	who := strings.Join(names, ", ")
	if more := len(alike) - len(names); more > 0 {
		who += fmt.Sprintf(" and %d more", more)
	}
	return Line{Level: first.level, Text: who + ": " + cmp.Or(first.alike, first.what), Next: cmp.Or(first.nextAlike, first.next)}
}

package runbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// checkComponents reports what is wrong with the components once they are complete.
func checkComponents(l *layer, book *Book) {
	l.require(len(book.Components) > 0, "no component is left", "components")
	for i, c := range book.Components {
		checkBounds(l, c)
		checkSingle(l, c)
		checkWords(l, c)
		for _, other := range book.Components[:i] {
			checkPair(l, c, other)
		}
		book.Components[i].Downstream = checkDownstream(l, book, c)
	}
}

func key(c scale.Component, setting string) string { return "components." + c.Name + "." + setting }

func checkBounds(l *layer, c scale.Component) {
	l.require(c.Min <= c.Low, fmt.Sprintf("the minimum %d must not be above the lower end %d of the recommended range", c.Min, c.Low),
		key(c, "min"), key(c, "low"))
	l.require(c.Low <= c.High, fmt.Sprintf("the recommended range must not run from %d down to %d", c.Low, c.High),
		key(c, "low"), key(c, "high"))
	l.require(c.Max == 0 || c.High <= c.Max, fmt.Sprintf("the recommended range up to %d must not pass the maximum %d", c.High, c.Max),
		key(c, "high"), key(c, "max"))
}

func checkSingle(l *layer, c scale.Component) {
	l.require(c.Single == "" || c.High == 1 && c.Max <= 1,
		"a component that may have only one instance has min, low and high 1; to allow more, write single: false",
		key(c, "high"), key(c, "max"), key(c, "single"))
}

func checkWords(l *layer, c scale.Component) {
	if Reserved(c.Name) {
		l.complain(quote(c.Name)+" is a command, so nobody could name the component", key(c, "name"))
	}
	if episodesOf(c.Name, ledger.Fleet) != "" {
		l.complain(fmt.Sprintf("operations of %s would be called like the notes about what cannot be judged", quote(c.Name)), key(c, "name"))
	}
	for _, alias := range c.Aliases {
		if Reserved(alias) {
			l.complain(quote(alias)+" is a command, so nobody could mean the component by it", key(c, "aliases"), key(c, "name"))
		}
	}
}

// episodesOf says which kind of another component's episodes would have the same names as this
// component's operations; empty when none. On Slack both are found by name.
func episodesOf(name, other string) ledger.EpisodeKind {
	for _, kind := range ledger.EpisodeKinds {
		if name == other+"-"+string(kind) && (other == ledger.Fleet || kind != ledger.EpisodeBlindness) {
			return kind
		}
	}
	return ""
}

// checkPair reports settings that two components must not share.
func checkPair(l *layer, c, other scale.Component) {
	for _, word := range calls(c) {
		if slices.Contains(calls(other), word) {
			l.complain(fmt.Sprintf("%s would mean both %s and %s", quote(word), other.Name, c.Name),
				key(c, "aliases"), key(other, "aliases"), key(c, "title"), key(other, "title"), key(c, "name"), key(other, "name"))
		}
	}
	if c.Namespace == other.Namespace && c.Deployment == other.Deployment {
		l.complain(fmt.Sprintf("deployment %s belongs to both %s and %s, and two components must not scale one deployment", c.Deployment, other.Name, c.Name),
			key(c, "deployment"), key(other, "deployment"), key(c, "name"), key(other, "name"))
	}
	for _, pair := range [][2]scale.Component{{c, other}, {other, c}} {
		if clash := episodesOf(pair[0].Name, pair[1].Name); clash != "" {
			l.complain(fmt.Sprintf("operations of %s would be called like each %s of %s", quote(pair[0].Name), clash, pair[1].Name), key(pair[0], "name"), key(pair[1], "name"))
		}
		if _, number, err := ledger.ParseOperationID(pair[0].Name); err == nil && pair[0].Name == ledger.OperationID(pair[1].Name, number) {
			l.complain(fmt.Sprintf("%s looks like an operation of %s", quote(pair[0].Name), pair[1].Name), key(pair[0], "name"), key(pair[1], "name"))
		}
	}
}

// checkDownstream reports links to components that do not exist. A default link to a component
// that the file removes is dropped without a report.
func checkDownstream(l *layer, book *Book, c scale.Component) []string {
	var links []string
	for _, name := range c.Downstream {
		switch {
		case name == c.Name:
			l.complain("a component does not feed itself", key(c, "downstream"))
		case slices.Contains(book.Names(), name):
			links = append(links, name)
		case l.nodes[key(c, "downstream")] != nil:
			l.complain(fmt.Sprintf("there is no component %s; the runbook has %s", quote(name), strings.Join(book.Names(), ", ")), key(c, "downstream"))
		}
	}
	return links
}

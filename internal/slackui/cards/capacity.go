package cards

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/capacity"
	"github.com/scalebot/scalebot/internal/scale"
)

// drawCapacity answers how many workers a load needs: the number first, then how it was computed.
func drawCapacity(n capacity.Need) Content {
	var c Canvas
	c.Section(fmt.Sprintf("🧮 *%s* needs: %s", Words(n.Component, MaxName), Words(scale.Sentence(n.Headline), MaxWords)))
	c.list("*For*", bullets(n.Inputs, len(n.Inputs)))
	c.list(titled("*Ways to count*", n.Readings), bullets(n.Readings, len(n.Readings)))
	c.list(titled("*When that is more than the partitions*", n.Remedies), bullets(n.Remedies, len(n.Remedies)))
	c.list(titled("*What the pods take*", n.Resources), bullets(n.Resources, len(n.Resources)))
	c.list("", prefixed("🧱 ", held(n)))
	c.list("", prefixed("ℹ️ ", n.Notes))
	c.small(proposeNeed(n))
	return c.Content(fmt.Sprintf("%s needs: %s", Words(n.Component, MaxName), Words(scale.Sentence(n.Headline), MaxWords)))
}

// held says that more workers would not help now, whatever the formulas compute.
func held(n capacity.Need) []string {
	if n.Held == "" || n.Workers > 0 && n.Workers <= n.Now {
		return nil
	}
	return []string{n.Held + "; more workers would not help until that is mended, whatever the numbers say"}
}

// proposeNeed is the command that scales from the present count to the needed one.
func proposeNeed(n capacity.Need) string {
	switch {
	case n.Workers <= 0 || len(held(n)) > 0:
		return ""
	case n.Workers == n.Now:
		return "That is what runs now."
	case n.Workers < n.Now:
		return fmt.Sprintf("%d run now. Workers go one or two at a time, once lag has stayed low (R-049, R-050).", n.Now)
	}
	return "To propose it: " + code(fmt.Sprintf("/scale %s %d", n.Component, n.Workers), MaxWords)
}

// titled is the title of a list, empty when the list is empty.
func titled(title string, rows []string) string {
	if len(rows) == 0 {
		return ""
	}
	return title
}

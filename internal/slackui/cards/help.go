package cards

import (
	"strings"

	"github.com/scalebot/scalebot/internal/commands"
)

func drawHelp(h commands.Helped) Content {
	var c Canvas
	title := "*What you can type*"
	if h.Topic != "" {
		title = "*Help on " + Words(h.Topic, MaxName) + "*"
	}
	var rows []string
	for _, p := range h.Pages {
		rows = append(rows, helpRow(p, h.Topic != ""))
	}
	c.list(title, rows)
	c.small(Words(h.Footer, MaxWords))
	c.small(RunbookLinks(h.Runbooks))
	if h.Topic != "" {
		return c.Content("Help on " + Words(h.Topic, MaxName) + ".")
	}
	return c.Content("What you can type after /scale.")
}

// helpRow is one command. It has details only when one command is asked about, because the full
// list would not fit a phone.
func helpRow(p commands.Page, detailed bool) string {
	row := code(p.Usage, 300) + "  " + Words(p.Summary, MaxWords)
	if !detailed {
		return row
	}
	if p.Detail != "" {
		row += "\n        " + strings.ReplaceAll(lines(p.Detail, MaxWords), "\n", "\n        ")
	}
	for _, example := range p.Examples {
		row += "\n        " + code(example, 300)
	}
	return row
}

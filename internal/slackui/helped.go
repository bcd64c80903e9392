package slackui

import (
	"strings"

	"github.com/scalebot/scalebot/internal/commands"
)

func helpedLook(h commands.Helped) Look {
	var c canvas
	title := "*What you can type*"
	if h.Topic != "" {
		title = "*Help on " + words(h.Topic, maxName) + "*"
	}
	var rows []string
	for _, p := range h.Pages {
		rows = append(rows, helpRow(p, h.Topic != ""))
	}
	c.list(title, rows)
	c.small(words(h.Footer, maxWords))
	c.small(runbookLinks(h.Runbooks))
	if h.Topic != "" {
		return c.look("Help on " + words(h.Topic, maxName) + ".")
	}
	return c.look("What you can type after /scale.")
}

// helpRow is one command; details only where one command is asked about, or the list
// would not fit a phone.
func helpRow(p commands.Page, detailed bool) string {
	row := code(p.Usage, 300) + "  " + words(p.Summary, maxWords)
	if !detailed {
		return row
	}
	if p.Detail != "" {
		row += "\n        " + strings.ReplaceAll(lines(p.Detail, maxWords), "\n", "\n        ")
	}
	for _, example := range p.Examples {
		row += "\n        " + code(example, 300)
	}
	return row
}

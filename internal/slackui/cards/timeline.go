package cards

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/audit"
	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/ledger"
)

const (
	// chronicleLine bounds one line in characters; escaping makes some of them five.
	chronicleLine = 550
	// ChronicleBlocks bounds the blocks, so that the whole stays below Slack's limit of
	// a message's text; the rest is in the audit export.
	ChronicleBlocks = 6
)

// DrawTimeline is the timeline in code blocks, from which people copy the Markdown. Unlike an
// uploaded file, this answer stays private to whoever asked.
func DrawTimeline(op ledger.Operation) Content {
	var c Canvas
	c.Section(fmt.Sprintf("🧾 *Timeline of %s*, as Markdown to copy", Words(op.ID, MaxName)))
	blocks, left := Fenced(audit.Timeline(op))
	for _, block := range blocks {
		c.Section(block)
	}
	if left > 0 {
		c.small(fmt.Sprintf("%d more lines do not fit here; scalebot audit export has everything.", left))
	}
	return c.Content(fmt.Sprintf("Timeline of %s: %s %s %s, %s.",
		Words(op.ID, MaxName), Words(op.Component, MaxName), op.Change(), unit(op), op.State()))
}

// Fenced splits a text at its lines into code blocks, whose content cannot end the block early,
// and returns how many lines found no room.
func Fenced(text string) (blocks []string, left int) {
	var b strings.Builder
	size := 0
	end := func() {
		if size > 0 {
			blocks = append(blocks, "```\n"+special.Replace(b.String())+"```")
		}
		b.Reset()
		size = 0
	}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = blockkit.Fit(oneLine(line), chronicleLine) + "\n"
		n := len([]rune(special.Replace(line)))
		if size > 0 && size+n > blockkit.SectionText-100 {
			end()
		}
		if len(blocks) >= ChronicleBlocks {
			left++
			continue
		}
		b.WriteString(line)
		size += n
	}
	if len(blocks) < ChronicleBlocks {
		end()
	}
	return blocks, left
}

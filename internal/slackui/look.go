package slackui

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/blockkit"
)

// Look is the content of one message.
type Look struct {
	// Text is the whole message as a sentence or two; notifications and screen readers show
	// only this.
	Text string
	// Blocks are what people see in the channel.
	Blocks []slack.Block
	// Typed says what to type when the buttons cannot be shown; empty when there are
	// none.
	Typed string
}

// bare is the look without blocks, for when Slack refuses them.
func (l Look) bare() Look {
	text := l.Text
	if l.Typed != "" {
		text += "\n" + l.Typed
	}
	return Look{Text: blockkit.Fit(text, blockkit.FallbackText)}
}

// canvas collects blocks and keeps them within Slack's limits.
type canvas struct{ blocks []slack.Block }

// section adds one text block.
func (c *canvas) section(text string) {
	if text = strings.TrimSpace(text); text != "" {
		c.add(slack.NewSectionBlock(mrkdwn(blockkit.Fit(text, blockkit.SectionText)), nil, nil))
	}
}

// maxRows is how many lines of one kind a message shows.
const maxRows = 30

// list adds lines, in as many sections as they need.
func (c *canvas) list(title string, rows []string) {
	if len(rows) == 0 {
		return
	}
	if more := len(rows) - maxRows; more > 0 {
		rows = append(rows[:maxRows:maxRows], fmt.Sprintf("… and %d more", more))
	}
	part, size := []string{}, 0
	if title != "" {
		part, size = append(part, title), len([]rune(title))+1
	}
	for _, row := range rows {
		row = blockkit.Fit(row, blockkit.SectionText-200)
		if n := len([]rune(row)) + 1; size+n > blockkit.SectionText {
			c.section(strings.Join(part, "\n"))
			part, size = nil, 0
		}
		part, size = append(part, row), size+len([]rune(row))+1
	}
	c.section(strings.Join(part, "\n"))
}

// fields adds short facts beside each other; empty ones are left out.
func (c *canvas) fields(facts ...string) {
	var objects []*slack.TextBlockObject
	for _, fact := range facts {
		if fact != "" && len(objects) < blockkit.SectionFields {
			objects = append(objects, mrkdwn(blockkit.Fit(fact, blockkit.FieldText)))
		}
	}
	if len(objects) > 0 {
		c.add(slack.NewSectionBlock(nil, objects, nil))
	}
}

// small adds a line in small print.
func (c *canvas) small(text string) {
	if text = strings.TrimSpace(text); text != "" {
		c.add(slack.NewContextBlock("", mrkdwn(blockkit.Fit(text, blockkit.FieldText))))
	}
}

// actions adds a row of buttons about the thing with the given id. The id is also the
// row's, because a select has no value of its own to carry it.
func (c *canvas) actions(id string, elements ...slack.BlockElement) {
	if len(elements) > 0 {
		c.blocks = append(c.blocks, slack.NewActionBlock(plain(id, blockkit.ID), elements...))
	}
}

// add appends a block and keeps room for one more: a row of buttons must fit, other blocks may
// be cut.
func (c *canvas) add(b slack.Block) {
	if len(c.blocks) < blockkit.MessageBlocks-1 {
		c.blocks = append(c.blocks, b)
	}
}

// look finishes the message.
func (c *canvas) look(text string) Look {
	return Look{Text: blockkit.Fit(text, blockkit.FallbackText), Blocks: c.blocks}
}

// mrkdwn is a text object with the bot's own markup. verbatim keeps Slack from turning names
// and addresses into links.
func mrkdwn(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

func plainText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, true, false)
}

// ask is a confirm dialog. It runs in the reader's client and only guards against a slip of the
// finger, so it repeats the numbers.
type ask struct{ title, text, yes, no string }

func (a ask) object(style slack.Style) *slack.ConfirmationBlockObject {
	dialog := slack.NewConfirmationBlockObject(
		plainText(plain(a.title, blockkit.ConfirmTitle)), plainText(plain(a.text, blockkit.ConfirmText)), plainText(plain(a.yes, blockkit.ConfirmButton)), plainText(plain(a.no, blockkit.ConfirmButton)))
	dialog.Style = style
	return dialog
}

// button is a button whose value is an id and nothing else. confirm may be nil.
func button(action, id, label string, style slack.Style, confirm *ask) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(action, plain(id, blockkit.ID), plainText(plain(label, blockkit.ButtonText)))
	b.Style = style
	if confirm != nil {
		b.Confirm = confirm.object(style)
	}
	return b
}

package cards

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/blockkit"
)

// Content is the content of one message.
type Content struct {
	// Text is the whole message as a sentence or two; notifications and screen readers show
	// only this.
	Text string
	// Blocks are what people see in the channel.
	Blocks []slack.Block
	// Typed says what to type when the buttons cannot be shown; empty when there are
	// none.
	Typed string
}

// Bare is the content without blocks, for a message whose blocks Slack refuses.
func (l Content) Bare() Content {
	text := l.Text
	if l.Typed != "" {
		text += "\n" + l.Typed
	}
	return Content{Text: blockkit.Fit(text, blockkit.FallbackText)}
}

// Canvas collects blocks and keeps them within Slack's limits.
type Canvas struct{ blocks []slack.Block }

// Section adds one text block.
func (c *Canvas) Section(text string) {
	if text = strings.TrimSpace(text); text != "" {
		c.add(slack.NewSectionBlock(Mrkdwn(blockkit.Fit(text, blockkit.SectionText)), nil, nil))
	}
}

// maxRows is how many lines of one kind a message shows.
const maxRows = 30

// list adds lines, in as many sections as they need.
func (c *Canvas) list(title string, rows []string) {
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
			c.Section(strings.Join(part, "\n"))
			part, size = nil, 0
		}
		part, size = append(part, row), size+len([]rune(row))+1
	}
	c.Section(strings.Join(part, "\n"))
}

// fields adds short facts side by side; empty ones are left out.
func (c *Canvas) fields(facts ...string) {
	var objects []*slack.TextBlockObject
	for _, fact := range facts {
		if fact != "" && len(objects) < blockkit.SectionFields {
			objects = append(objects, Mrkdwn(blockkit.Fit(fact, blockkit.FieldText)))
		}
	}
	if len(objects) > 0 {
		c.add(slack.NewSectionBlock(nil, objects, nil))
	}
}

// small adds a line in small print.
func (c *Canvas) small(text string) {
	if text = strings.TrimSpace(text); text != "" {
		c.add(slack.NewContextBlock("", Mrkdwn(blockkit.Fit(text, blockkit.FieldText))))
	}
}

// actions adds a row of buttons for the operation or episode with the given id. The row has the
// id too, because a select menu has no value of its own for it.
func (c *Canvas) actions(id string, elements ...slack.BlockElement) {
	if len(elements) > 0 {
		c.blocks = append(c.blocks, slack.NewActionBlock(Plain(id, blockkit.ID), elements...))
	}
}

// add appends a block but leaves room for one more, so that a row of buttons always fits; other
// blocks may be cut.
func (c *Canvas) add(b slack.Block) {
	if len(c.blocks) < blockkit.MessageBlocks-1 {
		c.blocks = append(c.blocks, b)
	}
}

// Content finishes the message.
func (c *Canvas) Content(text string) Content {
	return Content{Text: blockkit.Fit(text, blockkit.FallbackText), Blocks: c.blocks}
}

// Mrkdwn is a text object with the bot's own markup. verbatim keeps Slack from turning names
// and addresses into links.
func Mrkdwn(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

// PlainText is a text object without markup, cut to a limit.
func PlainText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, true, false)
}

// ask is a confirm dialog. It runs in the reader's client and only guards against a wrong click,
// so it repeats the numbers.
type ask struct{ Title, Text, yes, no string }

func (a ask) object(style slack.Style) *slack.ConfirmationBlockObject {
	dialog := slack.NewConfirmationBlockObject(
		PlainText(Plain(a.Title, blockkit.ConfirmTitle)), PlainText(Plain(a.Text, blockkit.ConfirmText)), PlainText(Plain(a.yes, blockkit.ConfirmButton)), PlainText(Plain(a.no, blockkit.ConfirmButton)))
	dialog.Style = style
	return dialog
}

// button is a button whose value is an id and nothing else. confirm may be nil.
func button(action, id, label string, style slack.Style, confirm *ask) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(action, Plain(id, blockkit.ID), PlainText(Plain(label, blockkit.ButtonText)))
	b.Style = style
	if confirm != nil {
		b.Confirm = confirm.object(style)
	}
	return b
}

// Args are the arguments of the call. An edit without blocks has to remove the old blocks. An
// empty list does that; leaving the argument out may not.
func (l Content) Args() (url.Values, error) {
	blocks, err := json.Marshal(append([]slack.Block{}, l.Blocks...))
	if err != nil {
		return nil, fmt.Errorf("writing the blocks of a message: %w", err)
	}
	return url.Values{"text": {l.Text}, "blocks": {string(blocks)}, "unfurl_links": {"false"}, "unfurl_media": {"false"}}, nil
}

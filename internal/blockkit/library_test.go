package blockkit_test

import (
	"encoding/json"
	"testing"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/blockkit"
)

func words(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func gallery() []slack.Block {
	option := slack.NewOptionBlockObject("1", words("One"), words("the first"))
	group := slack.NewOptionGroupBlockElement(words("Group"), option)
	button := func(id string) *slack.ButtonBlockElement {
		return slack.NewButtonBlockElement(id, "op-1", words("Go")).WithStyle(slack.StylePrimary).
			WithConfirm(slack.NewConfirmationBlockObject(words("Sure?"), slack.NewTextBlockObject(slack.MarkdownType, "*4* → *9*", false, true), words("Yes"), words("No")))
	}
	bold := &slack.RichTextSectionTextStyle{Bold: true, Code: true}
	section := slack.NewRichTextSection(
		slack.NewRichTextSectionTextElement("text", bold), slack.NewRichTextSectionUserElement("U0ANA", nil), slack.NewRichTextSectionChannelElement("C0GENERAL", bold),
		slack.NewRichTextSectionLinkElement("https://x.test", "x", nil), slack.NewRichTextSectionEmojiElement("eyes", 2, nil), slack.NewRichTextSectionUserGroupElement("S0ONCALL"),
		slack.NewRichTextSectionBroadcastElement("here"), slack.NewRichTextSectionColorElement("#a30200"), slack.NewRichTextSectionTeamElement("T0PIPELINE", nil),
		slack.NewRichTextSectionDateElement(1_795_426_720, "{time}", nil, nil),
	)
	axis := slack.NewDataVisualizationAxisConfig("10:00", "10:05").WithXLabel("time").WithYLabel("messages")
	series := slack.NewDataVisualizationDataSeries("lag", slack.NewDataVisualizationDataPoint("10:00", 12), slack.NewDataVisualizationDataPoint("10:05", -3.5))
	return []slack.Block{
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "*text*", false, true), []*slack.TextBlockObject{words("a"), words("b")}, slack.NewAccessory(button("s"))),
		slack.NewSectionBlock(words("x"), nil, slack.NewAccessory(slack.NewOverflowBlockElement("o", option))),
		slack.NewSectionBlock(words("x"), nil, slack.NewAccessory(slack.NewImageBlockElement("https://x.test/a.png", "a"))),
		slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, "Header", true, false)),
		slack.NewDividerBlock(),
		slack.NewContextBlock("", words("a"), slack.NewTextBlockObject(slack.MarkdownType, "b", false, false), slack.NewImageBlockElement("https://x.test/a.png", "a")),
		slack.NewActionBlock("mine", button("a"), slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, words("choose"), "b", option),
			slack.NewOptionsGroupSelectBlockElement(slack.OptTypeStatic, words("choose"), "c", group), slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, words("choose"), "d", option),
			slack.NewOptionsSelectBlockElement(slack.OptTypeUser, words("choose"), "e"), slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, nil, "f"),
			slack.NewDatePickerBlockElement("g"), slack.NewTimePickerBlockElement("h"), slack.NewDateTimePickerBlockElement("i"),
			slack.NewCheckboxGroupsBlockElement("j", option), slack.NewRadioButtonsBlockElement("k", option)),
		slack.NewImageBlock("https://x.test/a.png", "a", "", words("title")),
		slack.NewImageBlockSlackFile(&slack.SlackFileObject{ID: "F1"}, "a", "", nil),
		slack.NewInputBlock("in", words("Label"), words("hint"), slack.NewPlainTextInputBlockElement(words("type"), "t").WithMultiline(true).WithMaxLength(300)),
		slack.NewInputBlock("", words("Label"), nil, slack.NewNumberInputBlockElement(nil, "n", false).WithMinValue("0").WithMaxValue("100").WithInitialValue("9")),
		slack.NewMarkdownBlock("", "# words"),
		slack.NewRichTextBlock("", section, slack.NewRichTextList(slack.RTEListBullet, 0, slack.NewRichTextSection(slack.NewRichTextSectionTextElement("x", nil))),
			&slack.RichTextQuote{Type: slack.RTEQuote, Elements: section.Elements}, &slack.RichTextPreformatted{Type: slack.RTEPreformatted, Elements: section.Elements[:1]}),
		slack.NewTableBlock("").AddRow(slack.NewTableRawTextCell("component"), slack.NewTableRawNumberCell(9), slack.NewTableRichTextCell(section)).
			WithColumnSettings(slack.ColumnSetting{Align: slack.ColumnAlignmentLeft, IsWrapped: true}, slack.ColumnSetting{Align: slack.ColumnAlignmentRight}),
		slack.NewDataVisualizationBlock("Lag", slack.NewDataVisualizationLineChart(axis, series)),
		slack.NewDataVisualizationBlock("Share", slack.NewDataVisualizationPieChart(slack.NewDataVisualizationSegment("p0", 4))),
		slack.NewContainerBlock(slack.NewDividerBlock(), slack.NewActionBlock("", button("x"))).WithTitle(words("Details")),
		slack.NewLayoutBlock("side by side", slack.NewLayoutRow(slack.NewLayoutItem(slack.NewDividerBlock()))),
		slack.NewTaskCardBlock("t1", "5 min report"),
		slack.NewPlanBlock("Reports"),
		slack.NewContextActionsBlock("", slack.NewFeedbackButtonsBlockElement("fb", slack.NewFeedbackButton(words("Good"), "1"), slack.NewFeedbackButton(words("Bad"), "0"))),
	}
}

// What the Slack library makes of sensible arguments is never refused: a false refusal
// would be worse than none, since the bot fits what it says to these checks.
func TestWhatTheLibraryMakesIsAccepted(t *testing.T) {
	for _, block := range gallery() {
		body, err := json.Marshal([]slack.Block{block})
		if err != nil {
			t.Fatalf("marshalling a %s: %v", block.BlockType(), err)
		}
		if got := blockkit.CheckMessage(body); len(got) != 0 {
			t.Errorf("%s: got %v for %s", block.BlockType(), got, body)
		}
	}
}

func TestAWholeMessageOfManyBlocksIsAccepted(t *testing.T) {
	body, err := json.Marshal(map[string]any{"text": "everything", "blocks": gallery()})
	if err != nil {
		t.Fatal(err)
	}
	if got := blockkit.CheckMessage(body); len(got) != 0 {
		t.Errorf("got %v, want no problem", got)
	}
}

func TestAModalOfTheLibraryIsAccepted(t *testing.T) {
	view := slack.ModalViewRequest{
		Type: slack.VTModal, Title: words("Adjust"), Submit: words("Go"), Close: words("Cancel"), CallbackID: "adjust", PrivateMetadata: "op-1",
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewAlertBlock(words("The quota is nearly used up.")),
			slack.NewInputBlock("count", words("Replicas"), nil, slack.NewNumberInputBlockElement(nil, "n", false)),
			slack.NewInputBlock("mail", words("Mail"), nil, slack.NewEmailTextInputBlockElement(nil, "m")).WithOptional(true),
			slack.NewInputBlock("file", words("File"), nil, slack.NewFileInputBlockElement("f")),
		}},
	}
	body, err := json.Marshal(view)
	if err != nil {
		t.Fatal(err)
	}
	if got := blockkit.CheckView(body); len(got) != 0 {
		t.Errorf("got %v for %s", got, body)
	}
}

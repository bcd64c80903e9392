package blockkit

// Limits of whole messages and views.
// Source: docs.slack.dev/reference/block-kit/blocks and /reference/views.
const (
	MessageBlocks = 50  // blocks in one message.
	ViewBlocks    = 100 // blocks in one modal or home tab.
	Attachments   = 100 // attachments in one message.

	// MessageText is where Slack cuts the text of a message, in characters.
	MessageText = 40_000
	// FallbackText is the length Slack advises for the text beside blocks, which is
	// all that notifications and screen readers show.
	FallbackText = 4_000
	// ViewBytes is the size of a view's JSON above which Slack answers view_too_large.
	ViewBytes = 250_000
	// MarkdownTotal counts the characters of all markdown blocks of one message.
	MarkdownTotal = 12_000
	// ChartsPerMessage and TablesPerMessage are not in the reference; Slack enforces them.
	ChartsPerMessage = 2
	TablesPerMessage = 1
)

// Limits of identifiers and of data that people do not see, in characters.
// Source: docs.slack.dev/reference/block-kit/block-elements.
const (
	ID              = 255 // block_id, action_id, callback_id, external_id.
	ButtonValue     = 2_000
	OptionValue     = 150
	URL             = 3_000
	PrivateMetadata = 3_000
)

// Limits of visible text, in characters.
// Source: the page of each block, element and composition object under
// docs.slack.dev/reference/block-kit.
const (
	Text              = 3_000 // any text object, unless its place says less.
	SectionText       = 3_000
	FieldText         = 2_000 // one field of a section.
	HeaderText        = 150
	ButtonText        = 75
	OptionText        = 75 // an option's text and its description.
	GroupLabel        = 75 // the label of an option group.
	Placeholder       = 150
	Accessibility     = 75 // accessibility_label of a button.
	AltText           = 2_000
	ImageTitle        = 2_000
	InputLabel        = 2_000 // label and hint of an input block.
	InputValue        = 3_000 // what plain_text_input takes.
	ConfirmTitle      = 100
	ConfirmText       = 300
	ConfirmButton     = 30
	ViewTitle         = 24 // title, submit and close of a modal.
	ContainerTitle    = 150
	AlertText         = 200
	CardTitle         = 150 // title and subtitle of a card.
	CardBody          = 200
	ChartTitle        = 50
	ChartAxis         = 50     // axis labels.
	ChartName         = 20     // names of series, categories, points and segments.
	TableText         = 10_000 // all cells of all tables of one message.
	VideoTitle        = 200
	TaskTitle         = 250
	layoutLabel       = 150
	containerSubtitle = 150
)

// Limits of how many items another item may contain.
// Source: as above.
const (
	SectionFields   = 10
	ContextElements = 10
	ActionsElements = 25
	ContextActions  = 5
	SelectOptions   = 100 // options of a select, or its groups.
	OverflowOptions = 5
	ChoiceOptions   = 10 // checkboxes and radio buttons.
	ContainerBlocks = 10
	CarouselCards   = 10
	CardButtons     = 3
	ChartSeries     = 6
	ChartPoints     = 20
	ChartSegments   = 6
	TableRows       = 100
	TableColumns    = 20
	layoutItems     = 3
)

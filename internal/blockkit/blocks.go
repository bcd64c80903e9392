package blockkit

import (
	"slices"
)

// block is a kind of block: its shape and the surfaces that may show it.
type block struct {
	shape
	only []surface // empty: everywhere
}

// blocks says what each block looks like.
// Source: the pages under docs.slack.dev/reference/block-kit/blocks.
var blocks = map[string]block{
	"section": {shape: shape{
		fields: map[string]rule{
			"text": text(SectionText), "fields": list(1, SectionFields, text(FieldText)), "accessory": element(inSection), "expand": boolean,
		},
		also: sectionHasText,
	}},
	"header":  {shape: shape{need: []string{"text"}, fields: map[string]rule{"text": plain(HeaderText), "level": whole(1, 6)}}},
	"divider": {},
	"context": {shape: shape{need: []string{"elements"}, fields: map[string]rule{"elements": list(1, ContextElements, contextElement)}}},
	"actions": {shape: shape{need: []string{"elements"}, fields: map[string]rule{"elements": list(1, ActionsElements, element(inActions))}}},
	"context_actions": {only: []surface{message}, shape: shape{
		need:   []string{"elements"},
		fields: map[string]rule{"elements": list(1, ContextActions, element([]string{"feedback_buttons", "icon_button"}))},
	}},
	"image": {shape: shape{
		need:   []string{"alt_text"},
		fields: map[string]rule{"image_url": str(1, URL), "slack_file": slackFile, "alt_text": str(1, AltText), "title": plain(ImageTitle)},
		also:   onePicture,
	}},
	"input": {shape: shape{
		need: []string{"label", "element"},
		fields: map[string]rule{
			"label": plain(InputLabel), "element": element(inInput), "hint": plain(InputLabel), "optional": boolean, "dispatch_action": boolean,
		},
		also: func(w *walk, _ string, _ map[string]any) { w.inputs++ },
	}},
	"markdown":           {only: []surface{message}, shape: shape{need: []string{"text"}, fields: map[string]rule{"text": markdown}}},
	"rich_text":          {shape: shape{need: []string{"elements"}, fields: map[string]rule{"elements": list(1, 1_000, richText)}}},
	"table":              {only: []surface{message}, shape: tableShape},
	"data_table":         {only: []surface{message}, shape: dataTableShape},
	"data_visualization": {only: []surface{message}, shape: chartShape},
	"container":          {shape: containerShape},
	"layout":             {shape: layoutShape},
	"card":               {only: []surface{message}, shape: cardShape},
	"carousel":           {only: []surface{message}, shape: shape{need: []string{"elements"}, fields: map[string]rule{"elements": list(1, CarouselCards, cardShape.check)}}},
	"alert": {only: []surface{modal}, shape: shape{
		need:   []string{"text"},
		fields: map[string]rule{"text": text(AlertText), "level": oneOf("default", "info", "warning", "error", "success")},
	}},
	"task_card": {only: []surface{message}, shape: taskShape},
	"plan":      {only: []surface{message}, shape: shape{need: []string{"title"}, fields: map[string]rule{"title": str(1, TaskTitle), "tasks": list(0, SelectOptions, taskShape.check)}}},
	"video": {shape: shape{
		need: []string{"video_url", "thumbnail_url", "alt_text", "title"},
		fields: map[string]rule{
			"video_url": str(1, URL), "thumbnail_url": str(1, URL), "alt_text": str(1, AltText), "title": plain(VideoTitle), "title_url": str(1, URL),
			"description": plain(VideoTitle), "author_name": str(1, ButtonText), "provider_name": str(1, ID), "provider_icon_url": str(1, URL),
		},
	}},
	"file": {only: []surface{message}, shape: shape{need: []string{"external_id", "source"}, fields: map[string]rule{"external_id": str(1, ID), "source": oneOf("remote")}}},
}

// blockList checks the blocks of a message, an attachment or a view.
func (w *walk) blockList(at string, v any, most int) {
	list(0, most, blockOf(nil))(w, at, v)
}

// blockOf is a block, of one of the named kinds if any are named.
func blockOf(allowed []string) rule {
	return func(w *walk, at string, v any) {
		m, ok := w.object(at, v)
		if !ok {
			return
		}
		kind, _ := m["type"].(string)
		known, ok := w.kinds[kind]
		switch {
		case !ok || allowed != nil && !slices.Contains(allowed, kind):
			w.report(at+"/type", "unsupported type: %s", kind)
		case known.only != nil && !slices.Contains(known.only, w.surface):
			w.report(at+"/type", "%s blocks are not available here", kind)
		default:
			w.block(at, known, m)
		}
	}
}

func (w *walk) block(at string, known block, m map[string]any) {
	w.blockID(at, m)
	outer := w.actions
	w.actions = map[string]bool{}
	named := withoutID(m)
	known.check(w, at, named)
	w.actions = outer
}

// withoutID is the block without the member that every block may have.
func withoutID(m map[string]any) map[string]any {
	if m["block_id"] == nil {
		return m
	}
	rest := make(map[string]any, len(m))
	for name, value := range m {
		if name != "block_id" {
			rest[name] = value
		}
	}
	return rest
}

func (w *walk) blockID(at string, m map[string]any) {
	if m["block_id"] == nil {
		return
	}
	str(0, ID)(w, at+"/block_id", m["block_id"])
	id, _ := m["block_id"].(string)
	if id != "" && w.blockIDs[id] {
		w.report(at+"/block_id", "block_id already exists: %s", id)
	}
	w.blockIDs[id] = true
}

func sectionHasText(w *walk, at string, m map[string]any) {
	if m["text"] == nil && m["fields"] == nil {
		w.report(at, "missing required field: text or fields")
	}
}

// contextElement is a small text or picture.
func contextElement(w *walk, at string, v any) {
	if m, ok := v.(map[string]any); ok && m["type"] == "image" {
		elements["image"].check(w, at, m)
		return
	}
	text(Text)(w, at, v)
}

func markdown(w *walk, at string, v any) {
	s, _ := v.(string)
	str(1, MarkdownTotal)(w, at, v)
	before := w.markdown
	w.markdown += len([]rune(s))
	if before <= MarkdownTotal && w.markdown > MarkdownTotal && before > 0 {
		w.report(at, "markdown blocks must be less than %d characters together", MarkdownTotal+1)
	}
}

// once reports a block that exceeds the allowed number of its kind.
func (w *walk) once(at, kind string, count *int, most int) {
	*count++
	if *count > most {
		w.report(at, "no more than %d %s blocks allowed", most, kind)
	}
}

package blockkit

// Blocks that hold other blocks, and the cards and tasks made of several texts.

// maxNesting is how deep containers and layouts may be inside one another.
const maxNesting = 2

// inContainer lists what may be in a container.
// Source: docs.slack.dev/reference/block-kit/blocks/container-block.
var inContainer = []string{
	"actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table", "video", "layout",
}

var containerShape = shape{
	need: []string{"child_blocks"},
	fields: map[string]rule{
		"title": plain(ContainerTitle), "rich_text_title": blockOf([]string{"rich_text"}), "subtitle": text(containerSubtitle),
		"icon": element([]string{"image"}), "width": oneOf("narrow", "standard", "wide", "full"),
		"is_collapsible": boolean, "default_collapsed": boolean, "has_header_divider": boolean,
		"child_blocks": nested(ContainerBlocks, inContainer),
	},
	also: containerRules,
}

func containerRules(w *walk, at string, m map[string]any) {
	if m["title"] == nil && m["rich_text_title"] == nil {
		w.report(at, "missing required field: title or rich_text_title")
	}
	if m["default_collapsed"] == true && m["is_collapsible"] != true {
		w.report(at+"/default_collapsed", "requires is_collapsible")
	}
	if m["has_header_divider"] == true && m["is_collapsible"] == true {
		w.report(at+"/has_header_divider", "is not available on collapsible containers")
	}
}

// nested is a list of blocks inside a block, of the named kinds if any are named.
func nested(most int, allowed []string) rule {
	return deeper(list(1, most, blockOf(allowed)))
}

// deeper checks what is inside a block, and refuses it if it is nested too deep.
func deeper(inner rule) rule {
	return func(w *walk, at string, v any) {
		if w.depth >= maxNesting {
			w.report(at, "containers and layouts may be nested %d levels deep", maxNesting)
			return
		}
		w.depth++
		inner(w, at, v)
		w.depth--
	}
}

// layoutShape puts blocks side by side.
// Source: docs.slack.dev/reference/block-kit/blocks/layout-block.
var layoutShape = shape{
	need: []string{"label", "rows"},
	fields: map[string]rule{
		"label": str(1, layoutLabel), "is_label_visible": boolean, "grid_lines": oneOf("none", "rows", "outer"),
		"rows":     list(1, ContainerBlocks, shape{need: []string{"items"}, fields: map[string]rule{"items": list(1, layoutItems, layoutItem)}}.check),
		"fallback": nested(ContainerBlocks, nil),
	},
}

func layoutItem(w *walk, at string, v any) {
	shape{
		need: []string{"block"},
		fields: map[string]rule{
			"block": deeper(blockOf(nil)), "width": oneOf("narrow", "standard", "wide"),
			"horizontal_alignment": oneOf("start", "center", "end"),
		},
	}.check(w, at, v)
}

// cardShape is a card. Source: docs.slack.dev/reference/block-kit/blocks/card-block.
var cardShape = shape{
	fields: map[string]rule{
		"block_id": str(0, ID), "title": text(CardTitle), "subtitle": text(CardTitle), "body": text(CardBody), "subtext": text(CardBody),
		"hero_image": element([]string{"image"}), "icon": element([]string{"image"}), "slack_icon": anything,
		"actions": list(1, CardButtons, element([]string{"button"})),
	},
	also: func(w *walk, at string, m map[string]any) {
		if m["title"] == nil && m["body"] == nil && m["hero_image"] == nil && m["actions"] == nil {
			w.report(at, "missing required field: title, body, hero_image or actions")
		}
	},
}

// taskShape is one step of a plan.
// Source: docs.slack.dev/reference/block-kit/blocks/task-card-block.
var taskShape = shape{
	need: []string{"task_id", "title"},
	fields: map[string]rule{
		"block_id": str(0, ID), "task_id": str(1, ID), "title": str(1, TaskTitle), "hide_title": boolean,
		"status":  oneOf("pending", "in_progress", "complete", "error"),
		"details": blockOf([]string{"rich_text"}), "output": blockOf([]string{"rich_text"}),
		"sources": list(0, SelectOptions, anything),
	},
}

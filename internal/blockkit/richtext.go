package blockkit

// richText is one element of a rich_text block.
// Source: docs.slack.dev/reference/block-kit/blocks/rich-text-block.
func richText(w *walk, at string, v any) {
	m, ok := w.object(at, v)
	if !ok {
		return
	}
	switch m["type"] {
	case "rich_text_section":
		richShape(richPiece).check(w, at, m)
	case "rich_text_preformatted", "rich_text_quote":
		s := richShape(richPiece)
		s.fields["border"], s.fields["language"] = whole(0, 1), str(0, ID)
		s.check(w, at, m)
	case "rich_text_list":
		s := richShape(richSection)
		s.need = []string{"elements", "style"}
		s.fields["style"], s.fields["indent"] = oneOf("bullet", "ordered"), whole(0, 8)
		s.fields["offset"], s.fields["border"] = whole(0, 1e6), whole(0, 1)
		s.check(w, at, m)
	default:
		w.report(at+"/type", "unsupported type: %v", m["type"])
	}
}

func richShape(piece rule) shape {
	return shape{need: []string{"elements"}, fields: map[string]rule{"elements": list(0, 10_000, piece)}}
}

// richSection is an item of a list, which is always a section.
func richSection(w *walk, at string, v any) {
	if m, ok := v.(map[string]any); !ok || m["type"] != "rich_text_section" {
		w.report(at+"/type", "must be one of: rich_text_section")
		return
	}
	richShape(richPiece).check(w, at, v)
}

// richPieces says what each piece of a line needs and may have besides a style.
var richPieces = map[string]shape{
	"text":      {need: []string{"text"}, fields: map[string]rule{"text": str(1, MessageText)}},
	"link":      {need: []string{"url"}, fields: map[string]rule{"url": str(1, URL), "text": str(0, MessageText), "unsafe": boolean}},
	"user":      {need: []string{"user_id"}, fields: map[string]rule{"user_id": str(1, ID)}},
	"usergroup": {need: []string{"usergroup_id"}, fields: map[string]rule{"usergroup_id": str(1, ID)}},
	"channel":   {need: []string{"channel_id"}, fields: map[string]rule{"channel_id": str(1, ID)}},
	"team":      {need: []string{"team_id"}, fields: map[string]rule{"team_id": str(1, ID)}},
	"emoji":     {need: []string{"name"}, fields: map[string]rule{"name": str(1, ID), "unicode": str(0, ID), "skin_tone": whole(1, 6), "display_team_id": str(1, ID), "display_url": str(1, URL)}},
	"broadcast": {need: []string{"range"}, fields: map[string]rule{"range": oneOf("here", "channel", "everyone")}},
	"color":     {need: []string{"value"}, fields: map[string]rule{"value": str(1, ID)}},
	"date":      {need: []string{"timestamp", "format"}, fields: map[string]rule{"timestamp": whole(0, 1<<53), "format": str(1, ID), "url": str(1, URL), "fallback": str(1, Text)}},
}

func richPiece(w *walk, at string, v any) {
	m, ok := w.object(at, v)
	if !ok {
		return
	}
	kind, _ := m["type"].(string)
	s, known := richPieces[kind]
	if !known {
		w.report(at+"/type", "unsupported type: %s", kind)
		return
	}
	fields := map[string]rule{"style": richStyle}
	for name, judge := range s.fields {
		fields[name] = judge
	}
	shape{need: s.need, fields: fields}.check(w, at, m)
}

func richStyle(w *walk, at string, v any) {
	shape{fields: map[string]rule{
		"bold": boolean, "italic": boolean, "strike": boolean, "code": boolean, "underline": boolean,
		"highlight": boolean, "client_highlight": boolean, "unlink": boolean,
	}}.check(w, at, v)
}

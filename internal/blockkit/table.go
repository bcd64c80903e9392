package blockkit

import "unicode/utf8"

// tableShape is a table block. Source: docs.slack.dev/reference/block-kit/blocks/table-block.
var tableShape = shape{
	need: []string{"rows"},
	fields: map[string]rule{
		"rows":            list(1, TableRows, list(1, TableColumns, cell)),
		"column_settings": list(0, TableColumns, column),
	},
	also: tableTotals,
}

// dataTableShape is a data_table block, which people can sort and filter.
// Source: docs.slack.dev/reference/block-kit/blocks/data-table-block.
var dataTableShape = shape{
	need: []string{"caption", "rows"},
	fields: map[string]rule{
		"rows":    list(1, TableRows+1, list(1, TableColumns, cell)), // one more for the header row
		"caption": str(1, ContainerTitle), "page_size": whole(1, TableRows), "row_header_column_index": whole(0, TableColumns-1),
	},
	also: tableTotals,
}

func column(w *walk, at string, v any) {
	if v == nil {
		return // a null leaves the column as it is
	}
	shape{fields: map[string]rule{"align": oneOf("left", "center", "right"), "is_wrapped": boolean}}.check(w, at, v)
}

// cell is one cell; null is an empty one.
func cell(w *walk, at string, v any) {
	if v == nil {
		return
	}
	m, ok := w.object(at, v)
	if !ok {
		return
	}
	switch m["type"] {
	case "raw_text":
		shape{need: []string{"text"}, fields: map[string]rule{"text": str(1, TableText)}}.check(w, at, m)
	case "raw_number":
		shape{need: []string{"value"}, fields: map[string]rule{"value": number, "text": str(1, TableText)}}.check(w, at, m)
	case "rich_text":
		shape{need: []string{"elements"}, fields: map[string]rule{"elements": list(1, 1_000, richText), "block_id": str(0, ID)}}.check(w, at, m)
	case "action_cell":
		shape{need: []string{"element"}, fields: map[string]rule{"element": element([]string{"button"}), "fallback": cell}}.check(w, at, m)
	default:
		w.report(at+"/type", "must be one of: raw_text, raw_number, rich_text, action_cell")
	}
}

func tableTotals(w *walk, at string, m map[string]any) {
	w.once(at, "table", &w.tables, TablesPerMessage)
	before := w.cells
	w.cells += characters(m["rows"])
	if before <= TableText && w.cells > TableText {
		w.report(at, "cells must be less than %d characters together", TableText+1)
	}
}

// characters counts the text of all cells at any depth.
func characters(v any) int {
	total := 0
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			total += characters(item)
		}
	case map[string]any:
		if s, ok := v["text"].(string); ok {
			total += utf8.RuneCountInString(s)
		}
		total += characters(v["elements"])
	}
	return total
}

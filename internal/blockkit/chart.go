package blockkit

import "fmt"

// chartShape is a data_visualization block.
// Source: docs.slack.dev/reference/block-kit/blocks/data-visualization-block.
var chartShape = shape{
	need:   []string{"title", "chart"},
	fields: map[string]rule{"title": str(1, ChartTitle), "chart": chart},
	also: func(w *walk, at string, _ map[string]any) {
		w.once(at, "data_visualization", &w.charts, ChartsPerMessage)
	},
}

func chart(w *walk, at string, v any) {
	m, ok := w.object(at, v)
	if !ok {
		return
	}
	switch m["type"] {
	case "pie":
		pieShape.check(w, at, m)
	case "line", "bar", "area":
		seriesShape.check(w, at, m)
	default:
		w.report(at+"/type", "must be one of: line, bar, area, pie")
	}
}

var pieShape = shape{need: []string{"segments"}, fields: map[string]rule{"segments": list(1, ChartSegments, segment)}}

func segment(w *walk, at string, v any) {
	shape{need: []string{"label", "value"}, fields: map[string]rule{"label": str(1, ChartName), "value": number}}.check(w, at, v)
}

var seriesShape = shape{
	need: []string{"series", "axis_config"},
	fields: map[string]rule{
		"series": list(1, ChartSeries, shape{
			need:   []string{"name", "data"},
			fields: map[string]rule{"name": str(1, ChartName), "data": list(1, ChartPoints, point)},
		}.check),
		"axis_config": shape{
			need: []string{"categories"},
			fields: map[string]rule{
				"categories": list(1, ChartPoints, str(1, ChartName)), "x_label": str(1, ChartAxis), "y_label": str(1, ChartAxis),
			},
		}.check,
	},
	also: pointsFitCategories,
}

func point(w *walk, at string, v any) {
	shape{need: []string{"label", "value"}, fields: map[string]rule{"label": str(1, ChartName), "value": number}}.check(w, at, v)
}

// pointsFitCategories requires exactly one point for every category, and no category twice.
func pointsFitCategories(w *walk, at string, m map[string]any) {
	axis, _ := m["axis_config"].(map[string]any)
	categories := w.unique(at+"/axis_config/categories", axis["categories"], "")
	w.unique(at+"/series", m["series"], "name")
	series, _ := m["series"].([]any)
	for i, v := range series {
		one, _ := v.(map[string]any)
		data := fmt.Sprintf("%s/series/%d/data", at, i)
		labels := w.unique(data, one["data"], "label")
		if !sameSet(labels, categories) {
			w.report(data, "must have exactly one point for every category")
		}
	}
}

// unique collects the strings of a list, or one member of its objects, and reports duplicates.
func (w *walk) unique(at string, v any, member string) map[string]bool {
	items, _ := v.([]any)
	seen := make(map[string]bool, len(items))
	for i, item := range items {
		if m, ok := item.(map[string]any); ok {
			item = m[member]
		}
		name, _ := item.(string)
		if seen[name] {
			w.report(fmt.Sprintf("%s/%d", at, i), "must be unique: %s", name)
		}
		seen[name] = true
	}
	return seen
}

func sameSet(a, b map[string]bool) bool {
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if !b[name] {
			return false
		}
	}
	return true
}

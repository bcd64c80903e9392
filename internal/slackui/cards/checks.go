package cards

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// resultWords is a check's result as an icon and a word. Anything but a known result is drawn as
// unknown, never as a pass.
func resultWords(r scale.Result) string {
	switch r {
	case scale.Pass:
		return "✅ pass"
	case scale.Warn:
		return "⚠️ warn"
	case scale.Fail:
		return "❌ fail"
	case scale.ResultUnsure:
	}
	return "❔ unknown"
}

// checkRows are the items of a checklist, one line each, with numbers and source.
func checkRows(checks []scale.Check) []string {
	rows := make([]string, 0, len(checks))
	for _, check := range checks {
		rows = append(rows, checkRow(check))
	}
	return rows
}

func checkRow(c scale.Check) string {
	row := resultWords(c.Result) + "  *" + Words(scale.Headed(c.Name), 150) + "*"
	if values := checkValues(c); values != "" {
		row += ": " + values
	}
	if c.Source != "" {
		row += "  (" + Words(c.Source, 150) + ")"
	}
	if c.Note != "" {
		row += "\n        " + Words(scale.Headed(c.Note), MaxWords)
	}
	return row
}

func checkValues(c scale.Check) string {
	before, after := Words(c.Before, 200), Words(c.After, 200)
	if c.Result == scale.ResultUnsure && after == "unknown" && (before == "" || before == after) {
		// The icon's word already says it.
		return ""
	}
	switch {
	case before == after:
		return after
	case before != "" && after != "":
		return before + " → " + after
	case after != "":
		return after
	case before != "":
		return "before " + before + ", now unknown"
	}
	return ""
}

package blockkit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// long is n characters that are two bytes each, so that counting bytes fails.
func long(n int) string { return strings.Repeat("é", n) }

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

func plainText(n int) string { return fmt.Sprintf(`{"type":"plain_text","text":%s}`, quoted(long(n))) }

func mrkdwnText(n int) string { return fmt.Sprintf(`{"type":"mrkdwn","text":%s}`, quoted(long(n))) }

// many joins n copies of an item made from its number.
func many(n int, item func(i int) string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = item(i)
	}
	return "[" + strings.Join(items, ",") + "]"
}

func aButton(i int) string {
	return fmt.Sprintf(`{"type":"button","action_id":"a%d","text":{"type":"plain_text","text":"Go"}}`, i)
}

func anOption(int) string { return `{"text":{"type":"plain_text","text":"One"},"value":"1"}` }

func button(members string) string {
	return `{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Go"},` + members + `}]}`
}

// T-blockkit: every limit of the tables in Slack's reference, at its edge and one over.
// A limit is a block as a function of a size, the largest size Slack takes, and where
// and how it complains about one more.
var edges = []struct {
	name    string
	block   func(n int) string
	most    int
	pointer string
	message string
}{
	{"section text", func(n int) string { return `{"type":"section","text":` + mrkdwnText(n) + `}` }, 3000, "/blocks/0/text/text", "must be less than 3001 characters"},
	{"section fields", func(n int) string {
		return `{"type":"section","fields":` + many(n, func(int) string { return mrkdwnText(1) }) + `}`
	}, 10, "/blocks/0/fields", "no more than 10 items allowed"},
	{"field text", func(n int) string { return `{"type":"section","fields":[` + mrkdwnText(n) + `]}` }, 2000, "/blocks/0/fields/0/text", "must be less than 2001 characters"},
	{"header", func(n int) string { return `{"type":"header","text":` + plainText(n) + `}` }, 150, "/blocks/0/text/text", "must be less than 151 characters"},
	{"context elements", func(n int) string {
		return `{"type":"context","elements":` + many(n, func(int) string { return mrkdwnText(1) }) + `}`
	}, 10, "/blocks/0/elements", "no more than 10 items allowed"},
	{"actions elements", func(n int) string { return `{"type":"actions","elements":` + many(n, aButton) + `}` }, 25, "/blocks/0/elements", "no more than 25 items allowed"},
	{"button text", func(n int) string {
		return `{"type":"actions","elements":[{"type":"button","text":` + plainText(n) + `}]}`
	}, 75, "/blocks/0/elements/0/text/text", "must be less than 76 characters"},
	{"button value", func(n int) string { return button(`"value":` + quoted(long(n))) }, 2000, "/blocks/0/elements/0/value", "must be less than 2001 characters"},
	{"button url", func(n int) string { return button(`"url":` + quoted(long(n))) }, 3000, "/blocks/0/elements/0/url", "must be less than 3001 characters"},
	{"accessibility label", func(n int) string { return button(`"accessibility_label":` + quoted(long(n))) }, 75, "/blocks/0/elements/0/accessibility_label", "must be less than 76 characters"},
	{"action_id", func(n int) string { return button(`"action_id":` + quoted(long(n))) }, 255, "/blocks/0/elements/0/action_id", "must be less than 256 characters"},
	{"block_id", func(n int) string { return `{"type":"divider","block_id":` + quoted(long(n)) + `}` }, 255, "/blocks/0/block_id", "must be less than 256 characters"},
	{"confirm title", func(n int) string { return button(`"confirm":` + dialog(n, 1, 1, 1)) }, 100, "/blocks/0/elements/0/confirm/title/text", "must be less than 101 characters"},
	{"confirm text", func(n int) string { return button(`"confirm":` + dialog(1, n, 1, 1)) }, 300, "/blocks/0/elements/0/confirm/text/text", "must be less than 301 characters"},
	{"confirm yes", func(n int) string { return button(`"confirm":` + dialog(1, 1, n, 1)) }, 30, "/blocks/0/elements/0/confirm/confirm/text", "must be less than 31 characters"},
	{"confirm no", func(n int) string { return button(`"confirm":` + dialog(1, 1, 1, n)) }, 30, "/blocks/0/elements/0/confirm/deny/text", "must be less than 31 characters"},
	{"overflow", func(n int) string { return accessory(`"overflow","options":` + many(n, anOption)) }, 5, "/blocks/0/accessory/options", "no more than 5 items allowed"},
	{"select options", func(n int) string { return accessory(`"static_select","options":` + many(n, anOption)) }, 100, "/blocks/0/accessory/options", "no more than 100 items allowed"},
	{"radio buttons", func(n int) string { return accessory(`"radio_buttons","options":` + many(n, anOption)) }, 10, "/blocks/0/accessory/options", "no more than 10 items allowed"},
	{"checkboxes", func(n int) string { return accessory(`"checkboxes","options":` + many(n, anOption)) }, 10, "/blocks/0/accessory/options", "no more than 10 items allowed"},
	{"placeholder", func(n int) string {
		return accessory(`"static_select","placeholder":` + plainText(n) + `,"options":` + many(1, anOption))
	}, 150, "/blocks/0/accessory/placeholder/text", "must be less than 151 characters"},
	{"option text", func(n int) string {
		return accessory(`"static_select","options":[{"text":` + plainText(n) + `,"value":"1"}]`)
	}, 75, "/blocks/0/accessory/options/0/text/text", "must be less than 76 characters"},
	{"option value", func(n int) string {
		return accessory(`"static_select","options":[{"text":` + plainText(1) + `,"value":` + quoted(long(n)) + `}]`)
	}, 150, "/blocks/0/accessory/options/0/value", "must be less than 151 characters"},
	{"option description", func(n int) string {
		return accessory(`"static_select","options":[{"text":` + plainText(1) + `,"value":"1","description":` + plainText(n) + `}]`)
	}, 75, "/blocks/0/accessory/options/0/description/text", "must be less than 76 characters"},
	{"group label", func(n int) string {
		return accessory(`"static_select","option_groups":[{"label":` + plainText(n) + `,"options":` + many(1, anOption) + `}]`)
	}, 75, "/blocks/0/accessory/option_groups/0/label/text", "must be less than 76 characters"},
	{"input label", func(n int) string { return input(`"label":`+plainText(n), "") }, 2000, "/blocks/0/label/text", "must be less than 2001 characters"},
	{"input hint", func(n int) string { return input(`"label":`+plainText(1)+`,"hint":`+plainText(n), "") }, 2000, "/blocks/0/hint/text", "must be less than 2001 characters"},
	{"input max_length", func(n int) string {
		return input(`"label":`+plainText(1), fmt.Sprintf(`,"max_length":%d`, n))
	}, 3000, "/blocks/0/element/max_length", "must be less than or equal to 3000"},
	{"image alt_text", func(n int) string {
		return `{"type":"image","image_url":"https://x.test/i.png","alt_text":` + quoted(long(n)) + `}`
	}, 2000, "/blocks/0/alt_text", "must be less than 2001 characters"},
	{"image url", func(n int) string { return `{"type":"image","alt_text":"a","image_url":` + quoted(long(n)) + `}` }, 3000, "/blocks/0/image_url", "must be less than 3001 characters"},
	{"image title", func(n int) string {
		return `{"type":"image","alt_text":"a","image_url":"https://x.test/i.png","title":` + plainText(n) + `}`
	}, 2000, "/blocks/0/title/text", "must be less than 2001 characters"},
	{"markdown", func(n int) string { return `{"type":"markdown","text":` + quoted(long(n)) + `}` }, 12000, "/blocks/0/text", "must be less than 12001 characters"},
	{"container children", func(n int) string {
		return `{"type":"container","title":` + plainText(1) + `,"child_blocks":` + many(n, func(int) string { return `{"type":"divider"}` }) + `}`
	}, 10, "/blocks/0/child_blocks", "no more than 10 items allowed"},
	{"container title", func(n int) string {
		return `{"type":"container","title":` + plainText(n) + `,"child_blocks":[{"type":"divider"}]}`
	}, 150, "/blocks/0/title/text", "must be less than 151 characters"},
	{"table rows", func(n int) string { return tableOf(n, 1, 1) }, 100, "/blocks/0/rows", "no more than 100 items allowed"},
	{"table columns", func(n int) string { return tableOf(1, n, 1) }, 20, "/blocks/0/rows/0", "no more than 20 items allowed"},
	{"table text", func(n int) string { return tableOf(1, 1, n) }, 10000, "/blocks/0/rows/0/0/text", "must be less than 10001 characters"},
	{"chart title", func(n int) string { return lineChart(n, 1, 2, 5) }, 50, "/blocks/0/title", "must be less than 51 characters"},
	{"chart series", func(n int) string { return lineChart(1, n, 2, 5) }, 6, "/blocks/0/chart/series", "no more than 6 items allowed"},
	{"chart points", func(n int) string { return lineChart(1, 1, n, 5) }, 20, "/blocks/0/chart/series/0/data", "no more than 20 items allowed"},
	{"chart names", func(n int) string { return lineChart(1, 1, 1, n) }, 20, "/blocks/0/chart/series/0/name", "must be less than 21 characters"},
	{"carousel", func(n int) string {
		return `{"type":"carousel","elements":` + many(n, func(int) string { return `{"type":"card","title":` + plainText(1) + `}` }) + `}`
	}, 10, "/blocks/0/elements", "no more than 10 items allowed"},
	{"card body", func(n int) string { return `{"type":"card","body":` + mrkdwnText(n) + `}` }, 200, "/blocks/0/body/text", "must be less than 201 characters"},
}

func layout(block string) string {
	return `{"type":"layout","label":"l","rows":[{"items":[{"block":` + block + `}]}]}`
}

func dialog(title, text, yes, no int) string {
	return fmt.Sprintf(`{"title":%s,"text":%s,"confirm":%s,"deny":%s}`, plainText(title), mrkdwnText(text), plainText(yes), plainText(no))
}

func accessory(element string) string {
	return `{"type":"section","text":` + mrkdwnText(1) + `,"accessory":{"type":` + element + `}}`
}

func input(members, element string) string {
	return `{"type":"input",` + members + `,"element":{"type":"plain_text_input"` + element + `}}`
}

func tableOf(rows, columns, characters int) string {
	row := many(columns, func(int) string { return `{"type":"raw_text","text":` + quoted(long(characters)) + `}` })
	return `{"type":"table","rows":` + many(rows, func(int) string { return row }) + `}`
}

// lineChart has series lines of points points; the first line's name is name long.
func lineChart(title, series, points, name int) string {
	labels := many(points, func(i int) string { return fmt.Sprintf(`"p%d"`, i) })
	data := many(points, func(i int) string { return fmt.Sprintf(`{"label":"p%d","value":%d}`, i, i) })
	lines := many(series, func(i int) string {
		if i == 0 {
			return `{"name":` + quoted(long(name)) + `,"data":` + data + `}`
		}
		return fmt.Sprintf(`{"name":"s%d","data":%s}`, i, data)
	})
	return `{"type":"data_visualization","title":` + quoted(long(title)) + `,"chart":{"type":"line","series":` + lines + `,"axis_config":{"categories":` + labels + `}}}`
}

func TestLimitsHoldAtTheirEdges(t *testing.T) {
	for _, edge := range edges {
		t.Run(edge.name, func(t *testing.T) {
			if got := CheckMessage([]byte(`{"blocks":[` + edge.block(edge.most) + `]}`)); len(got) != 0 {
				t.Errorf("at the limit of %d: got %v, want no problem", edge.most, got)
			}
			got := CheckMessage([]byte(`{"blocks":[` + edge.block(edge.most+1) + `]}`))
			if want := (Problem{edge.pointer, edge.message}); !contains(got, want) {
				t.Errorf("one over the limit: got %v, want %v among them", got, want)
			}
		})
	}
}

func contains(problems []Problem, want Problem) bool {
	for _, p := range problems {
		if p == want {
			return true
		}
	}
	return false
}

func TestMessagesAndViewsHaveAMostNumberOfBlocks(t *testing.T) {
	divider := func(int) string { return `{"type":"divider"}` }
	for _, test := range []struct {
		name  string
		check func(n int) []Problem
		most  int
		want  Problem
	}{
		{"message", func(n int) []Problem { return CheckMessage([]byte(`{"blocks":` + many(n, divider) + `}`)) }, 50, Problem{"/blocks", "no more than 50 items allowed"}},
		{"bare array", func(n int) []Problem { return CheckMessage([]byte(many(n, divider))) }, 50, Problem{"/blocks", "no more than 50 items allowed"}},
		{"attachments", func(n int) []Problem {
			return CheckMessage([]byte(`{"attachments":` + many(n, func(int) string { return `{}` }) + `}`))
		}, 100, Problem{"/attachments", "no more than 100 items allowed"}},
		{"modal", func(n int) []Problem {
			return CheckView([]byte(`{"type":"modal","title":` + plainText(1) + `,"blocks":` + many(n, divider) + `}`))
		}, 100, Problem{"/blocks", "no more than 100 items allowed"}},
		{"home", func(n int) []Problem { return CheckView([]byte(`{"type":"home","blocks":` + many(n, divider) + `}`)) }, 100, Problem{"/blocks", "no more than 100 items allowed"}},
	} {
		if got := test.check(test.most); len(got) != 0 {
			t.Errorf("%s of %d: got %v, want no problem", test.name, test.most, got)
		}
		if got := test.check(test.most + 1); !contains(got, test.want) {
			t.Errorf("%s of %d: got %v, want %v", test.name, test.most+1, got, test.want)
		}
	}
}

func TestMistakesAreNamedAndPointedAt(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       Problem
	}{
		{"not JSON", `{`, Problem{"", "must be valid JSON"}},
		{"two values", `[] []`, Problem{"", "must be one JSON value"}},
		{"a number", `3`, Problem{"", "must be a valid object"}},
		{"blocks not a list", `{"blocks":{}}`, Problem{"/blocks", "must be an array"}},
		{"block not an object", `[3]`, Problem{"/blocks/0", "must be a valid object"}},
		{"unknown block", `[{"type":"sektion"}]`, Problem{"/blocks/0/type", "unsupported type: sektion"}},
		{"no type", `[{}]`, Problem{"/blocks/0/type", "unsupported type: "}},
		{"unknown member", `[{"type":"divider","colour":"red"}]`, Problem{"/blocks/0", "invalid additional property: colour"}},
		{"member with a slash", `[{"type":"header","text":{"type":"plain_text","text":"x","a/b":1}}]`, Problem{"/blocks/0/text", "invalid additional property: a/b"}},
		{"empty section", `[{"type":"section"}]`, Problem{"/blocks/0", "missing required field: text or fields"}},
		{"empty text", `[{"type":"section","text":{"type":"mrkdwn","text":""}}]`, Problem{"/blocks/0/text/text", "must be more than 0 characters"}},
		{"text not a string", `[{"type":"section","text":{"type":"mrkdwn","text":7}}]`, Problem{"/blocks/0/text/text", "must provide a string"}},
		{"bare string as text", `[{"type":"section","text":"hello"}]`, Problem{"/blocks/0/text", "must be a valid object"}},
		{"mrkdwn header", `[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`, Problem{"/blocks/0/text/type", "must be one of: plain_text"}},
		{"emoji on mrkdwn", `[{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}]`, Problem{"/blocks/0/text", "invalid additional property: emoji"}},
		{"image without alt", `[{"type":"image","image_url":"https://x.test/i.png"}]`, Problem{"/blocks/0", "missing required field: alt_text"}},
		{"image without picture", `[{"type":"image","alt_text":"a"}]`, Problem{"/blocks/0", "must provide exactly one of image_url or slack_file"}},
		{"style", `[` + button(`"style":"green"`) + `]`, Problem{"/blocks/0/elements/0/style", "must be one of: primary, danger"}},
		{"confirm without text", `[` + button(`"confirm":{"title":`+plainText(1)+`,"confirm":`+plainText(1)+`,"deny":`+plainText(1)+`}`) + `]`, Problem{"/blocks/0/elements/0/confirm", "missing required field: text"}},
		{"twice block_id", `[{"type":"divider","block_id":"b"},{"type":"divider","block_id":"b"}]`, Problem{"/blocks/1/block_id", "block_id already exists: b"}},
		{"twice action_id", `[{"type":"actions","elements":[` + aButton(1) + `,` + aButton(1) + `]}]`, Problem{"/blocks/0/elements/1/action_id", "action_id already exists: a1"}},
		{"empty actions", `[{"type":"actions","elements":[]}]`, Problem{"/blocks/0/elements", "no fewer than 1 items allowed"}},
		{"button in context", `[{"type":"context","elements":[` + aButton(1) + `]}]`, Problem{"/blocks/0/elements/0/type", "must be one of: plain_text, mrkdwn"}},
		{"input outside input", `[{"type":"actions","elements":[{"type":"number_input","is_decimal_allowed":false}]}]`, Problem{"/blocks/0/elements/0/type", "unsupported type: number_input"}},
		{"number as a number", `[{"type":"input","label":` + plainText(1) + `,"element":{"type":"number_input","is_decimal_allowed":false,"min_value":1}}]`, Problem{"/blocks/0/element/min_value", "must provide a string"}},
		{"bounds crossed", `[{"type":"input","label":` + plainText(1) + `,"element":{"type":"number_input","is_decimal_allowed":false,"min_value":"9","max_value":"1"}}]`, Problem{"/blocks/0/element/min_value", "must be less than or equal to max_value"}},
		{"number without decimals flag", `[{"type":"input","label":` + plainText(1) + `,"element":{"type":"number_input"}}]`, Problem{"/blocks/0/element", "missing required field: is_decimal_allowed"}},
		{"options and groups", `[` + accessory(`"static_select"`) + `]`, Problem{"/blocks/0/accessory", "must provide exactly one of options or option_groups"}},
		{"alert in a message", `[{"type":"alert","text":` + plainText(1) + `}]`, Problem{"/blocks/0/type", "alert blocks are not available here"}},
		{"markdown together", `[{"type":"markdown","text":` + quoted(long(7000)) + `},{"type":"markdown","text":` + quoted(long(7000)) + `}]`, Problem{"/blocks/1/text", "markdown blocks must be less than 12001 characters together"}},
		{"third chart", `[` + strings.Repeat(lineChart(1, 1, 1, 1)+`,`, 2) + lineChart(1, 1, 1, 1) + `]`, Problem{"/blocks/2", "no more than 2 data_visualization blocks allowed"}},
		{"second table", `[` + tableOf(1, 1, 1) + `,` + tableOf(1, 1, 1) + `]`, Problem{"/blocks/1", "no more than 1 table blocks allowed"}},
		{"table text together", `[` + tableOf(10, 10, 101) + `]`, Problem{"/blocks/0", "cells must be less than 10001 characters together"}},
		{"a point too few", `[{"type":"data_visualization","title":"x","chart":{"type":"line","series":[{"name":"a","data":[{"label":"1","value":1}]}],"axis_config":{"categories":["1","2"]}}}]`, Problem{"/blocks/0/chart/series/0/data", "must have exactly one point for every category"}},
		{"a label twice", `[{"type":"data_visualization","title":"x","chart":{"type":"line","series":[{"name":"a","data":[{"label":"1","value":1}]}],"axis_config":{"categories":["1","1"]}}}]`, Problem{"/blocks/0/chart/axis_config/categories/1", "must be unique: 1"}},
		{"chart without a kind", `[{"type":"data_visualization","title":"x","chart":{}}]`, Problem{"/blocks/0/chart/type", "must be one of: line, bar, area, pie"}},
		{"rich text piece", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"txt"}]}]}]`, Problem{"/blocks/0/elements/0/elements/0/type", "unsupported type: txt"}},
		{"block in an attachment", `{"attachments":[{"color":"#a30200","blocks":[{"type":"divider"},{"type":"x"}]}]}`, Problem{"/attachments/0/blocks/1/type", "unsupported type: x"}},
		{"chart in a container", `[{"type":"container","title":` + plainText(1) + `,"child_blocks":[` + lineChart(1, 1, 1, 1) + `]}]`, Problem{"/blocks/0/child_blocks/0/type", "unsupported type: data_visualization"}},
		{"container without title", `[{"type":"container","child_blocks":[{"type":"divider"}]}]`, Problem{"/blocks/0", "missing required field: title or rich_text_title"}},
		{"divided and collapsible", `[{"type":"container","title":` + plainText(1) + `,"is_collapsible":true,"has_header_divider":true,"child_blocks":[{"type":"divider"}]}]`, Problem{"/blocks/0/has_header_divider", "is not available on collapsible containers"}},
		{"nested too deep", `[` + layout(layout(layout(`{"type":"divider"}`))) + `]`, Problem{"/blocks/0/rows/0/items/0/block/rows/0/items/0/block/rows/0/items/0/block", "containers and layouts may be nested 2 levels deep"}},
		{"block_id twice in depth", `[{"type":"divider","block_id":"b"},` + layout(`{"type":"divider","block_id":"b"}`) + `]`, Problem{"/blocks/1/rows/0/items/0/block/block_id", "block_id already exists: b"}},
		{"empty card", `[{"type":"card"}]`, Problem{"/blocks/0", "missing required field: title, body, hero_image or actions"}},
		{"strange task", `[{"type":"task_card","task_id":"t","title":"x","status":"lost"}]`, Problem{"/blocks/0/status", "must be one of: pending, in_progress, complete, error"}},
		{"file by id and address", `[{"type":"image","alt_text":"a","slack_file":{"id":"F1","url":"https://x.test"}}]`, Problem{"/blocks/0/slack_file", "must provide exactly one of id or url"}},
		{"flag not a boolean", `[{"type":"section","text":{"type":"mrkdwn","text":"x","verbatim":"yes"}}]`, Problem{"/blocks/0/text/verbatim", "must be a boolean"}},
		{"verbatim on plain text", `[{"type":"header","text":{"type":"plain_text","text":"x","verbatim":true}}]`, Problem{"/blocks/0/text", "invalid additional property: verbatim"}},
		{"value not a number", `[{"type":"data_visualization","title":"x","chart":{"type":"pie","segments":[{"label":"a","value":"1"}]}}]`, Problem{"/blocks/0/chart/segments/0/value", "must be a number"}},
		{"length not whole", `[` + input(`"label":`+plainText(1), `,"max_length":1.5`) + `]`, Problem{"/blocks/0/element/max_length", "must be an integer"}},
		{"length zero", `[` + input(`"label":`+plainText(1), `,"max_length":0`) + `]`, Problem{"/blocks/0/element/max_length", "must be greater than or equal to 1"}},
		{"number in words", `[{"type":"input","label":` + plainText(1) + `,"element":{"type":"number_input","is_decimal_allowed":false,"min_value":"one"}}]`, Problem{"/blocks/0/element/min_value", "must be a number in a string"}},
		{"list in a list", `[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_quote"}]}]}]`, Problem{"/blocks/0/elements/0/elements/0/type", "must be one of: rich_text_section"}},
		{"rich text without text", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":""}]}]}]`, Problem{"/blocks/0/elements/0/elements/0/text", "must be more than 0 characters"}},
		{"strange cell", `[{"type":"table","rows":[[{"type":"text"}]]}]`, Problem{"/blocks/0/rows/0/0/type", "must be one of: raw_text, raw_number, rich_text, action_cell"}},
		{"table without caption", `[{"type":"data_table","rows":[[null]]}]`, Problem{"/blocks/0", "missing required field: caption"}},
		{"file input among buttons", `[{"type":"actions","elements":[{"type":"file_input"}]}]`, Problem{"/blocks/0/elements/0/type", "unsupported type: file_input"}},
		{"collapsed but not collapsible", `[{"type":"container","title":` + plainText(1) + `,"default_collapsed":true,"child_blocks":[{"type":"divider"}]}]`, Problem{"/blocks/0/default_collapsed", "requires is_collapsible"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := CheckMessage([]byte(test.body)); !contains(got, test.want) {
				t.Errorf("got %v, want %v among them", got, test.want)
			}
		})
	}
}

func TestViews(t *testing.T) {
	modal := func(members string) string {
		return `{"type":"modal","title":` + plainText(24) + `,"blocks":[` + input(`"label":`+plainText(1), "") + `]` + members + `}`
	}
	for _, test := range []struct {
		name, view string
		want       *Problem
	}{
		{"good", modal(`,"submit":` + plainText(24) + `,"close":` + plainText(24) + `,"callback_id":"c","private_metadata":` + quoted(long(3000))), nil},
		{"alert in a modal", `{"type":"modal","title":` + plainText(1) + `,"blocks":[{"type":"alert","text":` + plainText(200) + `,"level":"warning"}]}`, nil},
		{"input needs submit", modal(``), &Problem{"", "missing required field: submit"}},
		{"long submit", modal(`,"submit":` + plainText(25)), &Problem{"/submit/text", "must be less than 25 characters"}},
		{"long metadata", modal(`,"submit":` + plainText(1) + `,"private_metadata":` + quoted(long(3001))), &Problem{"/private_metadata", "must be less than 3001 characters"}},
		{"no title", `{"type":"modal","blocks":[]}`, &Problem{"", "missing required field: title"}},
		{"long title", `{"type":"modal","title":` + plainText(25) + `,"blocks":[]}`, &Problem{"/title/text", "must be less than 25 characters"}},
		{"not a view", `[]`, &Problem{"", "must be a valid object"}},
		{"strange type", `{"type":"panel","title":` + plainText(1) + `,"blocks":[]}`, &Problem{"/type", "must be one of: modal, home"}},
		{"chart in a modal", `{"type":"modal","title":` + plainText(1) + `,"blocks":[` + lineChart(1, 1, 1, 1) + `]}`, &Problem{"/blocks/0/type", "data_visualization blocks are not available here"}},
		{"too large", `{"type":"home","blocks":[],"callback_id":"` + strings.Repeat("x", ViewBytes) + `"}`, &Problem{"", "must be less than 250001 bytes"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := CheckView([]byte(test.view))
			if test.want == nil && len(got) != 0 {
				t.Errorf("got %v, want no problem", got)
			}
			if test.want != nil && !contains(got, *test.want) {
				t.Errorf("got %v, want %v among them", got, *test.want)
			}
		})
	}
}

func TestReportsAreBounded(t *testing.T) {
	bad := many(50, func(int) string {
		return `{"type":"section","fields":` + many(10, func(int) string { return `7` }) + `}`
	})
	if got := len(CheckMessage([]byte(bad))); got != maxProblems {
		t.Errorf("got %d problems, want the first %d", got, maxProblems)
	}
}

func TestAProblemReadsAsSlackWritesIt(t *testing.T) {
	got := Problem{"/blocks/0/text/text", "must be less than 3001 characters"}.String()
	if want := "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFit(t *testing.T) {
	for _, test := range []struct {
		text string
		max  int
		want string
	}{
		{"", 5, ""}, {"hello", 5, "hello"}, {"hellos", 5, "hell…"}, {"ééééé", 5, "ééééé"}, {"éééééé", 5, "éééé…"},
		{"hello", 1, "…"}, {"hello", 0, ""}, {"hello", -1, ""}, {"日本語", 2, "日…"},
	} {
		if got := Fit(test.text, test.max); got != test.want {
			t.Errorf("Fit(%q, %d): got %q, want %q", test.text, test.max, got, test.want)
		}
	}
}

func FuzzFit(f *testing.F) {
	f.Add("日本語 text", 4)
	f.Add("a\xffb", 2)
	f.Fuzz(func(t *testing.T, text string, most int) {
		got := Fit(text, most)
		if n := utf8.RuneCountInString(got); n > max(most, 0) {
			t.Errorf("got %d characters, want at most %d", n, most)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("got %q, which is not UTF-8", got)
		}
		if prefix := strings.TrimSuffix(got, "…"); !strings.HasPrefix(text, prefix) {
			t.Errorf("got %q, which does not begin %q", got, text)
		}
	})
}

// FuzzCheck: whatever comes over the wire, the checks answer, in bounds, the same twice.
func FuzzCheck(f *testing.F) {
	for _, edge := range edges {
		f.Add([]byte(`{"blocks":[` + edge.block(1) + `]}`))
	}
	f.Add([]byte(`{"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[{"type":"layout","label":"l","rows":[{"items":[{"block":{"type":"divider"}}]}]}]}`))
	f.Add([]byte(`{"blocks":[null,{"type":"table","rows":[[null]]}],"attachments":[null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, check := range []func([]byte) []Problem{CheckMessage, CheckView} {
			first, second := check(body), check(body)
			if len(first) > maxProblems {
				t.Errorf("got %d problems, want at most %d", len(first), maxProblems)
			}
			if fmt.Sprint(first) != fmt.Sprint(second) {
				t.Errorf("got %v and then %v", first, second)
			}
		}
	})
}

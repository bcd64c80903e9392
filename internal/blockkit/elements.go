package blockkit

import (
	"encoding/json"
	"maps"
	"slices"
)

// elements says what each element looks like.
// Source: the pages under docs.slack.dev/reference/block-kit/block-elements.
var elements = map[string]shape{
	"button": action([]string{"text"}, map[string]rule{
		"text": plain(ButtonText), "value": str(1, ButtonValue), "url": str(1, URL),
		"style": oneOf("primary", "danger"), "confirm": confirm, "accessibility_label": str(1, Accessibility),
		"visible_to_user_ids": list(1, SelectOptions, str(1, ID)),
	}),
	"icon_button": action([]string{"text", "icon"}, map[string]rule{
		"text": plain(ButtonText), "icon": str(1, ID), "value": str(1, ButtonValue), "confirm": confirm,
		"accessibility_label": str(1, Accessibility), "visible_to_user_ids": list(1, SelectOptions, str(1, ID)),
	}),
	"workflow_button": action([]string{"text", "workflow"}, map[string]rule{
		"text": plain(ButtonText), "workflow": anything, "style": oneOf("primary", "danger"), "accessibility_label": str(1, Accessibility),
	}),
	"feedback_buttons": action([]string{"positive_button", "negative_button"}, map[string]rule{
		"positive_button": feedback, "negative_button": feedback,
	}),
	"overflow":      action([]string{"options"}, map[string]rule{"options": list(1, OverflowOptions, option(false, true)), "confirm": confirm}),
	"checkboxes":    choices("initial_options", list(1, ChoiceOptions, option(true, false))),
	"radio_buttons": choices("initial_option", option(true, false)),

	"static_select":              menu(static, map[string]rule{"initial_option": option(false, false)}),
	"multi_static_select":        menu(static, map[string]rule{"initial_options": list(1, SelectOptions, option(false, false)), "max_selected_items": whole(1, 1e6)}),
	"external_select":            menu(nil, map[string]rule{"initial_option": option(false, false), "min_query_length": whole(0, 1e6)}),
	"multi_external_select":      menu(nil, map[string]rule{"initial_options": list(1, SelectOptions, option(false, false)), "min_query_length": whole(0, 1e6), "max_selected_items": whole(1, 1e6)}),
	"users_select":               menu(nil, map[string]rule{"initial_user": str(1, ID)}),
	"multi_users_select":         menu(nil, map[string]rule{"initial_users": ids, "max_selected_items": whole(1, 1e6)}),
	"channels_select":            menu(nil, map[string]rule{"initial_channel": str(1, ID), "response_url_enabled": boolean}),
	"multi_channels_select":      menu(nil, map[string]rule{"initial_channels": ids, "max_selected_items": whole(1, 1e6)}),
	"conversations_select":       menu(nil, map[string]rule{"initial_conversation": str(1, ID), "default_to_current_conversation": boolean, "response_url_enabled": boolean, "filter": anything}),
	"multi_conversations_select": menu(nil, map[string]rule{"initial_conversations": ids, "default_to_current_conversation": boolean, "max_selected_items": whole(1, 1e6), "filter": anything}),

	"datepicker":     menu(nil, map[string]rule{"initial_date": str(10, 10)}),
	"timepicker":     menu(nil, map[string]rule{"initial_time": str(5, 5), "timezone": str(1, ID)}),
	"datetimepicker": menu(nil, map[string]rule{"initial_date_time": whole(1e9, 9_999_999_999)}),

	"plain_text_input": typed(map[string]rule{
		"initial_value": str(0, InputValue), "multiline": boolean, "min_length": whole(0, InputValue), "max_length": whole(1, InputValue),
	}),
	"number_input":     numberInput(),
	"email_text_input": typed(map[string]rule{"initial_value": str(0, InputValue)}),
	"url_text_input":   typed(map[string]rule{"initial_value": str(0, InputValue)}),
	"rich_text_input":  typed(map[string]rule{"initial_value": anything, "min_lines": whole(1, 1e3), "max_lines": whole(1, 1e3)}),
	"file_input":       action(nil, map[string]rule{"filetypes": list(0, SelectOptions, str(1, ID)), "max_files": whole(1, 10)}),

	"image": {need: []string{"alt_text"}, fields: map[string]rule{"image_url": str(1, URL), "slack_file": slackFile, "alt_text": str(1, AltText)}, also: onePicture},
}

// Which elements may stand where.
var (
	selects = []string{
		"static_select", "external_select", "users_select", "channels_select", "conversations_select",
		"multi_static_select", "multi_external_select", "multi_users_select", "multi_channels_select", "multi_conversations_select",
	}
	pickers = []string{"checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker"}

	inActions = slices.Concat(selects, pickers, []string{"button", "overflow", "workflow_button", "icon_button", "plain_text_input", "rich_text_input"})
	inSection = slices.Concat(selects, pickers, []string{"button", "overflow", "workflow_button", "image"})
	inInput   = slices.Concat(selects, pickers, []string{"plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input"})
)

var (
	ids    = list(1, SelectOptions, str(1, ID))
	static = map[string]rule{"options": list(1, SelectOptions, option(false, false)), "option_groups": list(1, SelectOptions, optionGroup)}
)

// element requires one of the named elements.
func element(allowed []string) rule {
	return func(w *walk, at string, v any) {
		m, ok := w.object(at, v)
		if !ok {
			return
		}
		kind, _ := m["type"].(string)
		if !slices.Contains(allowed, kind) {
			w.report(at+"/type", "unsupported type: %s", kind)
			return
		}
		elements[kind].check(w, at, m)
	}
}

// action is the shape of an interactive element: it may have an action_id, unique in its block.
func action(need []string, fields map[string]rule) shape {
	all := map[string]rule{"action_id": actionID, "focus_on_load": boolean}
	maps.Copy(all, fields)
	return shape{need: need, fields: all}
}

func actionID(w *walk, at string, v any) {
	str(1, ID)(w, at, v)
	id, _ := v.(string)
	if id != "" && w.actions[id] {
		w.report(at, "action_id already exists: %s", id)
	}
	w.actions[id] = true
}

// menu is an element that opens a list; options are what a static one needs.
func menu(options, fields map[string]rule) shape {
	s := action(nil, map[string]rule{"placeholder": plain(Placeholder), "confirm": confirm})
	maps.Copy(s.fields, options)
	maps.Copy(s.fields, fields)
	if options != nil {
		s.also = func(w *walk, at string, m map[string]any) {
			if (m["options"] == nil) == (m["option_groups"] == nil) {
				w.report(at, "must provide exactly one of options or option_groups")
			}
		}
	}
	return s
}

func choices(initial string, chosen rule) shape {
	return action([]string{"options"}, map[string]rule{
		"options": list(1, ChoiceOptions, option(true, false)), initial: chosen, "confirm": confirm,
	})
}

// typed is an element people type into.
func typed(fields map[string]rule) shape {
	s := action(nil, map[string]rule{"placeholder": plain(Placeholder), "dispatch_action_config": anything})
	maps.Copy(s.fields, fields)
	return s
}

// numberInput requires its bounds as strings, unlike everything else in Block Kit.
func numberInput() shape {
	s := typed(map[string]rule{
		"is_decimal_allowed": boolean, "initial_value": numeral, "min_value": numeral, "max_value": numeral,
	})
	s.need = []string{"is_decimal_allowed"}
	s.also = func(w *walk, at string, m map[string]any) {
		least, ok1 := asNumber(m["min_value"])
		most, ok2 := asNumber(m["max_value"])
		if ok1 && ok2 && least > most {
			w.report(at+"/min_value", "must be less than or equal to max_value")
		}
	}
	return s
}

func numeral(w *walk, at string, v any) {
	if _, ok := v.(string); !ok {
		w.report(at, "must provide a string")
	} else if _, ok := asNumber(v); !ok {
		w.report(at, "must be a number in a string")
	}
}

func asNumber(v any) (float64, bool) {
	s, _ := v.(string)
	f, err := json.Number(s).Float64()
	return f, err == nil
}

func feedback(w *walk, at string, v any) {
	shape{
		need:   []string{"text", "value"},
		fields: map[string]rule{"text": plain(ButtonText), "value": str(1, ButtonValue), "accessibility_label": str(1, Accessibility)},
	}.check(w, at, v)
}

func onePicture(w *walk, at string, m map[string]any) {
	if (m["image_url"] == nil) == (m["slack_file"] == nil) {
		w.report(at, "must provide exactly one of image_url or slack_file")
	}
}

package slackemu

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// given is what a person entered into an element: text, a number, the value of an option, a list
// of those, or an object in the shape of Slack's view state.
type given = any

// answered turns what a person entered into Slack's state of the element. The error is a sentence
// for the person.
func answered(element object, value given) (object, error) {
	kind, _ := element["type"].(string)
	state := object{"type": kind}
	value = unwrap(value)
	switch kind {
	case "static_select", "radio_buttons", "overflow", "external_select":
		option, err := chosen(element, value)
		state["selected_option"] = option
		return state, err
	case "checkboxes", "multi_static_select", "multi_external_select":
		options, err := chosenAll(element, value)
		state["selected_options"] = options
		return state, err
	case "button", "icon_button", "workflow_button":
		state["value"] = element["value"]
		return state, nil
	case "number_input":
		return state, numberIn(element, state, value)
	}
	if name, ok := singleFields[kind]; ok {
		state[name] = asText(value)
		return state, nil
	}
	if name, ok := listFields[kind]; ok {
		state[name] = asList(value)
		return state, nil
	}
	return state, textIn(element, state, value)
}

// The member of an element's state in which Slack puts the answer.
var (
	singleFields = map[string]string{
		"users_select": "selected_user", "channels_select": "selected_channel", "conversations_select": "selected_conversation",
		"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time",
	}
	listFields = map[string]string{
		"multi_users_select": "selected_users", "multi_channels_select": "selected_channels", "multi_conversations_select": "selected_conversations",
		"file_input": "files",
	}
)

// unwrap returns the answer inside an object in the shape of Slack's state.
func unwrap(value given) given {
	m, ok := value.(object)
	if !ok {
		return value
	}
	for _, name := range []string{
		"selected_option", "selected_options", "value", "selected_user", "selected_channel", "selected_conversation", "selected_date",
		"selected_time", "selected_date_time", "selected_users", "selected_channels", "selected_conversations",
	} {
		if inner, ok := m[name]; ok {
			return unwrap(inner)
		}
	}
	return nil
}

// chosen finds an option of an element by its value.
func chosen(element object, value given) (given, error) {
	want := asText(value)
	if want == nil {
		return nil, nil
	}
	for _, option := range options(element) {
		if option["value"] == want {
			return option, nil
		}
	}
	if element["type"] == "external_select" {
		return object{"text": object{"type": "plain_text", "text": want}, "value": want}, nil
	}
	return nil, fmt.Errorf("there is no option %v", want)
}

func chosenAll(element object, value given) ([]given, error) {
	found := []given{}
	for _, one := range asList(value) {
		option, err := chosen(element, unwrap(one))
		if err != nil {
			return nil, err
		}
		found = append(found, option)
	}
	return found, nil
}

// options lists the options of an element, also those in groups.
func options(element object) []object {
	var found []object
	list, _ := element["options"].([]any)
	groups, _ := element["option_groups"].([]any)
	for _, group := range groups {
		if g, ok := group.(object); ok {
			more, _ := g["options"].([]any)
			list = append(list, more...)
		}
	}
	for _, one := range list {
		if option, ok := one.(object); ok {
			found = append(found, option)
		}
	}
	return found
}

// asText is a value as text, or nil if nothing was entered.
func asText(value given) any {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		data, err := json.Marshal(v)
		if err != nil {
			return nil
		}
		return string(data)
	}
}

func asList(value given) []given {
	if list, ok := value.([]any); ok {
		return list
	}
	if asText(value) == nil {
		return nil
	}
	return []given{value}
}

// numberIn checks a number as Slack's client does before it sends anything.
func numberIn(element, state object, value given) error {
	text := asText(value)
	state["value"] = text
	if text == nil {
		return nil
	}
	n, err := strconv.ParseFloat(text.(string), 64)
	if err != nil {
		return fmt.Errorf("please enter a number")
	}
	if whole, ok := element["is_decimal_allowed"].(bool); ok && !whole && n != float64(int64(n)) {
		return fmt.Errorf("please enter a whole number")
	}
	if least, err := strconv.ParseFloat(asString(element["min_value"]), 64); err == nil && n < least {
		return fmt.Errorf("please enter a number of %v or more", element["min_value"])
	}
	if most, err := strconv.ParseFloat(asString(element["max_value"]), 64); err == nil && n > most {
		return fmt.Errorf("please enter a number of %v or less", element["max_value"])
	}
	return nil
}

func asString(v any) string { s, _ := v.(string); return s }

func textIn(element, state object, value given) error {
	text := asText(value)
	state["value"] = text
	if text == nil {
		return nil
	}
	n := float64(utf8.RuneCountInString(text.(string)))
	if least, ok := element["min_length"].(float64); ok && n < least {
		return fmt.Errorf("please enter %v characters or more", least)
	}
	if most, ok := element["max_length"].(float64); ok && n > most {
		return fmt.Errorf("please enter %v characters or less", most)
	}
	return nil
}

// emptyState tells whether nothing was entered into an element.
func emptyState(state object) bool {
	for name, value := range state {
		if list, ok := value.([]given); ok && len(list) == 0 {
			continue
		}
		if name != "type" && value != nil {
			return false
		}
	}
	return true
}

// initial is what an element holds before anybody touches it.
func initial(element object) given {
	for _, name := range []string{
		"initial_value", "initial_option", "initial_options", "initial_date", "initial_time", "initial_date_time", "initial_user", "initial_users",
		"initial_channel", "initial_channels", "initial_conversation", "initial_conversations",
	} {
		if value, ok := element[name]; ok {
			return value
		}
	}
	return nil
}

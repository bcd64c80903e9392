package slackemu

import (
	"encoding/json"
	"fmt"
)

// part is an interactive element of a message or view, with the block it is in.
type part struct {
	blockID string
	element object
	input   bool // the element of an input block.
	block   object
}

// parts lists every element with an action_id, in order, at any depth: accessory, actions,
// containers, cards, attachments.
func parts(blocks json.RawMessage) []part {
	var value any
	if json.Unmarshal(blocks, &value) != nil {
		return nil
	}
	var found []part
	gather(value, part{}, &found)
	return found
}

func gather(value any, inside part, found *[]part) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			gather(item, inside, found)
		}
	case object:
		if id, ok := v["block_id"].(string); ok {
			inside = part{blockID: id, block: v, input: v["type"] == "input"}
		}
		if id, ok := v["action_id"].(string); ok && id != "" {
			*found = append(*found, part{blockID: inside.blockID, block: inside.block, input: inside.input, element: v})
			return
		}
		for _, name := range []string{"accessory", "element", "elements", "actions", "child_blocks", "rows", "items", "block", "blocks", "tasks"} {
			gather(v[name], inside, found)
		}
	}
}

// actionTypes are the elements that get an action_id if the app sent none.
var actionTypes = map[string]bool{
	"button": true, "icon_button": true, "workflow_button": true, "feedback_buttons": true, "overflow": true, "checkboxes": true, "radio_buttons": true,
	"static_select": true, "external_select": true, "users_select": true, "channels_select": true, "conversations_select": true,
	"multi_static_select": true, "multi_external_select": true, "multi_users_select": true, "multi_channels_select": true, "multi_conversations_select": true,
	"datepicker": true, "timepicker": true, "datetimepicker": true, "plain_text_input": true, "number_input": true, "email_text_input": true,
	"url_text_input": true, "rich_text_input": true, "file_input": true,
}

// identify gives every block a block_id and every interactive element an action_id, as
// Slack does when it stores a message.
func (s *Server) identify(blocks json.RawMessage) json.RawMessage {
	var list []any
	if json.Unmarshal(blocks, &list) != nil {
		return blocks
	}
	s.identifyBlocks(list)
	stored, err := json.Marshal(list)
	if err != nil {
		return blocks
	}
	return stored
}

func (s *Server) identifyBlocks(list []any) {
	for _, item := range list {
		if block, ok := item.(object); ok {
			if id, _ := block["block_id"].(string); id == "" {
				block["block_id"] = s.shortID()
			}
			s.identifyElements(block)
		}
	}
}

func (s *Server) identifyElements(value any) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			s.identifyElements(item)
		}
	case object:
		if kind, _ := v["type"].(string); actionTypes[kind] && v["action_id"] == nil {
			v["action_id"] = s.shortID()
		}
		if children, ok := v["child_blocks"].([]any); ok {
			s.identifyBlocks(children)
		}
		for _, name := range []string{"accessory", "element", "elements", "actions", "rows", "items", "block"} {
			s.identifyElements(v[name])
		}
	}
}

// shortID is unique in this emulator, and short like Slack's generated ids.
func (s *Server) shortID() string {
	s.ids++
	return fmt.Sprintf("b%04x", s.ids)
}

package blockkit

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Problem is one reason why Slack would refuse a message or view.
type Problem struct {
	Pointer string // JSON pointer to the offending value, such as "/blocks/0/text/text".
	Message string // what is wrong, in Slack's manner: "must be less than 3001 characters".
}

// String is the problem as Slack writes it into errors and response_metadata.messages.
func (p Problem) String() string {
	return fmt.Sprintf("%s [json-pointer:%s]", p.Message, p.Pointer)
}

// maxProblems bounds what one check reports; people only read the first few.
const maxProblems = 50

// CheckMessage checks the JSON of a message, an object with "text", "blocks" and "attachments"
// (it ignores other members), or of a bare array of blocks. It returns nothing if Slack would
// accept it.
func CheckMessage(body []byte) []Problem {
	value, problem := decode(body)
	if problem != nil {
		return []Problem{*problem}
	}
	w := newWalk(message)
	switch v := value.(type) {
	case []any:
		w.blockList("/blocks", v, MessageBlocks)
	case map[string]any:
		w.message(v)
	default:
		w.report("", "must be a valid object")
	}
	return w.problems
}

// CheckView checks the JSON of a modal or home tab as passed to views.open. It returns nothing if
// Slack would accept it.
func CheckView(body []byte) []Problem {
	value, problem := decode(body)
	if problem != nil {
		return []Problem{*problem}
	}
	view, ok := value.(map[string]any)
	if !ok {
		return []Problem{{Message: "must be a valid object"}}
	}
	return checkView(view, len(body))
}

func decode(body []byte) (any, *Problem) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, &Problem{Message: "must be valid JSON"}
	}
	if decoder.More() {
		return nil, &Problem{Message: "must be one JSON value"}
	}
	return value, nil
}

// message checks the parts of a message that Block Kit has rules for.
func (w *walk) message(m map[string]any) {
	if text, ok := m["text"]; ok && text != nil {
		str(0, MessageText)(w, "/text", text)
	}
	if blocks, ok := m["blocks"]; ok && blocks != nil {
		w.blockList("/blocks", blocks, MessageBlocks)
	}
	if attachments, ok := m["attachments"]; ok && attachments != nil {
		list(0, Attachments, attachment)(w, "/attachments", attachments)
	}
}

// attachment checks the blocks of a legacy attachment. Its other members have no published
// limits.
func attachment(w *walk, at string, v any) {
	m, ok := w.object(at, v)
	if !ok {
		return
	}
	if blocks, ok := m["blocks"]; ok && blocks != nil {
		w.blockList(at+"/blocks", blocks, MessageBlocks)
	}
}

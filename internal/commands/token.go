package commands

import "strings"

// token is one word or one quoted text.
type token struct {
	// text is what it says, raw what was typed, quotes included.
	text, raw string
	quoted    bool
	// option is the option that is joined to a quoted value: the --reason= of --reason="too
	// slow".
	option string
}

// scan cuts clean text into tokens. A quote counts only where a word begins, so that
// don't and 5" stay words. ok is false when a double quote is not closed.
func scan(text string) (tokens []token, ok bool) {
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		var t token
		if t, text, ok = next(text); !ok {
			return nil, false
		}
		tokens = append(tokens, t)
	}
	return tokens, true
}

// next cuts off the first token.
func next(text string) (t token, rest string, ok bool) {
	end := strings.IndexByte(text, ' ')
	if end < 0 {
		end = len(text)
	}
	head := text[:end]
	before := 0
	if cut := strings.IndexByte(head, '='); cut >= 0 && strings.HasPrefix(dashed(head), "--") {
		before = cut + 1
	}
	if body, size := quotedText(text[before:]); size > 0 {
		size += before
		return token{text: body, raw: text[:size], quoted: true, option: text[:before]}, text[size:], true
	}
	if strings.HasPrefix(text[before:], `"`) {
		return token{}, "", false
	}
	return token{text: head, raw: head}, text[end:], true
}

// quotedText reads a quoted text at the beginning and returns what it says and how
// many bytes it takes; 0 when there is none. Inside double quotes a backslash keeps
// the next quote or backslash.
func quotedText(text string) (body string, size int) {
	if text == "" || text[0] != '"' && text[0] != '\'' {
		return "", 0
	}
	quote := text[0]
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote == '"' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
			b.WriteByte(text[i])
		case c == quote && (quote == '"' || i+1 == len(text) || text[i+1] == ' '):
			return strings.TrimSpace(b.String()), i + 1
		default:
			b.WriteByte(c)
		}
	}
	return "", 0
}

// quoteText puts the text in double quotes, so that scan returns the same text.
func quoteText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

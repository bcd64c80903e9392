package commands

import (
	"regexp"
	"strings"
	"unicode"
)

// chatToken is a chat server's own markup for links, people, channels and groups.
var chatToken = regexp.MustCompile(`<([@#!]|https?://|mailto:|tel:)([^<>|]*)(?:\|([^<>]*))?>`)

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// clean makes plain text of what a chat client sends. Markup for links and people becomes the
// words that people saw, typographic quotes and spaces become plain ones, and invisible
// characters are dropped. Lines are joined, and runs of spaces become one. Cleaning clean text
// changes nothing: clean repeats until a pass finds nothing more, and every pass but the last
// makes the text shorter.
func clean(text string) string {
	for {
		plain := chatToken.ReplaceAllStringFunc(text, spoken)
		plain = strings.Map(plainRune, entities.Replace(plain))
		plain = strings.Join(strings.Fields(plain), " ")
		if plain == text {
			return text
		}
		text = plain
	}
}

// spoken is what a chat token looks like on the screen.
func spoken(token string) string {
	m := chatToken.FindStringSubmatch(token)
	kind, id, label := m[1], m[2], m[3]
	switch kind {
	case "@", "#":
		if label == "" {
			label = id
		}
		return kind + strings.TrimLeft(label, "@#")
	case "!":
		if label == "" {
			label = id
		}
		return "@" + strings.TrimLeft(label, "@")
	case "mailto:", "tel:":
		if label == "" {
			label = id
		}
		return label
	default:
		if label == "" {
			label = kind + id
		}
		return label
	}
}

// plainRune maps typographic runes to the plain ones that people meant. It drops invisible ones.
func plainRune(r rune) rune {
	switch r {
	case '\u201c', '\u201d', '\u201e', '\u201f', '\u00ab', '\u00bb', '\u2033', '\uff02':
		return '"'
	case '\u2018', '\u2019', '\u201a', '\u201b', '\u2032', '\uff07':
		return '\''
	case '\u2010', '\u2011', '\u2212', '\ufe63', '\uff0d':
		return '-'
	case '\uff0b':
		return '+'
	case '\u00a0', '\u202f', '\u2028', '\u2029':
		return ' '
	}
	switch {
	case unicode.IsSpace(r) || unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
		// Zero-width and bidirectional marks are among the format characters.
		return -1
	}
	return r
}

// word is the plain form of one word of a command: small letters, without formatting, punctuation
// or the scheme of a link that a chat client added.
func word(text string) string {
	text = dashed(strings.ToLower(strings.Trim(text, "`")))
	for _, scheme := range []string{"http://", "https://"} {
		text = strings.TrimPrefix(text, scheme)
	}
	if bare := strings.TrimRight(text, "?!.,;:/"); bare != "" {
		return bare
	}
	return text
}

// dashed undoes the dashes that phones and editors make: "—reason" was typed as
// "--reason", and "–1" as "-1".
func dashed(text string) string {
	rest := strings.TrimLeft(text, "-\u2013\u2014")
	dashes := text[:len(text)-len(rest)]
	switch {
	case !strings.ContainsAny(dashes, "\u2013\u2014"):
	case rest == "" || rest[0] >= '0' && rest[0] <= '9':
		text = "-" + rest
	default:
		text = "--" + rest
	}
	return strings.ReplaceAll(text, "\u2013", "-")
}

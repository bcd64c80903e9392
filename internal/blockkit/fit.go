package blockkit

import "unicode/utf8"

// Fit shortens text to at most max characters. A text that was cut ends in "…", which counts as
// one. A max of zero or less gives an empty text. Each byte that is not UTF-8 counts as one
// character.
func Fit(text string, max int) string {
	if max <= 0 {
		return ""
	}
	if len(text) <= max || utf8.RuneCountInString(text) <= max {
		return text
	}
	end := 0
	for range max - 1 {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return text[:end] + "…"
}

package blockkit

import "unicode/utf8"

// Fit shortens text to at most max characters. Text that was cut ends in "…", which
// counts; a max of zero or less gives nothing. Bytes that are not UTF-8 count one each.
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

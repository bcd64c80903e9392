package runbook

import "strings"

// longestWord is the length in characters up to which words are compared.
const longestWord = 64

// Closest is the word nearest to the given one if it is near enough to be a typing mistake,
// otherwise empty. The first of equally near words is returned.
func Closest(word string, words []string) string {
	typed := []rune(strings.ToLower(word))
	if len(typed) == 0 || len(typed) > longestWord {
		return ""
	}
	best, least := "", 0
	for _, candidate := range words {
		meant := []rune(strings.ToLower(candidate))
		if len(meant) > longestWord {
			continue
		}
		d := edits(typed, meant)
		if d <= slips(max(len(typed), len(meant))) && (best == "" || d < least) {
			best, least = candidate, d
		}
	}
	return best
}

// slips is how many edits a word of the given length may be away: none for words of
// one or two letters, where everything is near everything.
func slips(length int) int {
	switch {
	case length <= 2:
		return 0
	case length <= 5:
		return 1
	case length <= 9:
		return 2
	default:
		return 3
	}
}

// edits is the Damerau-Levenshtein distance in its optimal string alignment form:
// insertions, deletions, replacements and swaps of neighbours.
func edits(a, b []rune) int {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range now {
		now[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, now = last, now, before
		now[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
	}
	return now[len(b)]
}

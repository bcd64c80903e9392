package scale

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FirstOf is the first text that is not empty.
func FirstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// Named is the name, or a placeholder where there is none.
func Named(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
}

// AppendUnlessEmpty adds a text to the list where there is one.
func AppendUnlessEmpty(words []string, word string) []string {
	if word == "" {
		return words
	}
	return AppendNew(words, word)
}

// AppendNew adds a text that the list does not have yet.
func AppendNew(words []string, word string) []string {
	if slices.Contains(words, word) {
		return words
	}
	return append(words, word)
}

// CeilDiv is a/b rounded up, for a positive b; zero where a is not positive.
func CeilDiv[N int | int64](a, b N) N {
	if a <= 0 {
		return 0
	}
	return (a + b - 1) / b
}

// Number reads a whole number from the environment of the pods.
func Number(env map[string]string, name string) (int, bool) {
	n, err := strconv.Atoi(env[name])
	return n, err == nil
}

// IsAre is the verb that goes with a count, with a blank before it.
func IsAre(n int) string { return " " + Verb(n, "is", "are") }

// Of prints "2 of 24 partitions".
func Of(n, all int, noun string) string {
	return fmt.Sprintf("%d of %s", n, Several(all, noun))
}

// Several prints a count with its noun: "1 partition", "24 partitions".
func Several(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(int64(n)) + " " + noun + "s"
}

// Verb is the form of a verb for that many.
func Verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Whole prints a float as a whole number with separators.
func Whole(v float64) string { return Count(int64(math.Round(v))) }

// Seconds prints seconds for people: "5.1 s", and of less than one two digits: "0.09 s".
func Seconds(v float64) string {
	if v > 0 && v < 0.95 {
		return strconv.FormatFloat(v, 'g', 2, 64) + " s"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " s"
}

// BesidePercent prints a share so that it never looks like the limit beside it when it is
// another number: 80.4 % beside 80 %, not 80 % beside 80 %.
func BesidePercent(share, limit float64) string {
	text := Percent(share)
	printed, err := strconv.ParseFloat(strings.TrimSuffix(text, " %"), 64)
	if share == limit || err != nil || math.Abs(printed-limit*100) > 1e-9 {
		return text
	}
	return apart(share*100, limit*100) + " %"
}

// BesideSeconds does the same for seconds: 5.001 s beside 5.0 s.
func BesideSeconds(value, limit float64) string {
	if text := Seconds(value); value == limit || text != Seconds(limit) {
		return text
	}
	return apart(value, limit) + " s"
}

// BesideWhole does the same for what is counted: 999.6 beside 1,000.
func BesideWhole(value, limit float64) string {
	if value == limit || math.Round(value) != math.Round(limit) {
		return Whole(value)
	}
	return apart(value, limit)
}

// apart prints a number with at least one digit, and with no more than distinguish it from the
// other.
func apart(value, other float64) string {
	for digits := 1; digits < 16; digits++ {
		text := strconv.FormatFloat(value, 'f', digits, 64)
		if value == other || text != strconv.FormatFloat(other, 'f', digits, 64) {
			return text
		}
	}
	return strconv.FormatFloat(value, 'f', -1, 64)
}

// Within prints how soon to act.
func Within(d time.Duration) string {
	if d <= 0 {
		return "now"
	}
	return "within " + Span(d)
}

// From says where a reading comes from and how old it is: "Kafka, 5 s old".
func From[T any](r Reading[T], now time.Time) string {
	switch {
	case r.Source == "" && r.At.IsZero():
		return ""
	case r.At.IsZero():
		return r.Source
	case r.Source == "":
		return age(r.Age(now))
	}
	return r.Source + ", " + age(r.Age(now))
}

func age(d time.Duration) string {
	if d < time.Second {
		return "just now"
	}
	return Span(d) + " old"
}

// List joins words for people: "a, b and c". Beyond the limit it says how many more.
func List(words []string, limit int) string {
	if len(words) > limit {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:limit], ", "), len(words)-limit)
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Listed joins all the words for people: "a, b and c"; empty for none.
func Listed(words []string) string { return List(words, len(words)) }

// Range prints a range of counts: "6–12", or "6" when both ends are equal.
func Range(low, high int) string {
	if low == high {
		return strconv.Itoa(low)
	}
	return fmt.Sprintf("%d–%d", low, high)
}

// capital makes the first letter of an ASCII sentence a capital one.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// ClauseOf drops the full stop of a sentence from outside, so that it fits into a sentence of the
// bot.
func ClauseOf(sentence string) string { return strings.TrimRight(sentence, ". ") }

// Headed gives a clause a capital letter at the start. A name at the start, such as
// "download-worker-3" or "p95", keeps its spelling.
func Headed(clause string) string {
	if first, _, _ := strings.Cut(clause, " "); !strings.ContainsAny(first, "-_.0123456789") {
		return capital(clause)
	}
	return clause
}

// Sentence makes a clause a sentence: a capital letter at the start and exactly one mark at the
// end, whether or not the clause had one.
func Sentence(clause string) string {
	if clause = strings.TrimSpace(clause); clause == "" {
		return ""
	}
	clause = Headed(clause)
	if !strings.HasSuffix(clause, ".") && !strings.HasSuffix(clause, "?") && !strings.HasSuffix(clause, "!") {
		clause += "."
	}
	return clause
}

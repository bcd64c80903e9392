package runbook

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// scalar is the text of a key's plain value; ok is false when it is absent or is a
// list or mapping.
func (s *section) scalar(key, want string) (text string, ok bool) {
	v := s.value(key)
	if v == nil {
		return "", false
	}
	if v.Kind != yaml.ScalarNode {
		s.wrong(key, "found "+describe(v)+", want "+want)
		return "", false
	}
	return strings.TrimSpace(v.Value), true
}

// read passes a key's plain value to parse and reports the mistake that parse returns.
func (s *section) read(key, want string, parse func(text string) bool) {
	if text, ok := s.scalar(key, want); ok && !parse(text) {
		s.wrong(key, "found "+quote(text)+", want "+want)
	}
}

// text reads words for people of at most the given number of characters.
func (s *section) text(key string, into *string, most int) {
	s.read(key, fmt.Sprintf("1 to %d characters on one line", most), func(text string) bool {
		return set(into, text, lineOf(text, most))
	})
}

// named reads a name of a fixed form.
func (s *section) named(key string, into *string, form *regexp.Regexp, want string) {
	s.read(key, want, func(text string) bool { return set(into, text, form.MatchString(text)) })
}

// choice reads one of the allowed words.
func (s *section) choice(key string, into *string, allowed ...string) {
	want := strings.Join(allowed, ", ")
	if len(allowed) > 1 {
		want = "one of " + want
	}
	s.read(key, want, func(text string) bool {
		return set(into, text, slices.Contains(allowed, text))
	})
}

func (s *section) flag(key string) bool {
	var yes bool
	s.read(key, "true or false", func(text string) bool {
		yes = text == "true"
		return yes || text == "false"
	})
	return yes
}

// toggle reads true or false; an absent key leaves it as it is.
func (s *section) toggle(key string, into *bool) {
	if yes := s.flag(key); s.has(key) {
		*into = yes
	}
}

// count reads a whole number between low and high.
func (s *section) count(key string, into *int, low, high int) {
	want := fmt.Sprintf("a whole number from %d to %d", low, high)
	s.read(key, want, func(text string) bool {
		n, ok := parseNumber(text)
		return set(into, int(n), ok && n == math.Trunc(n) && n >= float64(low) && n <= float64(high))
	})
}

// amount reads a number from low to high.
func (s *section) amount(key string, into *float64, low, high float64) {
	want := fmt.Sprintf("a number from %s to %s", plain(low), plain(high))
	if high == mostMessages {
		want = fmt.Sprintf("a number of at least %s", plain(low))
	}
	s.read(key, want, func(text string) bool {
		n, ok := parseNumber(text)
		return set(into, n, ok && n >= low && n <= high)
	})
}

// share reads a percentage above 0 % and at most high.
func (s *section) share(key string, into *float64, high float64) {
	want := fmt.Sprintf("a percentage above 0%% and up to %s%%, such as 80%%", plain(high*100))
	s.read(key, want, func(text string) bool {
		share, ok := parseShare(text)
		return set(into, share, ok && share > 0 && share <= high)
	})
}

// length reads a duration between low and high.
func (s *section) length(key string, into *time.Duration, low, high time.Duration) {
	s.read(key, lengthWanted(low, high), func(text string) bool {
		d, ok := parseLength(text)
		return set(into, d, ok && d >= low && d <= high)
	})
}

// seconds reads a duration into seconds.
func (s *section) seconds(key string, into *float64, low, high time.Duration) {
	d := time.Duration(*into * float64(time.Second))
	if s.length(key, &d, low, high); s.has(key) {
		*into = d.Seconds()
	}
}

// words reads a list of words that each satisfy ok.
func (s *section) words(key string, into *[]string, want string, ok func(string) bool) {
	items, found := s.items(key)
	if !found {
		return
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		word := resolve(item)
		text := strings.TrimSpace(word.Value)
		if word.Kind != yaml.ScalarNode || isNull(word) || !ok(text) {
			s.fail(item, s.at(key), "found "+describe(item)+", want "+want)
			continue
		}
		if slices.Contains(list, text) {
			s.fail(item, s.at(key), quote(text)+" is listed twice")
			continue
		}
		list = append(list, text)
	}
	*into = list
}

// lengths reads a list of durations, each longer than the one before.
func (s *section) lengths(key string, into *[]time.Duration, low, high time.Duration) {
	items, found := s.items(key)
	if !found {
		return
	}
	list := make([]time.Duration, 0, len(items))
	for _, item := range items {
		d, ok := parseLength(resolve(item).Value)
		switch {
		case !ok || d < low || d > high:
			s.fail(item, s.at(key), "found "+describe(item)+", want "+lengthWanted(low, high))
		case len(list) > 0 && d <= list[len(list)-1]:
			s.fail(item, s.at(key), fmt.Sprintf("found %s after %s, want them ascending", short(d), short(list[len(list)-1])))
		default:
			list = append(list, d)
		}
	}
	*into = list
}

func lengthWanted(low, high time.Duration) string {
	return fmt.Sprintf("a duration with its unit from %s to %s, such as 90s, 5m or 1h30m", short(low), short(high))
}

// set stores the value when it is valid and reports whether it was.
func set[T any](into *T, value T, good bool) bool {
	if good {
		*into = value
	}
	return good
}

// numberForm has no leading zeros: some YAML parsers take 010 for eight.
var numberForm = regexp.MustCompile(`^(?:0|[1-9][0-9]*)(\.[0-9]+)?$|^[1-9][0-9]{0,2}([_,][0-9]{3})+$`)

// parseNumber reads 10000, 10_000, 10,000 and 1.2. Signs, exponents and infinities
// are no numbers a runbook needs.
func parseNumber(text string) (float64, bool) {
	if !numberForm.MatchString(text) {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.NewReplacer("_", "", ",", "").Replace(text), 64)
	return n, err == nil
}

// parseShare reads "80%", "80 %" and "0.8". A bare 1 or 80 is refused: 1 could mean 1 % or 100 %.
func parseShare(text string) (float64, bool) {
	if number, ok := strings.CutSuffix(text, "%"); ok {
		n, ok := parseNumber(strings.TrimSpace(number))
		return n / 100, ok
	}
	n, ok := parseNumber(text)
	return n, ok && n < 1
}

// parseLength reads "90s", "5m", "1h30m" and "0"; a bare number has no unit.
func parseLength(text string) (time.Duration, bool) {
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	return d, err == nil && d >= 0
}

// short prints a duration the way it is written in the file: 1h30m, not 1h30m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// lineOf reports whether the text is one visible line of at most the given length.
func lineOf(text string, most int) bool {
	return text != "" && len([]rune(text)) <= most && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

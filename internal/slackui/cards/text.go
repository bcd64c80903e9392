package cards

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/scale"
)

// The longest foreign texts worth showing, in characters.
const (
	MaxReason = 300
	MaxWords  = 900
	MaxName   = 80
)

var special = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "'")

// Words escapes a text for mrkdwn: no mentions, links, code spans, line breaks, control or
// direction characters, and at most limit characters before escaping. The bot's own sentences
// are escaped too, because they quote pod events, reasons and names.
func Words(s string, limit int) string {
	return special.Replace(blockkit.Fit(oneLine(s), limit))
}

// lines is Words for a text that keeps its line breaks.
func lines(s string, limit int) string {
	parts := strings.Split(s, "\n")
	for i, part := range parts {
		parts[i] = oneLine(part)
	}
	return special.Replace(blockkit.Fit(strings.Join(parts, "\n"), limit))
}

// Plain is Words for plain_text objects, in which Slack interprets nothing.
func Plain(s string, limit int) string { return blockkit.Fit(oneLine(s), limit) }

// oneLine replaces white space by single spaces and drops what is invisible or changes
// the direction of writing.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// code puts a text into a code span, and removes what could end the span early.
func code(s string, limit int) string {
	if s = Words(s, limit); s == "" {
		return ""
	}
	return "`" + s + "`"
}

// Quoted puts what a person wrote into quotation marks.
func Quoted(s string) string {
	if s = Words(s, MaxReason); s == "" {
		return ""
	}
	return "“" + s + "”"
}

// UserID matches the id of a person in Slack.
var UserID = regexp.MustCompile(`^[UW][A-Z0-9]{2,20}$`)

// Person is a mention by id; Slack shows that person's present name.
func Person(p scale.Person) string {
	switch {
	case UserID.MatchString(p.ID):
		return "<@" + p.ID + ">"
	case p.Name != "":
		return Words(p.Name, MaxName)
	case p.ID != "":
		return Words(p.ID, MaxName)
	default:
		return "scalebot"
	}
}

// Called is a person's name for the fallback text, in which Slack may not replace an id by a
// name.
func Called(p scale.Person) string {
	if p.Name != "" {
		return Words(p.Name, MaxName)
	}
	return Person(p)
}

// plural counts things: "1 member", "3 members".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return scale.Count(int64(n)) + " " + thing + "s"
}

// clockTime is a moment in the reader's own time zone, and in UTC for those who see
// only the text.
func clockTime(t time.Time) string { return date(t, "{time}", "15:04 UTC") }

// dayTime is clockTime with the day, for what may have happened long ago.
func dayTime(t time.Time) string { return date(t, "{date_short_pretty} {time}", "2 Jan 15:04 UTC") }

func date(t time.Time, token, layout string) string {
	return fmt.Sprintf("<!date^%d^%s|%s>", t.Unix(), token, t.UTC().Format(layout))
}

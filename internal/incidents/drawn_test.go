package incidents_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

// Slack's markup as people see it: a mention is a name, a date its text, bold is not seen.
var (
	mention = regexp.MustCompile(`<@(U0[A-Z]+)>`)
	date    = regexp.MustCompile(`<!date\^[^|>]*\|([^>]*)>`)
	seen    = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "*", "")
)

func asSeen(text string) string {
	text = date.ReplaceAllString(text, "$1")
	text = mention.ReplaceAllStringFunc(text, func(m string) string { return "@" + names[m[2:len(m)-1]] })
	return aboutAfter(seen.Replace(text))
}

// took is how long something took.
var took = regexp.MustCompile(`\b(after (?:about )?|gone )(\d+) s\b`)

// exact is how exact that is in a story: whether the bot sees a pod or a lag in this second or
// in one of the next is not part of it.
const exact = 30

func aboutAfter(text string) string {
	return took.ReplaceAllStringFunc(text, func(m string) string {
		part := took.FindStringSubmatch(m)
		n, _ := strconv.Atoi(part[2])
		if n < exact {
			return fmt.Sprintf("%sunder %d s", part[1], exact)
		}
		return fmt.Sprintf("%s%d s", part[1], n/exact*exact)
	})
}

var names = map[string]string{slackuitest.Ana.ID: "Ana", slackuitest.Ben.ID: "Ben", slackuitest.Carl.ID: "Carl"}

// drawn is a message line by line as it stands in the channel.
func drawn(l cards.Content) []string {
	data, err := json.Marshal(l.Blocks)
	if err != nil {
		panic(fmt.Sprintf("a look that cannot be sent: %v", err))
	}
	var blocks []map[string]any
	if err := json.Unmarshal(data, &blocks); err != nil {
		panic(fmt.Sprintf("a look that is no list of blocks: %v", err))
	}
	if len(blocks) == 0 {
		return strings.Split(asSeen(l.Text), "\n")
	}
	var lines []string
	for _, b := range blocks {
		lines = append(lines, block(b)...)
	}
	return lines
}

// block is one block of a message.
func block(b map[string]any) []string {
	switch b["type"] {
	case "divider":
		return []string{"----"}
	case "actions":
		var labels []string
		for _, e := range b["elements"].([]any) {
			labels = append(labels, "["+label(e.(map[string]any))+"]")
		}
		return []string{strings.Join(labels, " ")}
	}
	var lines []string
	for _, text := range texts(b) {
		for line := range strings.SplitSeq(asSeen(text), "\n") {
			if strings.TrimSpace(line) != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func label(e map[string]any) string {
	if found := texts(e); len(found) > 0 {
		return found[0]
	}
	return fmt.Sprint(e["type"])
}

// texts are the texts of a block or element in the order people read them.
func texts(v any) []string {
	var all []string
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			all = append(all, texts(one)...)
		}
	case map[string]any:
		if text, ok := v["text"].(string); ok {
			return []string{text}
		}
		for _, key := range []string{"text", "title", "fields", "elements", "rows", "placeholder", "accessory"} {
			all = append(all, texts(v[key])...)
		}
	}
	return all
}

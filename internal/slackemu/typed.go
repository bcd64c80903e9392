package slackemu

import (
	"regexp"
	"strings"
)

// How Slack converts typed text before an app gets it.
// Source: docs.slack.dev/messaging/formatting-message-text and
// /interactivity/implementing-slash-commands (should_escape).
// /interactivity/implementing-slash-commands (should_escape).
var (
	escaped   = regexp.MustCompile(`<(?:[@#!][^<>\s]+|(?:https?|mailto):[^<>\s]+)>`)
	linkable  = regexp.MustCompile(`\bhttps?://[^\s<>]+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev)\b(?:/[^\s<>]*)?`)
	nameTyped = regexp.MustCompile(`(?:^|[^\w&])[@#][\w.-]*\w`) // with the character before it, to exclude mail addresses
)

// escape converts typed text to what an app gets: names become ids, addresses become links, and
// the three reserved characters become entities. Text that is already in Slack's form remains.
// The caller holds the lock.
func (s *Server) escape(text string, labels bool) string {
	var b strings.Builder
	for {
		at := escaped.FindStringIndex(text)
		if at == nil {
			b.WriteString(s.escapePlain(text, labels))
			return b.String()
		}
		b.WriteString(s.escapePlain(text[:at[0]], labels))
		b.WriteString(text[at[0]:at[1]])
		text = text[at[1]:]
	}
}

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (s *Server) escapePlain(text string, labels bool) string {
	text = entities.Replace(text)
	text = linkable.ReplaceAllStringFunc(text, func(address string) string {
		if strings.HasPrefix(address, "http") {
			return "<" + address + ">"
		}
		return "<http://" + address + "|" + address + ">"
	})
	return nameTyped.ReplaceAllStringFunc(text, func(found string) string {
		at := strings.IndexAny(found, "@#")
		return found[:at] + s.mention(found[at:], labels)
	})
}

// mention is the id form of "@ana" or "#general"; an unknown name remains text.
func (s *Server) mention(name string, labels bool) string {
	label := ""
	if labels {
		label = "|" + name[1:]
	}
	if name[0] == '#' {
		for _, c := range s.channels {
			if c.Name == name[1:] {
				return "<#" + c.ID + "|" + c.Name + ">"
			}
		}
		return name
	}
	for _, u := range s.users {
		if u.Name == name[1:] {
			return "<@" + u.ID + label + ">"
		}
	}
	for _, g := range s.groups {
		if g.Handle == name[1:] {
			return "<!subteam^" + g.ID + "|@" + g.Handle + ">"
		}
	}
	return name
}

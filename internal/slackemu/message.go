package slackemu

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// post is a message in Slack's shape.
type post struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype,omitempty"`
	TS          string          `json:"ts"`
	User        string          `json:"user,omitempty"`
	Team        string          `json:"team,omitempty"`
	BotID       string          `json:"bot_id,omitempty"`
	AppID       string          `json:"app_id,omitempty"`
	Text        string          `json:"text"`
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Attachments json.RawMessage `json:"attachments,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Files       json.RawMessage `json:"files,omitempty"`
	ThreadTS    string          `json:"thread_ts,omitempty"`
	ParentUser  string          `json:"parent_user_id,omitempty"`
	ReplyCount  int             `json:"reply_count,omitempty"`
	ReplyUsers  []string        `json:"reply_users,omitempty"`
	ReplyUsersN int             `json:"reply_users_count,omitempty"`
	LatestReply string          `json:"latest_reply,omitempty"`
	Broadcast   bool            `json:"reply_broadcast,omitempty"`
	Edited      *edit           `json:"edited,omitempty"`
	Reactions   []reaction      `json:"reactions,omitempty"`
	PinnedTo    []string        `json:"pinned_to,omitempty"`
	Ephemeral   bool            `json:"is_ephemeral,omitempty"`
	onlyFor     string          // whom an ephemeral message is shown to.
}

type edit struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

type reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

// maxMessages bounds the memory of one channel; the oldest are forgotten first.
const maxMessages = 2_000

// conversation is a channel with what was said in it, oldest first.
type conversation struct {
	Channel
	posts  []*post
	lastTS int64 // microseconds.
}

// stamp returns the next message timestamp: the time in microseconds, unique in a channel.
func (c *conversation) stamp(now time.Time) string {
	c.lastTS = max(c.lastTS+1, now.UnixMicro())
	return fmt.Sprintf("%d.%06d", c.lastTS/1e6, c.lastTS%1e6)
}

// add appends a message and updates the counts of its thread.
func (c *conversation) add(now time.Time, p *post) {
	p.Type, p.TS = "message", c.stamp(now)
	c.posts = append(c.posts, p)
	if len(c.posts) > maxMessages {
		c.posts = slices.Delete(c.posts, 0, len(c.posts)-maxMessages)
	}
	if parent := c.find(p.ThreadTS); parent != nil && !p.Ephemeral {
		parent.addReply(p)
		p.ParentUser = parent.User
	}
}

func (p *post) addReply(reply *post) {
	p.ThreadTS = p.TS
	p.ReplyCount++
	p.LatestReply = reply.TS
	if !slices.Contains(p.ReplyUsers, reply.User) {
		p.ReplyUsers = append(p.ReplyUsers, reply.User)
		p.ReplyUsersN = len(p.ReplyUsers)
	}
}

// find returns the message that everybody sees at ts, or nil.
func (c *conversation) find(ts string) *post { return c.findFor(ts, "") }

// findFor returns the message that a user sees at ts, which may be one that only they see, or
// nil.
func (c *conversation) findFor(ts, user string) *post {
	for _, p := range c.posts {
		if ts != "" && p.TS == ts && (p.onlyFor == "" || p.onlyFor == user) {
			return p
		}
	}
	return nil
}

// root returns the timestamp of the thread that a reply to ts belongs to. It is empty if there is
// no such message, and then Slack posts the reply outside of any thread.
func (c *conversation) root(ts string) string {
	p := c.find(ts)
	switch {
	case p == nil:
		return ""
	case p.ThreadTS != "":
		return p.ThreadTS
	default:
		return p.TS
	}
}

// remove deletes a message. A parent with replies leaves a tombstone, as in Slack.
func (c *conversation) remove(p *post) {
	if p.ReplyCount > 0 {
		*p = post{
			Type: "message", Subtype: "tombstone", TS: p.TS, User: "USLACKBOT", Text: "This message was deleted.", ThreadTS: p.TS,
			ReplyCount: p.ReplyCount, ReplyUsers: p.ReplyUsers, ReplyUsersN: p.ReplyUsersN, LatestReply: p.LatestReply,
		}
		return
	}
	c.posts = slices.DeleteFunc(c.posts, func(q *post) bool { return q == p })
	if parent := c.find(p.ThreadTS); parent != nil && !p.Ephemeral {
		c.recount(parent)
	}
}

// recount updates a parent's counts after one of its replies was removed.
func (c *conversation) recount(parent *post) {
	parent.ReplyCount, parent.ReplyUsers, parent.ReplyUsersN, parent.LatestReply = 0, nil, 0, ""
	for _, p := range c.posts {
		if p != parent && p.ThreadTS == parent.TS && !p.Ephemeral {
			parent.addReply(p)
		}
	}
	if parent.ReplyCount == 0 {
		parent.ThreadTS = ""
	}
}

// visible is a copy of the message for reading, without its metadata unless wanted.
func (p *post) visible(metadata bool) post {
	shown := *p
	if !metadata {
		shown.Metadata = nil
	}
	shown.ReplyUsers = slices.Clone(p.ReplyUsers)
	shown.Reactions = slices.Clone(p.Reactions)
	return shown
}

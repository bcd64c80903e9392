package slackemu

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scalebot/scalebot/internal/blockkit"
)

// channelFor finds the channel of a call by id or by name. The lock is held.
func (s *Server) channelFor(id string) (*conversation, error) {
	if c, ok := s.channels[id]; ok {
		return c, nil
	}
	for _, c := range s.channels {
		if c.Name != "" && c.Name == strings.TrimPrefix(id, "#") {
			return c, nil
		}
	}
	return nil, refuse("channel_not_found")
}

// postable finds a channel that the bot may write in. A user's id means the direct message with
// that user. The caller holds the lock.
func (s *Server) postable(id string) (*conversation, error) {
	if u, ok := s.user(id); ok {
		return s.direct(u)
	}
	c, err := s.channelFor(id)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains(c.Members, s.app.BotUser) && c.Private:
		return nil, refuse("channel_not_found")
	case !slices.Contains(c.Members, s.app.BotUser):
		return nil, refuse("not_in_channel")
	case c.Archived:
		return nil, refuse("is_archived")
	}
	return c, nil
}

// direct opens the direct message between the bot and a user.
func (s *Server) direct(u User) (*conversation, error) {
	if u.Deactivated || u.Bot {
		return nil, refuse("user_disabled")
	}
	id := "D" + u.ID[1:]
	if s.channels[id] == nil {
		s.channels[id] = &conversation{Channel: Channel{ID: id, Members: []string{u.ID, s.app.BotUser}}}
	}
	return s.channels[id], nil
}

// fromBot is a message by the app.
func (s *Server) fromBot(c content) *post {
	return &post{
		User: s.app.BotUser, BotID: s.app.BotID, AppID: s.app.ID, Team: s.team.ID,
		Text: c.text, Blocks: c.blocks, Attachments: c.attachments, Metadata: c.metadata,
	}
}

func (s *Server) postMessage(c *call) (object, error) {
	where, err := s.postable(c.args["channel"])
	if err != nil {
		return nil, err
	}
	message, err := s.readContent(c.args)
	if err != nil {
		return nil, err
	}
	if message.empty() {
		return nil, refuse("no_text")
	}
	p := s.fromBot(message)
	p.ThreadTS = where.root(c.args["thread_ts"])
	p.Broadcast = p.ThreadTS != "" && c.args.flag("reply_broadcast")
	s.post(where, p)
	return object{"channel": where.ID, "ts": p.TS, "message": p.visible(true)}, nil
}

func (s *Server) postEphemeral(c *call) (object, error) {
	where, err := s.postable(c.args["channel"])
	if err != nil {
		return nil, err
	}
	if user := c.args["user"]; !slices.Contains(where.Members, user) || s.users[user].Deactivated {
		return nil, refuse("user_not_in_channel")
	}
	if utf8.RuneCountInString(c.args["text"]) > blockkit.MessageText {
		return nil, refuse("msg_too_long")
	}
	message, err := s.readContent(c.args)
	if err != nil {
		return nil, err
	}
	if message.empty() {
		return nil, refuse("no_text")
	}
	p := s.whisper(where, c.args["user"], s.fromBot(message), where.root(c.args["thread_ts"]))
	return object{"message_ts": p.TS}, nil
}

// whisper adds a message that only one user sees. The caller holds the lock.
func (s *Server) whisper(where *conversation, user string, p *post, thread string) *post {
	p.Ephemeral, p.onlyFor, p.ThreadTS = true, user, thread
	return s.post(where, p)
}

func (s *Server) updateMessage(c *call) (object, error) {
	where, err := s.postable(c.args["channel"])
	if err != nil {
		return nil, err
	}
	p, err := s.ownMessage(where, c.args["ts"], "cant_update_message")
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(c.args["text"]) > blockkit.MessageText {
		return nil, refuse("msg_too_long")
	}
	message, err := s.readContent(c.args)
	if err != nil {
		return nil, err
	}
	if !message.hasText && !message.hasBlocks && !message.hasAttach && !message.hasMetadata {
		return nil, refuse("no_text")
	}
	message.changeOf(p)
	p.Edited = &edit{User: s.app.BotUser, TS: where.stamp(s.clock.Now())}
	s.changed()
	return object{"channel": where.ID, "ts": p.TS, "text": p.Text, "message": p.visible(true)}, nil
}

// changeOf edits a message. Text without blocks removes the old blocks; a part that the edit does
// not mention remains.
func (c content) changeOf(p *post) {
	if c.hasText {
		p.Text = c.text
	}
	if c.hasText || c.hasBlocks {
		p.Blocks = c.blocks
	}
	if c.hasAttach {
		p.Attachments = c.attachments
	}
	if c.hasMetadata {
		p.Metadata = c.metadata
	}
}

// ownMessage finds a message the app may change. An ephemeral one is not found: it can
// only be changed by response_url.
func (s *Server) ownMessage(where *conversation, ts, denied string) (*post, error) {
	p := where.find(ts)
	switch {
	case p == nil || p.Subtype == "tombstone":
		return nil, refuse("message_not_found")
	case p.BotID != s.app.BotID:
		return nil, refuse(denied)
	}
	return p, nil
}

func (s *Server) deleteMessage(c *call) (object, error) {
	where, err := s.channelFor(c.args["channel"])
	if err != nil {
		return nil, err
	}
	p, err := s.ownMessage(where, c.args["ts"], "cant_delete_message")
	if err != nil {
		return nil, err
	}
	where.remove(p)
	s.changed()
	return object{"channel": where.ID, "ts": c.args["ts"]}, nil
}

func (s *Server) permalink(c *call) (object, error) {
	where, err := s.channelFor(c.args["channel"])
	if err != nil {
		return nil, err
	}
	p := where.find(c.args["message_ts"])
	if p == nil {
		return nil, refuse("message_not_found")
	}
	link := c.base + "/archives/" + where.ID + "/p" + strings.Replace(p.TS, ".", "", 1)
	if p.ThreadTS != "" && p.ThreadTS != p.TS {
		link += "?thread_ts=" + p.ThreadTS + "&cid=" + where.ID
	}
	return object{"channel": where.ID, "permalink": link}, nil
}

func (s *Server) blocksValidate(c *call) (object, error) {
	if c.args.raw("blocks") == nil {
		return nil, refuse("no_blocks")
	}
	return object{}, s.checkBlocks(c.args.raw("blocks"), nil)
}

package slackui

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// lookupMargin is taken off the time a message may have been posted at, because
	// Slack's clock stamps it and not ours. It costs little: what is looked for is
	// among the newest messages, which come first.
	lookupMargin = 10 * time.Minute
	// lookupPages and lookupPage bound how far a lookup reads: 2,000 messages.
	lookupPages = 10
	lookupPage  = 200
)

// find looks for a message of ours by its metadata, in the thread or the channel it
// was meant for. It returns false when it is certainly not there.
func (c *Client) find(ctx context.Context, m message) (scale.MessageRef, bool, error) {
	cursor := ""
	for range lookupPages {
		messages, next, err := c.page(ctx, m, cursor)
		if slackCode(err) == "thread_not_found" || slackCode(err) == "message_not_found" {
			return scale.MessageRef{}, false, nil
		}
		if err != nil {
			return scale.MessageRef{}, false, err
		}
		for _, found := range messages {
			if c.ours(found) && m.key.marks(found) && found.Timestamp != m.except {
				return landed(m.channel, found.Timestamp, m.thread, found), true, nil
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return scale.MessageRef{}, false, nil
}

// ours reports whether the bot wrote the message: metadata alone could be anybody's.
func (c *Client) ours(m slack.Message) bool {
	self := c.Self()
	return (m.BotID != "" && m.BotID == self.Bot) || (m.User != "" && m.User == self.User)
}

func (c *Client) page(ctx context.Context, m message, cursor string) (messages []slack.Message, next string, err error) {
	if m.thread != "" {
		// A thread is short, so it is read as a whole and no clock can mislead.
		err = c.read(ctx, "conversations.replies", "looking for an earlier post", func(ctx context.Context) (err error) {
			messages, _, next, err = c.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: m.channel, Timestamp: m.thread, Cursor: cursor, Limit: lookupPage, IncludeAllMetadata: true,
			})
			return err
		})
		return messages, next, err
	}
	oldest := ""
	if !m.since.IsZero() {
		oldest = fmt.Sprintf("%d.000000", m.since.Add(-lookupMargin).Unix())
	}
	err = c.read(ctx, "conversations.history", "looking for an earlier post", func(ctx context.Context) error {
		answer, err := c.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: m.channel, Oldest: oldest, Cursor: cursor, Limit: lookupPage, IncludeAllMetadata: true,
		})
		if err == nil {
			messages, next = answer.Messages, answer.ResponseMetaData.NextCursor
		}
		return err
	})
	return messages, next, err
}

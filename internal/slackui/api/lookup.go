package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// PlainlyNot reports whether a field is missing, null or false. Any other value may mean true.
func PlainlyNot(member json.RawMessage) bool {
	return slices.Contains([]string{"", "null", "false"}, string(member))
}

const (
	// LookupMargin is subtracted from the earliest time at which a message can have been posted,
	// because Slack's clock and not the bot's stamps messages. It costs little: the newest
	// messages come first, and the wanted one is among them.
	LookupMargin = 10 * time.Minute
	// lookupPages and lookupPage bound how far a lookup reads: 2,000 messages.
	lookupPages = 10
	lookupPage  = 200
)

// Find looks for a message of the bot by its metadata, in its thread or channel. It returns
// false only when the message is certainly not there.
func (c *Client) Find(ctx context.Context, m Message) (scale.MessageRef, bool, error) {
	cursor := ""
	for range lookupPages {
		messages, next, err := c.page(ctx, m, cursor)
		if SlackCode(err) == "thread_not_found" || SlackCode(err) == "message_not_found" {
			return scale.MessageRef{}, false, nil
		}
		if err != nil {
			return scale.MessageRef{}, false, err
		}
		for _, found := range messages {
			if c.Ours(found) && m.Key.marks(found) && found.TS != "" && found.TS != m.Except {
				return landed(m.Channel, found.TS, m.Thread, found), true, nil
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return scale.MessageRef{}, false, nil
}

// Ours reports whether the bot wrote the message: anybody can write the same metadata.
func (c *Client) Ours(m Noted) bool {
	self := c.Self()
	return (m.Bot != "" && m.Bot == self.Bot) || (m.User != "" && m.User == self.User)
}

// page reads one page of the messages among which m would be. cursor is that of the next page,
// empty at the end.
func (c *Client) page(ctx context.Context, m Message, cursor string) (messages []Noted, next string, err error) {
	method := "conversations.history"
	args := url.Values{"channel": {m.Channel}, "limit": {strconv.Itoa(lookupPage)}, "include_all_metadata": {"true"}}
	switch {
	case m.Thread != "":
		// A thread is short. It is read as a whole, so that a difference between clocks does not
		// matter.
		method = "conversations.replies"
		args.Set("ts", m.Thread)
	case !m.Since.IsZero():
		args.Set("oldest", fmt.Sprintf("%d.000000", m.Since.Add(-LookupMargin).Unix()))
	}
	if cursor != "" {
		args.Set("cursor", cursor)
	}
	err = c.Read(ctx, method, "looking for an earlier post", func(ctx context.Context) (err error) {
		messages, next, err = c.listed(ctx, method, args)
		return err
	})
	return messages, next, err
}

// listed decodes a page message by message, so that an undecodable message of another app does
// not hide the bot's. A page that is not a list, or does not say where the next one begins, is an
// error: it does not prove that the message does not exist.
func (c *Client) listed(ctx context.Context, method string, args url.Values) ([]Noted, string, error) {
	var body json.RawMessage
	if _, err := c.Ask(ctx, method, args, &body); err != nil {
		return nil, "", err
	}
	var answer struct {
		Messages []json.RawMessage `json:"messages"`
		More     json.RawMessage   `json:"has_more"`
		Metadata struct {
			Next string `json:"next_cursor"`
		} `json:"response_metadata"`
	}
	switch err := Glean(body, &answer); {
	case err != nil || answer.Messages == nil:
		return nil, "", fmt.Errorf("%w: it lists no messages", ErrNoAnswer)
	case !PlainlyNot(answer.More) && answer.Metadata.Next == "":
		return nil, "", fmt.Errorf("%w: there are more messages, and it does not say where", ErrNoAnswer)
	}
	messages := make([]Noted, 0, len(answer.Messages))
	for _, raw := range answer.Messages {
		var m Noted
		if Glean(raw, &m) == nil {
			messages = append(messages, m)
		}
	}
	return messages, answer.Metadata.Next, nil
}

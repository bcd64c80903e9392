package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// eventType marks our messages in their metadata.
const eventType = "scalebot"

// Key identifies one message: its operation or episode, and the step. It travels as message
// metadata, which everybody in the workspace can read, so it contains ids only.
type Key struct{ Operation, Step string }

// Metadata is the key in the form that Slack stores with a message.
func (k Key) Metadata() slack.SlackMetadata {
	return slack.SlackMetadata{EventType: eventType, EventPayload: map[string]any{"operation": k.Operation, "step": k.Step}}
}

func (k Key) marks(m Noted) bool {
	payload := m.Metadata.Payload
	return m.Metadata.Type == eventType && payload["operation"] == k.Operation && payload["step"] == k.Step
}

// Noted holds the fields that the bot reads of a message in Slack: where it is, who wrote it, and
// its metadata. Messages of other apps may contain anything, so nothing else is decoded.
type Noted struct {
	TS       string `json:"ts"`
	Thread   string `json:"thread_ts"`
	User     string `json:"user"`
	Bot      string `json:"bot_id"`
	Metadata struct {
		Type    string         `json:"event_type"`
		Payload map[string]any `json:"event_payload"`
	} `json:"metadata"`
}

// Message is one message with its variants, the richest first. When Slack refuses one, the next
// one is sent.
type Message struct {
	Key      Key
	Channel  string
	Thread   string
	Variants []cards.Content
	// Since is a time before which the message cannot have been posted. except is another message
	// with the same key, to be ignored. Both are for finding the message in the channel.
	Since  time.Time
	Except string
}

// Sent is where a message ended up and how.
type Sent struct {
	Ref scale.MessageRef
	// Variant is the index of the variant that Slack accepted. found says that the message
	// existed already.
	Variant int
	Found   bool
}

// WithFallback returns a content and the same content without blocks.
func WithFallback(l cards.Content) []cards.Content { return []cards.Content{l, l.Bare()} }

// marked returns the arguments of a message with its key.
func marked(k Key, l cards.Content) (url.Values, error) {
	args, err := l.Args()
	if err != nil {
		return nil, err
	}
	mark, err := json.Marshal(k.Metadata())
	if err != nil {
		return nil, fmt.Errorf("writing the mark of a message: %w", err)
	}
	args.Set("metadata", string(mark))
	return args, nil
}

// post sends a new message once.
func (c *Client) post(ctx context.Context, m Message, l cards.Content) (scale.MessageRef, error) {
	args, err := marked(m.Key, l)
	if err != nil {
		return scale.MessageRef{}, err
	}
	args.Set("channel", m.Channel)
	if m.Thread != "" {
		args.Set("thread_ts", m.Thread)
	}
	var ref scale.MessageRef
	err = c.write(ctx, "chat.postMessage", "posting to "+m.Channel, func(ctx context.Context) (err error) {
		ref, err = c.postRef(ctx, args)
		return err
	})
	if err == nil {
		c.Count.Add(func(s *Stats) { s.Posts++ })
	}
	return ref, err
}

// postRef posts a message and reads where it is. When the answer does not say so, the outcome is
// unknown.
func (c *Client) postRef(ctx context.Context, args url.Values) (scale.MessageRef, error) {
	var answer struct {
		Channel string          `json:"channel"`
		TS      string          `json:"ts"`
		Message json.RawMessage `json:"message"`
	}
	if _, err := c.Ask(ctx, "chat.postMessage", args, &answer); err != nil {
		return scale.MessageRef{}, err
	}
	if answer.TS == "" {
		return scale.MessageRef{}, fmt.Errorf("%w: it does not say where the message is", ErrNoAnswer)
	}
	var posted Noted
	_ = Glean(answer.Message, &posted)
	return landed(cmp.Or(answer.Channel, args.Get("channel")), answer.TS, args.Get("thread_ts"), posted), nil
}

// landed is where a reply is. If the parent was deleted, Slack may post it in the channel.
func landed(channel, ts, thread string, posted Noted) scale.MessageRef {
	if posted.TS != "" {
		thread = posted.Thread
	}
	if thread == ts {
		thread = ""
	}
	return scale.MessageRef{Channel: channel, TS: ts, Thread: thread}
}

// edit changes what a message says. Repeating it does no harm.
func (c *Client) edit(ctx context.Context, ref scale.MessageRef, k Key, l cards.Content) error {
	args, err := marked(k, l)
	if err != nil {
		return err
	}
	args.Set("channel", ref.Channel)
	args.Set("ts", ref.TS)
	err = c.Read(ctx, "chat.update", "editing a message in "+ref.Channel, func(ctx context.Context) error {
		_, err := c.Ask(ctx, "chat.update", args, nil)
		return err
	})
	if err == nil {
		c.Count.Add(func(s *Stats) { s.Edits++ })
	}
	return err
}

// Fingerprint is equal for equal contents of a message.
func (m Message) Fingerprint() [sha256.Size]byte {
	data, err := json.Marshal(m.Variants)
	if err != nil {
		data = []byte(err.Error())
	}
	return sha256.Sum256(data)
}

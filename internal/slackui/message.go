package slackui

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
)

// eventType marks our messages in their metadata.
const eventType = "scalebot"

// key names one message of the story: of which operation or episode, and which step.
// It travels as message metadata, which everybody in the workspace can read, so it
// holds ids only.
type key struct{ operation, step string }

func (k key) metadata() slack.SlackMetadata {
	return slack.SlackMetadata{EventType: eventType, EventPayload: map[string]any{"operation": k.operation, "step": k.step}}
}

func (k key) marks(m noted) bool {
	payload := m.Metadata.Payload
	return m.Metadata.Type == eventType && payload["operation"] == k.operation && payload["step"] == k.step
}

// noted is what the bot reads of a message in Slack: where it is, who wrote it, and its
// metadata. Messages of other apps may contain anything, so nothing else is decoded.
type noted struct {
	TS       string `json:"ts"`
	Thread   string `json:"thread_ts"`
	User     string `json:"user"`
	Bot      string `json:"bot_id"`
	Metadata struct {
		Type    string         `json:"event_type"`
		Payload map[string]any `json:"event_payload"`
	} `json:"metadata"`
}

// message is one message with its looks, the richest first. When Slack refuses a look, the next
// one is sent.
type message struct {
	key     key
	channel string
	thread  string
	looks   []Look
	// since is a time before which it cannot have been posted. except is a message with the
	// same key that is not meant. Both are for finding it in the channel.
	since  time.Time
	except string
}

// sent is where a message ended up and how.
type sent struct {
	ref scale.MessageRef
	// look is the index of the look that Slack accepted; found says that the message was there
	// already.
	look  int
	found bool
}

// looksOf are a look and its bare fallback.
func looksOf(l Look) []Look { return []Look{l, l.bare()} }

// args are the arguments of the call. An edit without blocks has to remove the old ones; an
// empty list does that, and leaving the argument out may not.
func (l Look) args() (url.Values, error) {
	blocks, err := json.Marshal(append([]slack.Block{}, l.Blocks...))
	if err != nil {
		return nil, fmt.Errorf("writing the blocks of a message: %w", err)
	}
	return url.Values{"text": {l.Text}, "blocks": {string(blocks)}, "unfurl_links": {"false"}, "unfurl_media": {"false"}}, nil
}

// marked are the arguments of a message that carries its key.
func marked(k key, l Look) (url.Values, error) {
	args, err := l.args()
	if err != nil {
		return nil, err
	}
	mark, err := json.Marshal(k.metadata())
	if err != nil {
		return nil, fmt.Errorf("writing the mark of a message: %w", err)
	}
	args.Set("metadata", string(mark))
	return args, nil
}

// post sends a new message once.
func (c *Client) post(ctx context.Context, m message, l Look) (scale.MessageRef, error) {
	args, err := marked(m.key, l)
	if err != nil {
		return scale.MessageRef{}, err
	}
	args.Set("channel", m.channel)
	if m.thread != "" {
		args.Set("thread_ts", m.thread)
	}
	var ref scale.MessageRef
	err = c.write(ctx, "chat.postMessage", "posting to "+m.channel, func(ctx context.Context) (err error) {
		ref, err = c.place(ctx, args)
		return err
	})
	if err == nil {
		c.count.add(func(s *Stats) { s.Posts++ })
	}
	return ref, err
}

// place posts a message and reads where it is. When the answer does not say so, the outcome is
// unknown.
func (c *Client) place(ctx context.Context, args url.Values) (scale.MessageRef, error) {
	var answer struct {
		Channel string          `json:"channel"`
		TS      string          `json:"ts"`
		Message json.RawMessage `json:"message"`
	}
	if _, err := c.ask(ctx, "chat.postMessage", args, &answer); err != nil {
		return scale.MessageRef{}, err
	}
	if answer.TS == "" {
		return scale.MessageRef{}, fmt.Errorf("%w: it does not say where the message is", errNoAnswer)
	}
	var posted noted
	_ = glean(answer.Message, &posted)
	return landed(cmp.Or(answer.Channel, args.Get("channel")), answer.TS, args.Get("thread_ts"), posted), nil
}

// landed is where a reply is: when the parent was deleted, Slack may post it in the channel.
func landed(channel, ts, thread string, posted noted) scale.MessageRef {
	if posted.TS != "" {
		thread = posted.Thread
	}
	if thread == ts {
		thread = ""
	}
	return scale.MessageRef{Channel: channel, TS: ts, Thread: thread}
}

// edit changes how a message looks. Repeating it does no harm.
func (c *Client) edit(ctx context.Context, ref scale.MessageRef, k key, l Look) error {
	args, err := marked(k, l)
	if err != nil {
		return err
	}
	args.Set("channel", ref.Channel)
	args.Set("ts", ref.TS)
	err = c.read(ctx, "chat.update", "editing a message in "+ref.Channel, func(ctx context.Context) error {
		_, err := c.ask(ctx, "chat.update", args, nil)
		return err
	})
	if err == nil {
		c.count.add(func(s *Stats) { s.Edits++ })
	}
	return err
}
